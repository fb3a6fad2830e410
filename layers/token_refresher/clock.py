"""The one reader of the clock, and the one format of time: RFC 3339 in UTC with ``Z``."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns now as an aware datetime in UTC. Always an argument, so that a test decides what time it is."""


def system_clock() -> datetime:
    """Return the time of this machine, to the second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def to_rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 UTC to the second, for example ``2026-01-31T09:00:00Z``.

    The width is fixed, so the texts sort as the moments do.
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def readable_time(moment: datetime) -> str:
    """Write a moment for people, to the minute in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def from_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 time with an offset, as an aware datetime in UTC.

    Raises:
        ValueError: The text is no such time, or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, for example Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is outside of the calendar in UTC") from None


def optional_to_rfc3339(moment: datetime | None) -> str | None:
    """Write a moment as `to_rfc3339` does, and ``None`` as ``None``."""
    return None if moment is None else to_rfc3339(moment)


def optional_from_rfc3339(text: str | None) -> datetime | None:
    """Read a time as `from_rfc3339` does, and ``None`` as ``None``."""
    return None if text is None else from_rfc3339(text)
