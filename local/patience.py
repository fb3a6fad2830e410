"""Waiting for what other processes do: look, and look again, until it is there or the patience is over."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

_PAUSE_SECONDS = 0.25


def eventually(look: Callable[[], Seen | None], patience_seconds: float) -> Seen | None:
    """Return what a look returns as soon as that is not ``None``; ``None`` when the patience is over."""
    give_up_at = time.monotonic() + patience_seconds
    while (seen := look()) is None and time.monotonic() < give_up_at:
        time.sleep(_PAUSE_SECONDS)
    return seen
