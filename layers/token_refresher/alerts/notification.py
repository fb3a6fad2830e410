"""The facts of an incident that its messages need."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Notification:
    """What a message has to know about its incident.

    Attributes:
        since: When the incident began.
        notifications: The number of this message within the incident, from 1.
        generation: The consent generation that the link is for; ``None`` for no link.
        again: Whether the failure comes and goes.
    """

    since: datetime
    notifications: int = 1
    generation: str | None = None
    again: bool = False
