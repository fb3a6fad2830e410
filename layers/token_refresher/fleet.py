"""All credentials at one moment, as a tick finds them: what is left of the worst, how old, how many in which status."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from token_refresher.overview import Overview
from token_refresher.status import Status

_KEPT_ALIVE: Final = frozenset({Status.HEALTHY, Status.RETRYING})
"""Whose token must never end. Of one that waits for a person, that person knows, and until when pipelines work."""

_WITHOUT_REFRESH_TOKEN: Final = frozenset({Status.AWAITING_CONSENT, Status.NEEDS_CONSENT})
"""Who has no refresh token, or a dead one, whose age says nothing any more."""

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Fleet:
    """What a tick knows of all credentials together.

    Attributes:
        worst: The credential whose access token ends first, of those that are kept alive; empty without any.
        worst_minutes_left: What is left of it, negative once it has ended; ``None`` without any.
        oldest_refresh_token_days: The age of the oldest refresh token that may be alive; ``None`` without any.
        by_status: How many credentials are in each status; every status is there.
    """

    worst: str
    worst_minutes_left: float | None
    oldest_refresh_token_days: float | None
    by_status: Mapping[str, int]

    @classmethod
    def of(cls, credentials: Iterable[Overview], now: datetime) -> Self:
        """Look at all credentials at once."""
        known = list(credentials)
        ends = [(one.expires_at, one.name) for one in known if one.status in _KEPT_ALIVE and one.expires_at]
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
