"""Checks calls of the AWS CLI against the models of the AWS SDK: services, operations and options."""

import re
from functools import cache
from typing import Final

import botocore.session
from botocore import xform_name

_GLOBAL: Final = frozenset({"output", "query", "region", "profile", "no-cli-pager", "endpoint-url", "cli-input-json"})
_RENAMED: Final = {"sns subscribe": {"notification-endpoint"}}
"""Options that have another name in the CLI than in the SDK, here because of the CLI's --endpoint-url."""
_LINE: Final = re.compile(r"\baws ([a-z0-9]+) ([a-z0-9-]+)((?:(?!\baws |\n\S|[;|)]\s).)*)", re.DOTALL)


class UnknownToAwsError(Exception):
    """The AWS CLI would refuse the call."""


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def check(text: str) -> int:
    """Check every call of the AWS CLI in a shell text, and return the number of calls.

    Raises:
        UnknownToAwsError: A service, an operation or an option does not exist.
    """
    calls = _LINE.findall(re.sub(r"\\\n\s*", " ", text))
    for service, operation, rest in calls:
        _check(service, operation, re.findall(r"(?<=\s)--([a-z0-9-]+)", re.sub(r"'[^']*'", "''", rest)))
    return len(calls)


def _check(service: str, operation: str, given: list[str]) -> None:
    if service not in _session().get_available_services():
        raise UnknownToAwsError(service)
    model = _session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        raise UnknownToAwsError(f"{service} {operation}")
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(member, "-") for member in shape.members} if shape else set()
    members |= _RENAMED.get(f"{service} {operation}", set())
    unknown = {option for option in given if option.removeprefix("no-") not in members} - _GLOBAL
    if unknown:
        raise UnknownToAwsError(f"{service} {operation}: {sorted(unknown)}")
