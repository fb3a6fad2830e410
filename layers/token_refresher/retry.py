"""How long to wait before Microsoft is asked again, so that no credential is ever taken for a loop.

Microsoft takes 15 token calls in 5 minutes for one, and then answers nothing but AADSTS50196 for a while. These pauses
alone, without the schedule, whatever fails and whatever is drawn, allow 8 calls while one kind of failure lasts, and 11
when refusals and outages alternate.

Source: https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes#march-2019
"""

from datetime import timedelta
from typing import Final

FLOOR: Final = timedelta(seconds=40)
"""The shortest pause. Full jitter may draw nothing at all, time after time; with this, 5 minutes hold 8 calls."""

BASE: Final = timedelta(minutes=1)
"""The first pause, at the most: a schedule has no shorter period, so a shorter pause would gain nothing."""

CAP: Final = timedelta(minutes=15)
"""The longest pause: an outage of hours must not be followed by one more."""

LATER: Final = 0.2
"""By which part of a pause that was asked for its end is spread: not all who were sent away come back at once."""

ASKS: Final = 4
"""How often one look may ask, where a refusal is uncertain. Two looks fall into 5 minutes: 8 calls, half of a loop."""

CONFIRMATION: Final = timedelta(seconds=150)
"""The pause after an uncertain refusal, at the least: no third look falls into 5 minutes."""

_NOTHING: Final = timedelta(0)


def retry_delay(failures: int, retry_after: timedelta | None, spread: float, pause: timedelta = _NOTHING) -> timedelta:
    """Return the pause before the next attempt: exponential with full jitter, and never before what was asked for.

    Args:
        failures: How many attempts in a row have failed, this one included.
        retry_after: What the provider asked for.
        spread: A random number from 0 to 1.
        pause: What the failure itself asks for, such as 6 minutes after AADSTS50196. A look that has asked more than
            once before it failed asks for `CONFIRMATION`.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    # After 16 doublings the cap has long been reached; the bound only keeps the number small.
    doublings: int = min(max(failures - 1, 0), 16)
    ceiling = min(CAP, BASE * (1 << doublings))
    return max(FLOOR + (ceiling - FLOOR) * spread, _not_before(max(retry_after or _NOTHING, pause), spread))


def confirmation_delay(spread: float) -> timedelta:
    """Return the pause before an uncertain refusal is asked about again.

    Args:
        spread: A random number from 0 to 1.
    """
    return _not_before(CONFIRMATION, spread)


def _not_before(asked: timedelta, spread: float) -> timedelta:
    return asked + asked * LATER * spread
