"""What is measured in a simulation: at each tick, and in each period between two ticks."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.fleets.services import WriteQuota


class Tick(NamedTuple):
    """The state of a fleet at one tick, also at one that was lost. Times are in seconds.

    Attributes:
        at: When it was.
        worst: The shortest time that a pipeline has left with the token that it reads now; below zero it has expired.
        typical: The median of that time.
        sent: How many messages it sent.
        writes: The writes of Secrets Manager since the tick before.
        throttled: The writes that were throttled since then.
        queued: How many messages waited.
    """

    at: float
    worst: float
    typical: float
    sent: int
    writes: int
    throttled: int
    queued: int


@dataclass
class Measures:
    """The measures of one simulation.

    Attributes:
        period: The time from one tick to the next, in seconds.
        ticks: One measure for each tick.
        left: For each period, the shortest time that a replaced token had left.
        oldest: For each period, the longest time that a message waited for a worker.
        refreshes: For each period, how many refreshes succeeded.
        counts: How many messages were ``in vain``, ``held back`` or ``returned`` because their worker did not finish.
    """

    period: float
    ticks: list[Tick] = field(default_factory=list)
    left: dict[int, float] = field(default_factory=dict)
    oldest: dict[int, float] = field(default_factory=dict)
    refreshes: Counter[int] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def tick(self, now: float, sent: int, ends: NDArray[np.float64], quota: WriteQuota, queued: int) -> None:
        """Note the state of the fleet at a tick."""
        left = ends[~np.isnan(ends)] - now
        written, throttled = quota.taken()
        self.ticks.append(Tick(now, float(left.min()), float(np.median(left)), sent, written, throttled, queued))

    def waited(self, now: float, seconds: float) -> None:
        """Note how long a message waited for a worker."""
        slot = int(now // self.period)
        self.oldest[slot] = max(seconds, self.oldest.get(slot, 0.0))

    def refreshed(self, now: float, left: float) -> None:
        """Note a refresh, and how much time the replaced token had left; it is no number for a first token."""
        slot = int(now // self.period)
        self.refreshes[slot] += 1
        if not math.isnan(left):
            self.left[slot] = min(left, self.left.get(slot, left))

    def unevenness(self, start: float, end: float) -> float:
        """Return how many times the mean the busiest period between two times had; one if all were equal."""
        slots = range(int(start // self.period), int(end // self.period))
        return max(self.refreshes[slot] for slot in slots) * len(slots) / sum(self.refreshes[slot] for slot in slots)

    def least_left(self, start: float, end: float) -> float:
        """Return the shortest time that a token had left at a tick between two times."""
        return min(tick.worst for tick in self.ticks if start <= tick.at < end)
