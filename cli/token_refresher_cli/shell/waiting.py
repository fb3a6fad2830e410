"""Waits for work that other processes do."""

import time
from datetime import timedelta
from typing import Final

_PAUSE_SECONDS: Final = 1.0
"""Between two reads of the registry; a refresh takes two or three seconds."""

sleep = time.sleep
"""A name of this module, so that a test can replace it."""


def a_moment() -> None:
    """Wait until it is worth reading again."""
    sleep(_PAUSE_SECONDS)


def wait(span: timedelta) -> None:
    """Wait for a span of time."""
    sleep(span.total_seconds())
