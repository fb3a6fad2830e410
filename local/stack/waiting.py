"""Waits for other processes by polling."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

Seen = TypeVar("Seen")

GENEROUS_SECONDS: Final = 300.0
"""When to give up on what takes seconds on a quiet machine. Even on a busy one, only something broken takes longer."""

_PAUSE_SECONDS = 0.25


def eventually(read: Callable[[], Seen], patience_seconds: float = GENEROUS_SECONDS) -> Seen:
    """Call a function until its value is true, and return the value; return the last one if time is over."""
    give_up_at = time.monotonic() + patience_seconds
    while not (seen := read()) and time.monotonic() < give_up_at:
        time.sleep(_PAUSE_SECONDS)
    return seen
