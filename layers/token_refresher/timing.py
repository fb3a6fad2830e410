"""When to act, and whether the stack's numbers can keep the promise to consumers. Pure arithmetic."""

import re
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from token_refresher.errors import ConfigurationError

_RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")
_UNITS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


def schedule_period(expression: str) -> timedelta:
    """Read the period of an EventBridge rate expression, such as ``rate(5 minutes)``.

    Raises:
        ConfigurationError: It is no rate of minutes or hours.
    """
    match = _RATE.fullmatch(expression)
    if match is None:
        raise ConfigurationError(f"RefreshSchedule: {expression!r} must be a rate such as rate(5 minutes)")
    try:
        period = int(match[1]) * _UNITS[match[2]]
    except OverflowError:
        period = timedelta(0)
    if not period:
        raise ConfigurationError(f"RefreshSchedule: {expression!r} is no period that a schedule can have")
    return period


SETTLING: Final = timedelta(seconds=30)
"""Until a write to Secrets Manager is seen by every reader. AWS names no bound; it is a matter of seconds."""


@dataclass(frozen=True)
class Timing:
    """The durations that have to fit together.

    Attributes:
        minimum_freshness: The promise: what is left on a token that a pipeline reads.
        schedule_period: How often dispatch looks.
        longest_run: The timeout of the refresh function.
        visibility_timeout: How long the queue hides a message from other workers.
        http_deadline: The longest that one exchange takes.
        writes_reserve: What storing the answer and recording it may take.
        jitter: How far refreshes are spread, so that they do not all fall on one tick.
        clock_skew: By how much two machines' clocks may differ.
        access_token_lifetime: The shortest lifetime to be expected from the provider.
        minimum_interval: The shortest average time between two versions of one secret.
    """

    minimum_freshness: timedelta
    schedule_period: timedelta
    longest_run: timedelta
    visibility_timeout: timedelta
    http_deadline: timedelta
    writes_reserve: timedelta
    jitter: timedelta
    clock_skew: timedelta
    access_token_lifetime: timedelta
    minimum_interval: timedelta

    @property
    def margin(self) -> timedelta:
        """How long before its end a token becomes due: whatever can go by until its successor is readable."""
        return self.minimum_freshness + self.schedule_period + self.longest_run + self.jitter + self.clock_skew

    @property
    def exchange(self) -> timedelta:
        """What one exchange with its writes may take: no less must be left when it is started."""
        return self.http_deadline + self.writes_reserve

    @property
    def lease(self) -> timedelta:
        """How long after its intent an exchange may be under way unseen: its worker has ended, and its writes are seen.

        It is no lock: SQS hands a credential to one worker at a time. It keeps a second copy of a message, or somebody
        who asks by hand, from spending a refresh token twice.
        """
        return self.longest_run + SETTLING

    def check(self) -> None:
        """Refuse numbers that cannot keep the promise.

        Raises:
            ConfigurationError: Holds the arithmetic.
        """
        for field in fields(self):
            if getattr(self, field.name) < timedelta(0):
                raise ConfigurationError(f"{field.name} is negative")
        if self.exchange >= self.longest_run:
            raise ConfigurationError(
                f"A refresh cannot finish: HTTP deadline {_s(self.http_deadline)} + writes {_s(self.writes_reserve)}"
                f" = {_s(self.exchange)}, which must be less than the function timeout {_s(self.longest_run)}."
                " Raise RefreshTimeoutSeconds."
            )
        if self.longest_run >= self.visibility_timeout:
            raise ConfigurationError(
                f"Two workers could hold one credential: the function timeout {_s(self.longest_run)} must be less"
                f" than the visibility timeout {_s(self.visibility_timeout)}. Raise QueueVisibilitySeconds."
            )
        half = self.access_token_lifetime / 2
        if self.margin > half:
            raise ConfigurationError(
                f"The promise cannot be kept: {self._margin_arithmetic}; a token is not refreshed in the first half"
                f" of its life, which is {_s(half)} of {_s(self.access_token_lifetime)}."
                " Lower MinimumFreshnessSeconds or the period of RefreshSchedule."
            )
        interval = self.access_token_lifetime - self.margin - self.jitter
        if interval < self.minimum_interval:
            raise ConfigurationError(
                f"A secret would get too many versions: {self._margin_arithmetic};"
                f" a token of {_s(self.access_token_lifetime)} would be refreshed every {_s(interval)},"
                f" and the versions of a secret allow no less than {_s(self.minimum_interval)}."
                " Lower MinimumFreshnessSeconds or the period of RefreshSchedule."
            )

    @property
    def _margin_arithmetic(self) -> str:
        return (
            f"margin = freshness {_s(self.minimum_freshness)} + schedule {_s(self.schedule_period)}"
            f" + longest run {_s(self.longest_run)} + jitter {_s(self.jitter)} + clock skew {_s(self.clock_skew)}"
            f" = {_s(self.margin)}"
        )

    def due_at(self, issued_at: datetime, expires_at: datetime) -> datetime:
        """Return when a token is to be refreshed: its end less the margin, and never before half of its life."""
        return expires_at - min(self.margin, (expires_at - issued_at) / 2)

    def next_action_at(self, issued_at: datetime, expires_at: datetime, spread: float) -> datetime:
        """Return when to look at a fresh credential again, up to the jitter before it is due.

        Args:
            issued_at: When the access token was issued.
            expires_at: When it ends.
            spread: A random number from 0 to 1.
        """
        # Not more than a tenth of a short life, or the jitter alone would be a refresh more.
        jitter = min(self.jitter, (expires_at - issued_at) / 10)
        return self.due_at(issued_at, expires_at) - jitter * spread

    def is_due(self, issued_at: datetime, expires_at: datetime, now: datetime) -> bool:
        """Tell whether a token may be refreshed now: from the earliest moment that `next_action_at` returns."""
        return now >= self.next_action_at(issued_at, expires_at, spread=1)


def _s(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"
