"""What a tick reads of registry entries: no more than it needs, because it reads very many."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.credential.status import Status
from token_refresher.registry.record import is_tried_on


@dataclass(frozen=True)
class EntrySummary:
    """What the reconciliation needs of every entry, due or not."""

    name: str
    version_id: str
    status: Status
    refresh_token_issued_at: datetime | None = None
    refresh_token_expires_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether an operator has paused it."""
        return self.status is Status.PAUSED


@dataclass(frozen=True)
class DueEntry:
    """What the index of next actions has of an entry.

    Attributes:
        name: The name of the credential.
        version_id: The version that the entry was written for.
        status: Its status.
        next_action_at: When the next attempt is due.
        expires_at: When its access token expires.
        failing_since: Since when its attempts fail.
        meaning: The meaning of the diagnosis; empty without one.
    """

    name: str
    version_id: str
    status: Status
    next_action_at: datetime
    expires_at: datetime | None = None
    failing_since: datetime | None = None
    meaning: str = ""

    @property
    def is_tried_on(self) -> bool:
        """Whether refreshes go on."""
        return is_tried_on(self.status, self.meaning)
