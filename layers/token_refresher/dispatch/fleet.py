"""The state of all credentials at one tick: the time that the worst has left, the oldest token, counts by status."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from token_refresher.credential.status import Status
from token_refresher.registry.lasting import PATIENCE
from token_refresher.registry.summary import EntrySummary

_WITHOUT_TOKEN: Final = PATIENCE
"""A credential that never had an access token counts as expired this long after its first failure.

At that time people are notified of it.
"""

_WITHOUT_REFRESH_TOKEN: Final = frozenset({Status.AWAITING_CONSENT, Status.NEEDS_CONSENT})
"""The statuses without a refresh token, or with one that was rejected, whose age does not matter any more."""

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Fleet:
    """All credentials together.

    Attributes:
        worst: The credential whose access token expires first, among those that are still refreshed; empty if there is
            none. A credential that only a person can mend is left out: that person was notified.
        worst_minutes_left: How long its access token is still good, negative if it has expired; ``None`` without one.
        oldest_refresh_token_days: The age of the oldest refresh token that may still work; ``None`` without one.
        by_status: How many credentials are in each status; every status has a number.
    """

    worst: str
    worst_minutes_left: float | None
    oldest_refresh_token_days: float | None
    by_status: Mapping[str, int]

    @classmethod
    def of(cls, credentials: Iterable[EntrySummary], now: datetime) -> Self:
        """Return the state of some credentials at a time."""
        known = list(credentials)
        ends = [(ends_at, one.name) for one in known if one.is_tried_on and (ends_at := _end_of(one))]
        issued = [
            one.refresh_token_issued_at
            for one in known
            if one.status not in _WITHOUT_REFRESH_TOKEN and one.refresh_token_issued_at
        ]
        first_end, worst = min(ends) if ends else (None, "")
        counted = Counter(one.status for one in known)
        return cls(
            worst=worst,
            worst_minutes_left=(first_end - now) / _MINUTE if first_end else None,
            oldest_refresh_token_days=(now - min(issued)) / _DAY if issued else None,
            by_status={str(status): counted[status] for status in Status},
        )


def _end_of(credential: EntrySummary) -> datetime | None:
    """Return when consumers have no good token any more; ``None`` if the credential has no token and no failure."""
    if credential.expires_at is not None or credential.failing_since is None:
        return credential.expires_at
    return credential.failing_since + _WITHOUT_TOKEN
