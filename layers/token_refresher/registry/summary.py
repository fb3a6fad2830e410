"""The summary of a registry entry."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.credential.status import Status
from token_refresher.registry.record import is_tried_on


@dataclass(frozen=True)
class EntrySummary:
    """The fields of an entry that a tick needs of every credential, due or not."""

    name: str
    version_id: str
    status: Status
    expires_at: datetime | None = None
    refresh_token_issued_at: datetime | None = None
    failing_since: datetime | None = None
    meaning: str = ""
    """The meaning of the diagnosis; empty without one."""

    @property
    def is_tried_on(self) -> bool:
        """Whether refreshes go on."""
        return is_tried_on(self.status, self.meaning)
