"""When a token is due, and whether the stack's numbers can keep the promise to consumers. Pure arithmetic."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.backoff import LONGEST_FIRST_PAUSE
from token_refresher.base.errors import ConfigurationError

_RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")
_UNITS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


def schedule_period(expression: str) -> timedelta:
    """Read the period of an EventBridge rate expression, such as ``rate(5 minutes)``.

    Raises:
        ConfigurationError: The expression is not a rate in minutes or hours.
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
"""How long until every reader sees a write to Secrets Manager. AWS gives no bound; in practice it is a few seconds."""

LATE_TICK: Final = timedelta(seconds=60)
"""How late EventBridge Scheduler may start a tick: its precision is one minute.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""


@dataclass(frozen=True)
class Timing:
    """The durations that have to fit together.

    Attributes:
        minimum_freshness: The promise: how long a token that a pipeline reads is still valid, at least.
        schedule_period: The time between two ticks of dispatch.
        longest_run: The timeout of the refresh function.
        visibility_timeout: How long the queue hides a message from other workers.
        http_deadline: The longest time of one exchange.
        writes_reserve: The longest time to store the tokens and to write the registry entry.
        jitter: How far refreshes are spread, so that they do not all fall on one tick.
        clock_skew: How much the clocks of two machines may differ.
        access_token_lifetime: The shortest lifetime that the provider gives an access token.
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
        """How long before its end a token becomes due: the longest time until its successor is readable."""
        return sum(self.margin_parts.values(), timedelta(0))

    @property
    def margin_parts(self) -> Mapping[str, timedelta]:
        """The parts of the margin, by name. With them, one attempt may fail and the promise is still kept."""
        return {
            "freshness": self.minimum_freshness,
            "schedule": self.schedule_period,
            "late tick": LATE_TICK,
            "one failed attempt": self.setback,
            "longest run": self.longest_run,
            "jitter": self.jitter,
            "clock skew": self.clock_skew,
        }

    @property
    def setback(self) -> timedelta:
        """How much one failed attempt delays the successor at most, whatever the failure.

        - The worker was killed, or AWS failed: the message comes back after the visibility timeout.
        - The tick, or its message, was lost: the next tick sends another message.
        - The provider failed: the next attempt is the first tick after the pause. The same time covers a sign-in whose
          worker was killed during its exchange: the lease of that exchange is shorter.
        """
        answered_at = LATE_TICK + self.longest_run - self.writes_reserve
        return max(self.visibility_timeout, self._in_ticks(answered_at + LONGEST_FIRST_PAUSE))

    def _in_ticks(self, span: timedelta) -> timedelta:
        """Round a span that starts at a tick up to a whole number of ticks."""
        return self.schedule_period * -(-span // self.schedule_period)

    @property
    def exchange(self) -> timedelta:
        """The longest time of one exchange with its writes. An exchange starts only if so much time is left."""
        return self.http_deadline + self.writes_reserve

    @property
    def lease(self) -> timedelta:
        """How long after its intent an exchange may still be under way: until its worker has ended and writes settled.

        The lease is not a lock: SQS gives a credential to one worker at a time. It keeps a second copy of a message, or
        a refresh on demand, from spending a refresh token twice.
        """
        return self.longest_run + SETTLING

    @property
    def shortest_return(self) -> timedelta:
        """The shortest visibility timeout that returns a message after the lease of its worker.

        The latest intent is written `exchange` before the end of the run. A message that came back within its lease
        would find the exchange under way, and would be consumed without any effect.
        """
        return self.lease + self.longest_run - self.exchange

    @property
    def longest_recovery(self) -> timedelta:
        """The longest time from the death of a worker until the next worker has its credential."""
        return self.lease + self.schedule_period

    @property
    def shortest_interval(self) -> timedelta:
        """The shortest regular time between two refreshes of a credential."""
        return self.access_token_lifetime - self.margin - self.jitter

    def check(self) -> None:
        """Reject numbers that cannot keep the promise.

        Raises:
            ConfigurationError: The message shows the arithmetic.
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
        if self.visibility_timeout < self.shortest_return:
            raise ConfigurationError(
                f"A message would come back while the exchange of a killed worker may be under way: lease = function"
                f" timeout {_s(self.longest_run)} + settling {_s(SETTLING)} = {_s(self.lease)}, from an exchange that"
                f" begins up to {_s(self.longest_run - self.exchange)} after the delivery: {_s(self.shortest_return)};"
                f" the visibility timeout is {_s(self.visibility_timeout)}. Raise QueueVisibilitySeconds."
            )
        if self.visibility_timeout > self.longest_recovery:
            raise ConfigurationError(
                f"The message of a killed worker would hold its credential up for too long: lease {_s(self.lease)}"
                f" + schedule {_s(self.schedule_period)} = {_s(self.longest_recovery)}, and the visibility timeout is"
                f" {_s(self.visibility_timeout)}. Lower QueueVisibilitySeconds, or RefreshTimeoutSeconds with it."
            )
        half = self.access_token_lifetime / 2
        if self.margin > half:
            raise ConfigurationError(
                f"The promise cannot be kept: {self._margin_arithmetic}; a token is not refreshed in the first half"
                f" of its life, which is {_s(half)} of {_s(self.access_token_lifetime)}."
                " Lower MinimumFreshnessSeconds, JitterSeconds or the period of RefreshSchedule."
            )
        if self.shortest_interval < self.minimum_interval:
            raise ConfigurationError(
                f"A secret would get too many versions: {self._margin_arithmetic};"
                f" a token of {_s(self.access_token_lifetime)} would be refreshed every {_s(self.shortest_interval)},"
                f" and the versions of a secret allow no less than {_s(self.minimum_interval)}."
                " Lower MinimumFreshnessSeconds or the period of RefreshSchedule."
            )

    @property
    def _margin_arithmetic(self) -> str:
        sum_ = " + ".join(f"{name} {_s(part)}" for name, part in self.margin_parts.items())
        return f"margin = {sum_} = {_s(self.margin)}"

    def latest_refresh_at(self, issued_at: datetime, expires_at: datetime) -> datetime:
        """Return when to refresh a token at the latest: its end minus the margin, but not in its first half."""
        return expires_at - min(self.margin, (expires_at - issued_at) / 2)

    def next_action_at(self, issued_at: datetime, expires_at: datetime, spread: float) -> datetime:
        """Return when to refresh a token: at the latest moment, or earlier by up to the jitter.

        Args:
            issued_at: When the access token was issued.
            expires_at: When it expires.
            spread: A random number from 0 to 1.
        """
        # At most a tenth of the lifetime, or the jitter would add refreshes to a token with a short one.
        jitter = min(self.jitter, (expires_at - issued_at) / 10)
        return self.latest_refresh_at(issued_at, expires_at) - jitter * spread

    def parted_action_at(self, issued_at: datetime, expires_at: datetime, share: float) -> datetime:
        """Return when to refresh a token after a recovery: at any second from its issue to the latest moment.

        Credentials that recover together are issued their tokens together. With the jitter alone they would stay
        together for many hours. One early refresh parts them, and delays none.

        Args:
            issued_at: When the access token was issued.
            expires_at: When it expires.
            share: Which share of that time passes before the refresh, from 0 to 1.
        """
        whole = (self.latest_refresh_at(issued_at, expires_at) - issued_at) // timedelta(seconds=1)
        return issued_at + timedelta(seconds=int(whole * share))

    def may_refresh(self, issued_at: datetime, expires_at: datetime, now: datetime) -> bool:
        """Tell whether a token may be refreshed now: from the earliest moment on that `next_action_at` can return."""
        return now >= self.next_action_at(issued_at, expires_at, spread=1)


def _s(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"
