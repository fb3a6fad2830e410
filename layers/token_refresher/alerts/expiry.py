"""The days on which people are warned of an end that is known beforehand. Pure arithmetic."""

from datetime import datetime, timedelta
from typing import Final

SECRET_STAGES: Final = (30, 14, 7, 1)
"""Days before the end of a client secret."""

REFRESH_TOKEN_STAGES: Final = (1, 30, 60, 80)
"""Days without a new refresh token. Microsoft sends one with every refresh, so a day without one is unusual. The old
one expires on day 90 (https://learn.microsoft.com/entra/identity-platform/refresh-tokens).
"""


def secret_stage(expires_at: datetime, now: datetime) -> int | None:
    """Return the last of `SECRET_STAGES` that is reached, or ``None``.

    There is no warning of an expired secret: Microsoft refuses it, and that is an alert.
    """
    left = expires_at - now
    if left <= timedelta(0):
        return None
    return min((days for days in SECRET_STAGES if left <= timedelta(days=days)), default=None)


def refresh_token_stage(issued_at: datetime, now: datetime) -> int | None:
    """Return the last of `REFRESH_TOKEN_STAGES` that is passed, or ``None``."""
    age = now - issued_at
    return max((days for days in REFRESH_TOKEN_STAGES if age > timedelta(days=days)), default=None)
