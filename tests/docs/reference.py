"""Writes docs/reference.md: every command, parameter, output, route, event, alarm, key, tag and target that there is.

``make reference`` runs it. What is in it comes from the code, from the template and from the Makefile.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import yaml

from local.toolchain import ROOT
from tests.docs import cost
from tests.docs.command_line import COMMANDS, GROUP, Option, exit_codes, options
from tests.packaging.cloudformation import filled_in, template
from tests.packaging.test_operations import anchor_of
from token_refresher.alert import Event
from token_refresher.metric import DIMENSIONS, Metric
from token_refresher.status import Status

PATH: Final = ROOT / "docs" / "reference.md"
TEMPLATE: Final = template()
SHARED: Final = ("stack", "profile", "region")
"""The options that say which installation; every command has them."""

KEYS: Final = {
    "client_id": ("you", "The application (client) ID of the app registration. Required."),
    "client_secret": ("you", "The value of a client secret, not its ID. Absent for a public client."),
    "previous_client_secret": ("you", "Tried once in the same attempt where Microsoft refuses `client_secret`."),
    "tenant": ("you", "`common` (default), `organizations`, `consumers`, a tenant ID or a domain."),
    "scope": ("you", "Default: `https://ads.microsoft.com/msads.manage offline_access`."),
    "developer_token": ("you", "Of Microsoft Advertising. With it the account is checked at a sign-in."),
    "customer_id": ("you", "`cid` in the address bar of Microsoft Advertising, as a text of digits."),
    "account_id": ("you", "`aid` in the address bar, as a text of digits; not the account number."),
    "client_secret_expires_at": ("you", "Until when the client secret works; `expiry_warning` comes before it."),
    "invites_valid_from": ("you", "Connect links that were made before this time are withdrawn."),
    "refresh_token": ("Token Refresher", "What the next access token is got with. You may put one in, to import it."),
    "access_token": ("Token Refresher", "What pipelines send to Microsoft Advertising."),
    "token_type": ("Token Refresher", "`Bearer`."),
    "granted_scope": ("Token Refresher", "What Microsoft granted."),
    "refreshed_at": ("Token Refresher", "When the access token was issued."),
    "expires_at": ("Token Refresher", "When the access token ends."),
    "refresh_token_issued_at": ("Token Refresher", "When the refresh token was issued."),
    "identity": ("Token Refresher", "Who signed in, and when: `username`, `tenant_id`, `object_id`, `consented_at`."),
}
"""The keys of a secret: who writes each, and what it is. Times are RFC 3339 texts in UTC."""

STATUSES: Final = {
    Status.AWAITING_CONSENT: "Nobody has signed in yet.",
    Status.HEALTHY: "The token is fresh, and is kept so.",
    Status.RETRYING: "The last attempt failed in a way that passes; it is made again.",
    Status.NEEDS_CONSENT: "Somebody has to sign in again.",
    Status.NEEDS_OPERATOR: "The secret, the application or a rule of the tenant has to be mended.",
    Status.PAUSED: "An operator has paused it.",
}

TAGS: Final = {
    "token-refresher:status": "The status of the credential, as below.",
    "token-refresher:reason": "Why a person has to act, or `-`.",
    "token-refresher:moved-to": "On a pointer: the name that the credential has by now.",
    "token-refresher:moved-until": "On a pointer: until when it is to be kept.",
    "token-refresher:copy-of": "While a credential is renamed: on the new secret, the old name.",
    "token-refresher:renaming-to": "While a credential is renamed: on the old secret, the new name.",
}


def tags() -> list[str]:
    """Return the tags that the package and the command know."""
    sources = [path.read_text("utf-8") for folder in ("layers", "cli") for path in (ROOT / folder).rglob("*.py")]
    found = {
        tag
        for text in sources
        for tag in re.findall(r'^[A-Z_]+: Final = "(token-refresher:[a-z-]+)"', text, re.MULTILINE)
    }
    return [tag for tag in TAGS if tag in found] + sorted(found - TAGS.keys())


def targets() -> dict[str, str]:
    """Return the make targets that say what they are for."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def keys() -> list[str]:
    """Return the keys of a secret that the code reads or writes."""
    source = (ROOT / "layers" / "token_refresher" / "credential.py").read_text("utf-8")
    read = re.findall(r'fields\.\w+\(\s*"(\w+)"', source)
    return [*dict.fromkeys([*read, "identity"])]


def routes() -> dict[str, str]:
    """Return the routes of the template, with what docs/api.yaml says of them."""
    paths: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "api.yaml").read_text("utf-8"))["paths"]
    found = {}
    for resource in TEMPLATE["Resources"].values():
        if resource["Type"] == "AWS::ApiGatewayV2::Route":
            method, path = str(resource["Properties"]["RouteKey"]).split()
            path = path.replace("+}", "}")
            found[f"{method} {path}"] = str(paths[path][method.lower()]["summary"])
    return found


def alarms() -> dict[str, str]:
    """Return the alarms by their anchors in the runbook, with what they say."""
    return {
        anchor_of(name): filled_in(resource["Properties"]["AlarmDescription"]["Fn::Sub"]).partition(" First, ")[0]
        for name, resource in TEMPLATE["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def variables() -> dict[str, str]:
    """Return the environment variables that the command reads by itself."""
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
    yield from _what_is_told()
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
    # A list begins after an empty line, for whatever reads the page.
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
    yield from _table(("key", "written by", "meaning"), ((f"`{key}`", *KEYS[key]) for key in keys()))
    yield "### Tags"
    yield ""
    yield from _table(("tag", "meaning"), ((f"`{tag}`", TAGS[tag]) for tag in tags()))
    yield "### Statuses"
    yield ""
    yield from _table(("status", "meaning"), ((f"`{status}`", STATUSES[status]) for status in Status))


def _what_is_told() -> Iterator[str]:
    yield "## Events"
    yield ""
    yield "What the topic tells of credentials. `event`, `severity` and `credential` are message attributes as well,"
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
    yield "## Alarms"
    yield ""
    yield "With the default parameters. Each tells the topic when it begins and when it is over."
    yield ""
    yield from _table(
        ("alarm", "says"), ((f"[`{name}`](operations.md#{name})", text) for name, text in alarms().items())
    )
    yield "## Metrics"
    yield ""
    yield "In the namespace `TokenRefresher`, with the dimension `service`, which is the name of the stack;"
    yield "[what they mean](operations.md#the-dashboard)."
    yield ""
    yield from _table(("metric", "counted by"), ((f"`{one}`", _code(DIMENSIONS.get(one, ""))) for one in Metric))


def _code(value: object) -> str:
    return f"`{value}`" if value != "" else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def write(path: Path, text: str) -> None:
    """Write a page as it is kept."""
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    write(PATH, render())
    write(cost.PATH, cost.render(cost.PATH.read_text("utf-8")))
