"""The only module that reads the clock, and the only format of time: RFC 3339 in UTC with ``Z``."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

Clock = Callable[[], datetime]
"""Returns the current time as an aware datetime in UTC. It is always an argument, so that a test can set the time."""

_ZONE_NAME: Final = re.compile(r" ?(Z|UTC|GMT)$")
_SPACE_BEFORE_OFFSET: Final = re.compile(r" (?=[+-][0-9]{2}:?[0-9]{2}$)")
_LEAP_SECOND: Final = re.compile(r"(?<=:[0-9]{2}):60(?=[.,Z+-])")


def system_clock() -> datetime:
    """Return the time of this machine, to the second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def to_rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 UTC to the second, for example ``2026-01-31T09:00:00Z``.

    The width is fixed, so that the texts sort like the moments.
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def readable_time(moment: datetime) -> str:
    """Write a moment for people, in UTC to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def from_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 time with an offset, as an aware datetime in UTC.

    Accepts what can mean only one time: lower case letters, a space for the ``T``, a leap second (RFC 3339, section
    5.6), and ``UTC`` for the offset, as `readable_time` writes it.

    Raises:
        ValueError: The text is not such a time, or has no offset.
    """
    if text.endswith("Z"):  # As this software writes it; a tick reads many thousands of them.
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    written = _SPACE_BEFORE_OFFSET.sub("", _ZONE_NAME.sub("Z", text.strip().upper()))
    whole = _LEAP_SECOND.sub(":59", written)
    moment = datetime.fromisoformat(whole)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, for example Z")
    try:
        return moment.astimezone(UTC) + timedelta(seconds=0 if whole == written else 1)
    except OverflowError:
        raise ValueError("the time is outside of the calendar in UTC") from None


def optional_to_rfc3339(moment: datetime | None) -> str | None:
    """Write a moment as `to_rfc3339` does, and ``None`` as ``None``."""
    return None if moment is None else to_rfc3339(moment)


def optional_from_rfc3339(text: str | None) -> datetime | None:
    """Read a time as `from_rfc3339` does, and ``None`` as ``None``."""
    return None if text is None else from_rfc3339(text)
