"""The sense of time of a use case: its durations, its clock, its random spread and its way to wait."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from token_refresher.base.clock import Clock
from token_refresher.base.timing import Timing


@dataclass(frozen=True)
class Pace:
    """The durations, the clock, the random spread and the sleep function of a use case.

    Attributes:
        timing: The durations.
        clock: Returns the current time.
        spread: Returns a random number from 0 to 1, so that not all credentials are due at the same time.
        sleep: Waits for a number of seconds.
    """

    timing: Timing
    clock: Clock
    spread: Callable[[], float] = random.SystemRandom().random
    sleep: Callable[[float], None] = time.sleep
