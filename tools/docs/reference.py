"""Writes docs/reference.md: every command, parameter, output, route, event, alarm, key, tag and make target.

``make reference`` runs it. The content comes from the code, the template and the Makefile.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import yaml

from local.stack.toolchain import ROOT
from tests.packaging.cloudformation import filled_in, template
from tests.packaging.test_operations import anchor_of
from token_refresher.credential.fields import FIELDS
from token_refresher.credential.status import Status
from token_refresher.entrypoints.metrics import ALARMED, DIMENSIONS, Metric
from token_refresher.registry.open_alert import Event
from tools.docs import cost, providers
from tools.docs.command_line import COMMANDS, GROUP, Option, exit_codes, options
from tools.docs.secret_words import KEYS, STATUSES, TAGS, WRITERS, tags

PATH: Final = ROOT / "docs" / "reference.md"
TEMPLATE: Final = template()
SHARED: Final = ("stack", "profile", "region")
"""The options that select the installation; every command has them."""


def targets() -> dict[str, str]:
    """Return the make targets that have a description."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def routes() -> dict[str, str]:
    """Return the routes of the template, with their summaries in docs/api.yaml."""
    paths: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "api.yaml").read_text("utf-8"))["paths"]
    found = {}
    for resource in TEMPLATE["Resources"].values():
        if resource["Type"] == "AWS::ApiGatewayV2::Route":
            method, path = str(resource["Properties"]["RouteKey"]).split()
            path = path.replace("+}", "}")
            found[f"{method} {path}"] = str(paths[path][method.lower()]["summary"])
    return found


def alarms() -> dict[str, str]:
    """Return the alarms by their anchors in the runbook, with their descriptions."""
    return {
        anchor_of(name): filled_in(resource["Properties"]["AlarmDescription"]["Fn::Sub"]).partition(" First, ")[0]
        for name, resource in TEMPLATE["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def variables() -> dict[str, str]:
    """Return the environment variables of the command."""
    of_options = {
        parameter.envvar: str(parameter.help)
        for command in [GROUP, *COMMANDS.values()]
        for parameter in command.params
        if parameter.envvar
    }
    return {
        **of_options,
        "AWS_PROFILE": "A profile, as in the AWS CLI; every other variable of the AWS CLI works as well.",
        "AWS_REGION": "A Region.",
        "NO_COLOR": "No colour, also on a screen.",
    }


def render() -> str:
    """Return the whole page."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Written by `make reference` from the code, the template and the Makefile. Do not edit it here."
    yield from _the_command()
    yield from _the_stack()
    yield from _the_secret()
    yield from _the_messages()
    yield "## Make targets"
    yield ""
    yield from _table(("target", "does"), ((f"`make {name}`", text) for name, text in targets().items()))


def _the_command() -> Iterator[str]:
    yield ""
    yield "## The command"
    yield ""
    yield "`pip install .` or `pipx install .` in a copy of the repository installs `token-refresher`. It uses the AWS"
    yield "credentials of your shell, and finds everything by the stack. These options say which one; they may stand"
    yield "before the name of the command or after it:"
    yield ""
    yield from _options(one for one in GROUP.params if one.name in SHARED)
    yield "These stand alone:"
    yield ""
    rest = [one for one in GROUP.params if one.name not in SHARED]
    yield from _options(rest)
    listed = sorted(COMMANDS.items(), key=lambda item: _panels().index(item[1].rich_help_panel))
    for panel, commands in groupby(listed, key=lambda item: str(item[1].rich_help_panel)):
        yield f"### {panel}"
        yield ""
        for name, command in commands:
            yield from _command(name, command)
    yield "### Exit codes"
    yield ""
    codes = ((str(code.value), text.replace("``", "`")) for code, text in exit_codes().items())
    yield from _table(("code", "meaning"), codes)
    yield "### Environment variables"
    yield ""
    yield from _table(("variable", "meaning"), ((f"`{name}`", text) for name, text in variables().items()))


def _panels() -> list[str]:
    return list(dict.fromkeys(str(command.rich_help_panel) for command in COMMANDS.values()))


def _command(name: str, command: Any) -> Iterator[str]:
    yield f"#### `{name}`"
    yield ""
    own = [one for one in command.params if one.name not in SHARED and not one.hidden and one.name != "help"]
    arguments = [_usage(one) for one in own if one.param_type_name == "argument"]
    with_options = " [OPTIONS]" if len(arguments) < len(own) else ""
    yield "```text"
    yield f"{' '.join(['token-refresher', name, *arguments])}{with_options}"
    yield "```"
    yield ""
    # An empty line before a list, which Markdown requires.
    yield re.sub(r"(?m)^(?!- )(.+)\n(?=- )", r"\1\n\n", str(command.help))
    yield ""
    if own:
        yield from _options(own)


def _usage(argument: Any) -> str:
    name = str(argument.name).upper()
    name += "…" if argument.nargs != 1 else ""
    return name if argument.required else f"[{name}]"


def _options(parameters: Iterable[Any]) -> Iterator[str]:
    yield from _table(("option", "meaning", "default"), map(_option, options(parameters)))


def _option(option: Option) -> tuple[str, str, str]:
    default = "required" if option.required else f"`{option.default}`" if option.default else ""
    variable = f" Environment: `{option.variable}`." if option.variable else ""
    return option.written, option.help + variable, default


def _the_stack() -> Iterator[str]:
    yield "## The stack"
    yield ""
    yield "How the parameters fit together is in [Deploy](deploy.md)."
    yield ""
    yield "### Parameters"
    yield ""
    yield from _table(
        ("parameter", "default", "meaning"),
        ((f"`{name}`", _code(one["Default"]), one["Description"]) for name, one in TEMPLATE["Parameters"].items()),
    )
    yield "### Outputs"
    yield ""
    outputs = TEMPLATE["Outputs"].items()
    yield from _table(("output", "meaning"), ((f"`{name}`", one["Description"]) for name, one in outputs))
    yield "### Routes"
    yield ""
    yield "[The document of the API](api.yaml) has the answers, headers and parameters."
    yield ""
    yield from _table(("route", "does"), ((f"`{route}`", text) for route, text in routes().items()))


def _the_secret() -> Iterator[str]:
    yield "## The secret of a credential"
    yield ""
    yield "A JSON object in the secret `{SecretPrefix}/{name}`. Keys that are not in this table are yours and are kept."
    yield ""
    rows = ((f"`{key}`", WRITERS[field.writer], KEYS[key]) for key, field in FIELDS.items())
    yield from _table(("key", "written by", "meaning"), rows)
    yield "### Tags"
    yield ""
    yield from _table(("tag", "meaning"), ((f"`{tag}`", TAGS[tag]) for tag in tags()))
    yield "### Statuses"
    yield ""
    yield from _table(("status", "meaning"), ((f"`{status}`", STATUSES[status]) for status in Status))


def _the_messages() -> Iterator[str]:
    yield "## Events"
    yield ""
    yield "The messages of the topic. `event`, `severity` and `credential` are message attributes as well,"
    yield "to filter a subscription by. [All messages](alerts/README.md); [the schema](alert.schema.json) of the JSON."
    yield ""
    events = ((f"[`{event}`](operations.md#{event})", f"`{event.severity}`") for event in Event)
    yield from _table(("event", "severity"), events)
    yield "### Keys of the JSON"
    yield ""
    schema = json.loads((ROOT / "docs" / "alert.schema.json").read_text("utf-8"))
    yield from _table(
        ("key", "meaning"), ((f"`{key}`", one["description"]) for key, one in schema["properties"].items())
    )
    yield "## Credential events"
    yield ""
    yield "What the bus `EventBusName` gets; [how to use them](events.md), and [the schema](events.schema.json)."
    yield ""
    detail = json.loads((ROOT / "docs" / "events.schema.json").read_text("utf-8"))["properties"]["detail"]
    yield from _table(
        ("key of `detail`", "meaning"), ((f"`{key}`", one["description"]) for key, one in detail["properties"].items())
    )
    yield "## Alarms"
    yield ""
    yield "With the default parameters. Each sends a message to the topic when it begins and when it is over."
    yield ""
    yield from _table(
        ("alarm", "says"), ((f"[`{name}`](operations.md#{name})", text) for name, text in alarms().items())
    )
    yield "## Metrics"
    yield ""
    yield "In the namespace `TokenRefresher`, with the dimension `service`, which is the name of the stack;"
    yield "[what they mean](operations.md#the-metrics)."
    yield ""
    rows = ((f"`{one}`", _code(DIMENSIONS.get(one, "")), _written(one)) for one in Metric)
    yield from _table(("metric", "counted by", "written"), rows)


def _written(metric: Metric) -> str:
    return "always: an alarm reads it" if metric in ALARMED else "with `DetailedMetrics`"


def _code(value: object) -> str:
    return f"`{value}`" if value != "" else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def write(path: Path, text: str) -> None:
    """Write a page."""
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    write(PATH, render())
    providers.write()
    write(cost.PATH, cost.render(cost.PATH.read_text("utf-8")))
