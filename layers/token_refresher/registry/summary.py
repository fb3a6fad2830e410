"""The summary of a registry entry."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.credential.status import Status
from token_refresher.registry.record import is_tried_on


@dataclass(frozen=True)
class EntrySummary:
    """The fields of an entry that a tick needs.

    The index of due entries has no ``refresh_token_issued_at``.
    """

    name: str
    version_id: str
    status: Status
    expires_at: datetime | None = None
    refresh_token_issued_at: datetime | None = None
    failing_since: datetime | None = None
    meaning: str = ""
    """The meaning of the diagnosis; empty without one."""
    next_action_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether an operator has paused it."""
        return self.status is Status.PAUSED

    @property
    def is_tried_on(self) -> bool:
        """Whether refreshes go on."""
        return is_tried_on(self.status, self.meaning)
