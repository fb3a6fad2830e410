"""A registry entry in short."""

from dataclasses import dataclass
from datetime import datetime

from token_refresher.status import Status


@dataclass(frozen=True)
class Overview:
    """An entry in short: what a tick needs of every credential, due or not."""

    name: str
    version_id: str
    status: Status
    expires_at: datetime | None = None
    refresh_token_issued_at: datetime | None = None
