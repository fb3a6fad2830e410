"""What the functions logged of one credential; only the fields that `token_refresher.observability` allows."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from token_refresher.clock import from_rfc3339, readable_time
from token_refresher_cli.installation import Installation
from token_refresher_cli.timeline import Event, Kind

_FUNCTIONS: Final = ("RefreshFunctionName", "CallbackFunctionName")
"""The outputs that name the functions that write of single credentials."""

_FIELDS: Final = {
    "credential": (
        Kind.REFRESH,
        ("result", "expires_at", "presented", "issued", "account", "code", "actor", "cause", "correlation_id"),
    ),
    "alert": (Kind.ALERT, ("event",)),
    "alert not sent": (Kind.ALERT, ("event",)),
    "consent": (Kind.CONSENT, ("ending", "code")),
}
"""The messages, and of each the fields that are taken: whatever else is in a log stays there."""


def log_events(installation: Installation, name: str, start: datetime) -> tuple[list[Event], list[str]]:
    """Read what the functions logged.

    Args:
        installation: Where.
        name: The credential.
        start: From when on.

    Returns:
        The events, and what could not be read, as sentences.
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
    # The pattern spares AWS and us the rest. Stand-ins take none of it, so that each line is looked at again.
    pattern = f"{{ $.credential = {json.dumps(name)} }}"
    first = max(int(start.timestamp() * 1000), 0)
    for page in pages.paginate(logGroupName=group, startTime=first, filterPattern=pattern):
        for line in page["events"]:
            at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=line["timestamp"])
            event = _event(line["message"], name, at)
            if event is not None and at >= start:
                yield event


def _event(line: str, name: str, at: datetime) -> Event | None:
    """Return the event of a line, or ``None`` for one that is about something else."""
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
    facts = {field: logged[field] for field in fields if isinstance(logged.get(field), str)}
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
    return f"{what} ({facts['code']})" if "code" in facts else what


def _words(name: str) -> str:
    return name.replace("_", " ")


def _until(text: str) -> str:
    try:
        return readable_time(from_rfc3339(text))
    except ValueError:
        return text
