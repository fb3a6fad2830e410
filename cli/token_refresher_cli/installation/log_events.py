"""The events of one credential in the logs of the functions, reduced to fields that hold no secret."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from token_refresher.base.clock import from_rfc3339, readable_time
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.timeline import Event, Kind

_FUNCTIONS: Final = ("RefreshFunctionName", "CallbackFunctionName")
"""The outputs with the names of the functions that log single credentials."""

_FIELDS: Final = {
    "credential": (
        Kind.REFRESH,
        (
            "result",
            "expires_at",
            "presented",
            "issued",
            "account",
            "code",
            "actor",
            "cause",
            "http_status",
            "reason",
            "correlation_id",
        ),
    ),
    "alert": (Kind.ALERT, ("event",)),
    "alert not sent": (Kind.ALERT, ("event",)),
    "consent": (Kind.CONSENT, ("ending", "code", "http_status")),
}
"""The messages that are events, and the fields that are read of each; all other fields are left out."""

_TYPES: Final = {"http_status": {int, str}}
"""The types of the fields that need not be texts."""


def log_events(installation: Installation, name: str, start: datetime) -> tuple[list[Event], list[str]]:
    """Read the events of a credential from the logs.

    Args:
        installation: The installation.
        name: The name of the credential.
        start: The time of the earliest event.

    Returns:
        The events, and a sentence for each log that could not be read.
    """
    events: list[Event] = []
    notes: list[str] = []
    for output in _FUNCTIONS:
        function = installation.outputs[output]
        try:
            group = _group(installation, function)
            events += _read(installation, group, name, start)
        except ClientError as error:
            call, code = error.operation_name, error.response["Error"]["Code"]
            notes.append(f"The logs of the function {function} cannot be read ({call}: {code}); they are left out.")
    return events, notes


def _group(installation: Installation, function: str) -> str:
    configuration = installation.client("lambda").get_function_configuration(FunctionName=function)
    group: str = configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function}"
    return group


def _read(installation: Installation, group: str, name: str, start: datetime) -> Iterator[Event]:
    pages = installation.client("logs").get_paginator("filter_log_events")
    # AWS applies the pattern, stand-ins do not: each line is checked again.
    pattern = f"{{ $.credential = {json.dumps(name)} }}"
    first = max(int(start.timestamp() * 1000), 0)
    for page in pages.paginate(logGroupName=group, startTime=first, filterPattern=pattern):
        for line in page["events"]:
            at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=line["timestamp"])
            event = _event(line["message"], name, at)
            if event is not None and at >= start:
                yield event


def _event(line: str, name: str, at: datetime) -> Event | None:
    """Return the event of a line, or ``None`` if the line is none of this credential."""
    try:
        logged = json.loads(line)
    except ValueError:
        return None
    if not isinstance(logged, dict) or logged.get("credential") != name:
        return None
    message = logged.get("message")
    if not isinstance(message, str) or message not in _FIELDS:
        return None
    kind, fields = _FIELDS[message]
    facts = {field: logged[field] for field in fields if type(logged.get(field)) in _TYPES.get(field, {str})}
    if kind is Kind.ALERT:
        facts["sent"] = message == "alert"
    return Event(at, kind, _text(kind, facts), facts)


def _text(kind: Kind, facts: Mapping[str, Any]) -> str:
    match kind:
        case Kind.ALERT:
            return f"{facts.get('event', '')}{'' if facts['sent'] else ', which could not be sent'}"
        case Kind.CONSENT:
            return _with_code(_words(facts.get("ending", "")), facts)
        case _:
            return _refresh(facts)


def _refresh(facts: Mapping[str, Any]) -> str:
    said = [_with_code(_words(facts.get("result", "")), facts)]
    if "cause" in facts:
        said[0] += f": {facts['cause'].rstrip('.')}"
    if "expires_at" in facts:
        said.append(f"token good until {_until(facts['expires_at'])}")
    if "issued" in facts:
        said.append(f"refresh token {facts.get('presented') or 'none'} became {facts['issued']}")
    if "account" in facts:
        said.append(f"account {facts['account']}")
    return "; ".join(said)


def _with_code(what: str, facts: Mapping[str, Any]) -> str:
    if "code" not in facts:
        return what
    status = f", HTTP {facts['http_status']}" if "http_status" in facts else ""
    return f"{what} ({facts['code']}{status})"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _until(text: str) -> str:
    try:
        return readable_time(from_rfc3339(text))
    except ValueError:
        return text
