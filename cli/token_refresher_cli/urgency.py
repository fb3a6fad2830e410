"""Which credential has to be seen first. Pure policy."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from token_refresher_cli.next_action import next_action
from token_refresher_cli.overview_row import Row, Standing


class Urgency(IntEnum):
    """How urgent a credential is, the worst first."""

    STOPPED = 0
    """Pipelines have no token, and will not have one before a person acts."""

    FAILING = 1
    """Pipelines have no token, and nobody has to act."""

    STOPPING = 2
    """Pipelines have a token, and will not have the next one before a person acts."""

    NOT_CONNECTED = 3
    """Nobody has signed in for it yet."""

    RETRYING = 4
    """The last refresh failed, which may pass by itself."""

    BESIDE = 5
    """It is refreshed as always, and somebody has to act for something beside that."""

    UNSEEN = 6
    GONE = 7
    PAUSED = 8
    HEALTHY = 9


_BY_ITSELF: Final = {
    Standing.UNSEEN: Urgency.UNSEEN,
    Standing.GONE: Urgency.GONE,
    Standing.PAUSED: Urgency.PAUSED,
}
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def urgency(row: Row, now: datetime) -> Urgency:
    """Say how urgent a credential is."""
    standing, expires_at = row.standing, row.expires_at
    if standing in _BY_ITSELF:
        return _BY_ITSELF[standing]
    has_token = expires_at is not None and expires_at > now
    if standing.needs_a_person:
        if has_token:
            return Urgency.STOPPING
        is_new = standing is Standing.AWAITING_CONSENT and expires_at is None
        return Urgency.NOT_CONNECTED if is_new else Urgency.STOPPED
    if not has_token:
        return Urgency.FAILING
    if standing is Standing.RETRYING:
        return Urgency.RETRYING
    return Urgency.BESIDE if next_action(row, now).actor.is_somebody else Urgency.HEALTHY


def worst_first(rows: list[Row], now: datetime) -> list[Row]:
    """Sort credentials: the worst first, and of those alike the one whose token ends first."""
    return sorted(rows, key=lambda row: (urgency(row, now), row.expires_at or _NEVER, row.name))
