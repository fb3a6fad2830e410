"""How long to wait after a failure that passes by itself."""

from datetime import timedelta
from typing import Final

BASE: Final = timedelta(seconds=30)
"""The first pause, at the most: well under the 15 requests in 5 minutes that Microsoft takes for a loop."""

CAP: Final = timedelta(minutes=15)
"""The longest pause: an outage of hours must not be followed by one more."""


def retry_delay(failures: int, retry_after: timedelta | None, spread: float) -> timedelta:
    """Return the pause before the next attempt: exponential with full jitter, and never before ``Retry-After``.

    Args:
        failures: How many attempts in a row have failed, this one included.
        retry_after: What the provider asked for.
        spread: A random number from 0 to 1.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    # After 16 doublings the cap has long been reached; the bound only keeps the number small.
    doublings: int = min(max(failures - 1, 0), 16)
    ceiling = min(CAP, BASE * (1 << doublings))
    return max(ceiling * spread, retry_after or timedelta(0))
