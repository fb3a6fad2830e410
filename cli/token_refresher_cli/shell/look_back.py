"""Reads how far to look back, as a person writes it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from token_refresher.base.clock import from_rfc3339
from token_refresher_cli.shell.errors import bad_input

_SPAN: Final = re.compile(r"([0-9]{1,5}) ?([mhdw])")
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def since(text: str, now: datetime) -> datetime:
    """Return the time to look back to, from ``7d``, ``24h``, a date, or an RFC 3339 time.

    Args:
        text: What the operator wrote.
        now: The time.

    Raises:
        CommandError: It is none of these, or in the future.
    """
    moment = _moment(text.strip(), now)
    if moment is None:
        raise bad_input(f"{text!r} is not a time.", "Write 30m, 24h, 7d, 2w, 2026-01-31 or 2026-01-31T09:00:00Z.")
    if moment > now:
        raise bad_input(f"{text} is in the future.", "Give a time in the past, such as 24h or 7d.")
    return moment


def _moment(text: str, now: datetime) -> datetime | None:
    span = _SPAN.fullmatch(text.lower())
    try:
        if span is not None:
            return now - int(span[1]) * _UNITS[span[2]]
        if len(text) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return from_rfc3339(text.upper())
    except (ValueError, OverflowError):
        return None
