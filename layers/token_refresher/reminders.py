"""The ladder of reminders: when people are told again of what they have not mended."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Reminders:
    """The pauses between one message about an incident and the next.

    Attributes:
        pauses: After the first message, after the second, and so on; the last one repeats.
    """

    pauses: tuple[timedelta, ...]

    def next_at(self, told_at: datetime, told: int) -> datetime:
        """Return when people are to be told again.

        Args:
            told_at: When they were told last.
            told: How often they have been told.
        """
        return told_at + self.pauses[min(max(told, 1), len(self.pauses)) - 1]
