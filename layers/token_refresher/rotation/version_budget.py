"""How many versions a credential may get: Secrets Manager keeps 100, and removes none that is younger than a day.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

VERSIONS_AT_ONCE: Final = 8
"""How many versions may follow each other without a pause. With one per interval on top, a day has fewer than 100."""


@dataclass(frozen=True)
class VersionBudget:
    """One version per interval on average, and a few at once: the generic cell rate algorithm, which stores one time.

    Attributes:
        interval: The shortest average time between two versions.
    """

    interval: timedelta

    def allowed_at(self, spent_until: datetime | None, now: datetime) -> datetime:
        """Return when the next version may be written: now, or later.

        Args:
            spent_until: What `spend` returned last; ``None`` if nothing was spent yet.
            now: The time.
        """
        if spent_until is None:
            return now
        return max(now, spent_until - self.interval * (VERSIONS_AT_ONCE - 1))

    def spend(self, spent_until: datetime | None, now: datetime) -> datetime:
        """Return the time until which the budget is spent, after one more version."""
        return max(spent_until or now, now) + self.interval

    def is_untouched(self, spent_until: datetime | None, now: datetime) -> bool:
        """Tell whether no more than one interval is spent: there is no storm of versions, or it is over."""
        return self.allowed_at(spent_until, now) == now and (spent_until or now) <= now + self.interval
