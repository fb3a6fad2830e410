"""The questions of the first ``make deploy``."""

import os
import re
from collections.abc import Callable

import boto3

from token_refresher.base.errors import ConfigurationError
from tools.deploy.answers import Answers
from tools.deploy.parameters import Group, Parameters
from tools.deploy.terminal import Terminal

_STACK = r"[A-Za-z][A-Za-z0-9-]{0,127}"


def first_answers(terminal: Terminal, parameters: Parameters, *, advanced: bool) -> Answers:
    """Ask for the Region, the stack and the parameters, each with its description.

    Args:
        terminal: Where to ask.
        parameters: The parameters of the template.
        advanced: Whether to ask for all parameters. Otherwise only those of the first group are asked for: all others
            have defaults that fit together.
    """
    terminal.say("This is the first deployment from here. An empty answer takes the value in brackets.")
    region = _valid(terminal, "Region", shell_region() or "us-east-1", _region_complaint)
    stack = _valid(terminal, "Name of the stack", "token-refresher", _stack_complaint)
    chosen: dict[str, str] = {}
    for group in parameters.groups if advanced else parameters.groups[:1]:
        chosen |= _group(terminal, parameters, group, chosen)
    if not advanced:
        terminal.say()
        terminal.say("All other parameters have good defaults; make deploy DEPLOY_ARGS=--advanced asks for them too.")
    return Answers(stack, region, {name: value for name, value in chosen.items() if value != parameters.default(name)})


def shell_region() -> str | None:
    """Return the Region of the shell, if it has one."""
    return os.environ.get("AWS_REGION") or boto3.Session().region_name


def _group(terminal: Terminal, parameters: Parameters, group: Group, chosen: dict[str, str]) -> dict[str, str]:
    """Ask for the parameters of a group until they fit together with those that were chosen before."""
    terminal.say()
    terminal.say(f"--- {group.label} ---")
    while True:
        values = {name: _parameter(terminal, parameters, name) for name in group.names}
        try:
            parameters.check_timing(chosen | values)
        except ConfigurationError as error:
            terminal.say(f"That cannot hold. {error}")
        else:
            return values


def _parameter(terminal: Terminal, parameters: Parameters, name: str) -> str:
    terminal.say()
    terminal.say(parameters.description(name))
    return _valid(terminal, name, parameters.default(name), lambda value: parameters.complaint(name, value))


def _valid(terminal: Terminal, question: str, default: str, complaint: Callable[[str], str]) -> str:
    while True:
        answer = terminal.ask(question, default)
        problem = complaint(answer)
        if not problem:
            return answer
        terminal.say(f"No: {problem}.")


def _region_complaint(value: str) -> str:
    known = boto3.Session().get_available_regions("scheduler")
    return "" if value in known or not known else f"{value} is no Region that this version of boto3 knows"


def _stack_complaint(value: str) -> str:
    return "" if re.fullmatch(_STACK, value) else "a stack is named by letters, digits and hyphens, a letter first"
