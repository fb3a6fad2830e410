"""A share of an invocation's time for one part of its work, so that time is left for the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

TimeLeft = Callable[[], timedelta]
"""Returns how long the invocation may still run."""


def unlimited() -> timedelta:
    """Return the time that is left if the work has no deadline."""
    return timedelta.max


@dataclass(frozen=True)
class TimeShare:
    """A share of the time of an invocation.

    Attributes:
        time_left: Returns how long the invocation may still run.
        reserve: The time that must be left when the share is over.
    """

    time_left: TimeLeft
    reserve: timedelta

    @classmethod
    def of(cls, time_left: TimeLeft, part: float, at_least: timedelta) -> Self:
        """Return a share of the time that is left now.

        Args:
            time_left: Returns how long the invocation may still run.
            part: The fraction of that time, from 0 to 1.
            at_least: The time that must be left at the end in any case.
        """
        return cls(time_left, max(time_left() * (1 - part), at_least))

    @property
    def is_spent(self) -> bool:
        """Whether no more work may begin in this share."""
        return self.time_left() <= self.reserve
