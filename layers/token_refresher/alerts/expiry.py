"""The days on which people are warned of an end that is known beforehand. Pure arithmetic."""

from datetime import datetime, timedelta
from typing import Final

STAGES: Final = (30, 14, 7, 1)
"""Days before the end of a client secret, or of a refresh token."""

UNREPLACED_STAGES: Final = (1, 30, 60, 80)
"""Days without a new refresh token, where each refresh should bring one: a day without one is unusual. Microsoft's ends
on day 90 (https://learn.microsoft.com/entra/identity-platform/refresh-tokens).
"""


def stage(expires_at: datetime, now: datetime) -> int | None:
    """Return the last of `STAGES` that is reached, or ``None``.

    There is no warning after the end: the provider refuses what has ended, and that is an alert.
    """
    left = expires_at - now
    if left <= timedelta(0):
        return None
    return min((days for days in STAGES if left <= timedelta(days=days)), default=None)


def unreplaced_stage(issued_at: datetime, now: datetime, idle: timedelta) -> int | None:
    """Return the last of `UNREPLACED_STAGES` that is passed, or ``None``.

    Args:
        issued_at: When the refresh token was issued.
        now: The current time.
        idle: How long a refresh token lives that is not replaced.
    """
    days_before_end = [timedelta(days=days) for days in UNREPLACED_STAGES if timedelta(days=days) < idle]
    return max((one.days for one in days_before_end if now - issued_at > one), default=None)
