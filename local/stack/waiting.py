"""Waits for other processes by polling."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

Seen = TypeVar("Seen")

GENEROUS_SECONDS: Final = 300.0
"""When to give up on what takes seconds on a quiet machine. Even on a busy one, only something broken takes longer."""

_PAUSE_SECONDS = 0.25


def eventually(read: Callable[[], Seen | None], patience_seconds: float = GENEROUS_SECONDS) -> Seen | None:
    """Call a function until it does not return ``None``, and return its value; return ``None`` if time is over."""
    give_up_at = time.monotonic() + patience_seconds
    while (seen := read()) is None and time.monotonic() < give_up_at:
        time.sleep(_PAUSE_SECONDS)
    return seen
