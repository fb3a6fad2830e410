"""The state of all credentials: the time that the worst has left, the oldest refresh token, counts by status."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from token_refresher.credential.status import Status
from token_refresher.registry.lasting import PATIENCE
from token_refresher.registry.summary import DueEntry, EntrySummary

_WITHOUT_TOKEN: Final = PATIENCE
"""A credential that never had an access token counts as expired this long after its first failure.

At that time people are notified of it.
"""

_WITHOUT_REFRESH_TOKEN: Final = frozenset({Status.AWAITING_CONSENT, Status.NEEDS_CONSENT})
"""The statuses without a refresh token, or with one that was rejected, whose age does not matter any more."""

_SOON: Final = timedelta(days=30)
"""Before the end of a refresh token: people have the first warning by then."""

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


class FleetTally:
    """What a round through the registry counts, entry by entry."""

    def __init__(self) -> None:
        self._by_status: Counter[Status] = Counter()
        self._oldest: datetime | None = None
        self._ends: list[datetime] = []
        """When the refresh tokens end that no refresh can keep."""

    def add(self, entry: EntrySummary) -> None:
        """Count an entry."""
        self._by_status[entry.status] += 1
        issued_at = entry.refresh_token_issued_at
        if issued_at is not None and entry.status not in _WITHOUT_REFRESH_TOKEN:
            self._oldest = min(issued_at, self._oldest or issued_at)
        if entry.refresh_token_expires_at is not None and entry.status not in _WITHOUT_REFRESH_TOKEN:
            self._ends.append(entry.refresh_token_expires_at)

    @property
    def by_status(self) -> Mapping[str, int]:
        """How many credentials are in each status; every status has a number."""
        return {str(status): self._by_status[status] for status in Status}

    def oldest_refresh_token_days(self, now: datetime) -> float | None:
        """Return the age of the oldest refresh token that may still work; ``None`` without one."""
        return (now - self._oldest) / _DAY if self._oldest else None

    def refresh_tokens_ending_soon(self, now: datetime) -> int:
        """Return how many refresh tokens end within 30 days whatever one does, or have ended and nobody knows yet."""
        return sum(ends_at - now <= _SOON for ends_at in self._ends)


class Worst:
    """The credential whose access token expires first, among those that are still refreshed.

    A credential that only a person can mend is left out: that person was notified. Only entries that are due now or
    next are counted. Any other one is good for longer than the margin, or it waits for its next attempt, for 15 minutes
    at most, and is counted then.
    """

    def __init__(self) -> None:
        self._ends: tuple[datetime, str] | None = None

    def add(self, entry: DueEntry) -> None:
        """Count an entry that is due now or next."""
        ends_at = _end_of(entry) if entry.is_tried_on else None
        if ends_at is not None:
            self._ends = min((ends_at, entry.name), self._ends or (ends_at, entry.name))

    @property
    def name(self) -> str:
        """The name of the credential; empty if there is none."""
        return self._ends[1] if self._ends else ""

    def minutes_left(self, now: datetime) -> float | None:
        """Return how long its access token is still good, negative if it has expired; ``None`` without one."""
        return (self._ends[0] - now) / _MINUTE if self._ends else None


def _end_of(credential: DueEntry) -> datetime | None:
    """Return when consumers have no good token any more; ``None`` if the credential has no token and no failure."""
    if credential.expires_at is not None or credential.failing_since is None:
        return credential.expires_at
    return credential.failing_since + _WITHOUT_TOKEN
