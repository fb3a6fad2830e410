"""How long to wait before the next call to Microsoft, so that Microsoft never takes a credential for a loop.

Microsoft treats 15 token calls in 5 minutes as a loop, and then answers only AADSTS50196 for a while. With these pauses
alone, without the schedule and for any random numbers, 5 minutes hold at most 8 calls while one kind of failure lasts,
and at most 11 while refusals and outages alternate.

Source: https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes#march-2019
"""

from datetime import timedelta
from typing import Final

FLOOR: Final = timedelta(seconds=40)
"""The shortest pause. Full jitter may draw zero many times; with this floor, 5 minutes hold at most 8 calls."""

BASE: Final = timedelta(minutes=1)
"""The longest first pause. A schedule has no shorter period, so a shorter pause would gain nothing."""

CAP: Final = timedelta(minutes=15)
"""The longest pause: the pause must not add hours to an outage of hours."""

_REQUESTED_PAUSE_SPREAD: Final = 0.2
"""By how much a requested pause may be longer, so that credentials that failed together do not return together."""

CALLS_PER_ATTEMPT: Final = 4
"""The most calls of one attempt after uncertain refusals. 5 minutes hold two attempts: 8 calls, about half a loop."""

CONFIRMATION_PAUSE: Final = timedelta(seconds=150)
"""The shortest pause after an uncertain refusal. With it, 5 minutes hold no third attempt."""

LONGEST_FIRST_PAUSE: Final = max(BASE, CONFIRMATION_PAUSE + CONFIRMATION_PAUSE * _REQUESTED_PAUSE_SPREAD)
"""The longest pause after a first failure that requests no pause itself. The margin of a token allows for it."""

_NOTHING: Final = timedelta(0)


def backoff(failures: int, retry_after: timedelta | None, spread: float, pause: timedelta = _NOTHING) -> timedelta:
    """Return the pause before the next attempt: exponential with full jitter, and never shorter than requested.

    Args:
        failures: How many attempts in a row have failed, this one included.
        retry_after: The pause that the provider requested.
        spread: A random number from 0 to 1.
        pause: The pause that the failure requires, such as 6 minutes after AADSTS50196. An attempt that made more than
            one call before it failed passes `CONFIRMATION_PAUSE`.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    # The cap is reached long before 16 doublings; the bound only keeps the number small.
    doublings: int = min(max(failures - 1, 0), 16)
    ceiling = min(CAP, BASE * (1 << doublings))
    return max(FLOOR + (ceiling - FLOOR) * spread, _not_before(max(retry_after or _NOTHING, pause), spread))


def confirmation_delay(spread: float) -> timedelta:
    """Return the pause between two attempts that confirm an uncertain refusal.

    Args:
        spread: A random number from 0 to 1.
    """
    return _not_before(CONFIRMATION_PAUSE, spread)


def _not_before(requested: timedelta, spread: float) -> timedelta:
    return requested + requested * _REQUESTED_PAUSE_SPREAD * spread
