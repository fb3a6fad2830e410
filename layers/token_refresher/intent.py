"""An exchange that was about to begin."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Intent:
    """What is recorded before an exchange: if its end never is, the next attempt looks for what it left.

    Attributes:
        version_id: The version it started from.
        presented: The fingerprint of the refresh token it presented.
        at: When.
    """

    version_id: str
    presented: str
    at: datetime
