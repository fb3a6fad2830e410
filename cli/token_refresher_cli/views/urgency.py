"""The order of credentials in `list`: the most urgent first. Pure policy."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from token_refresher.credential.status import Status
from token_refresher_cli.installation.row import CredentialRow, Unrecorded
from token_refresher_cli.views.next_action import next_action


class Urgency(IntEnum):
    """How urgent a credential is, the worst first."""

    STOPPED = 0
    """Pipelines have no token and get none before a person acts."""

    FAILING = 1
    """Pipelines have no token, and nobody has to act."""

    STOPPING = 2
    """Pipelines have a token, but do not get the next one before a person acts."""

    NOT_CONNECTED = 3
    """Nobody has signed in for it yet."""

    RETRYING = 4
    """The last refresh failed, and the next one may work."""

    BESIDE = 5
    """Refreshes work, but a person has to act on something else."""

    UNSEEN = 6
    GONE = 7
    PAUSED = 8
    HEALTHY = 9


_BY_STATUS: Final = {
    Unrecorded.UNSEEN: Urgency.UNSEEN,
    Unrecorded.GONE: Urgency.GONE,
    Status.PAUSED: Urgency.PAUSED,
}
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def urgency(row: CredentialRow, now: datetime) -> Urgency:
    """Return how urgent a credential is."""
    status, expires_at = row.status, row.expires_at
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    has_token = expires_at is not None and expires_at > now
    if status.needs_a_person:
        if has_token:
            return Urgency.STOPPING
        is_new = status is Status.AWAITING_CONSENT and expires_at is None
        return Urgency.NOT_CONNECTED if is_new else Urgency.STOPPED
    if not has_token:
        return Urgency.FAILING
    if status is Status.RETRYING:
        return Urgency.RETRYING
    return Urgency.BESIDE if next_action(row, now).actor.must_act else Urgency.HEALTHY


Order = tuple[Urgency, datetime, str]


def order(row: CredentialRow, now: datetime) -> Order:
    """Return what sorts credentials: the worst first, and among equals the one whose token expires first."""
    return urgency(row, now), row.expires_at or _NEVER, row.name
