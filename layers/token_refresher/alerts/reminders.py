"""Reminders: when people are notified again of something that they have not corrected."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Reminders:
    """The pauses between one message about an incident and the next.

    Attributes:
        pauses: After the first message, after the second, and so on; the last one repeats.
    """

    pauses: tuple[timedelta, ...]

    def next_at(self, notified_at: datetime, notifications: int) -> datetime:
        """Return when the next reminder is due.

        Args:
            notified_at: When people were last notified.
            notifications: How often they have been notified.
        """
        return notified_at + self.pauses[min(max(notifications, 1), len(self.pauses)) - 1]
