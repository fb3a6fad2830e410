"""Draws the script of a month: the same credentials and events each time, at other times with each seed."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, refused, unavailable
from tests.fakes.manual_clock import START
from tests.month.expected_alerts import OUTLASTS, expected
from tests.month.script import (
    AuthorityDown,
    ClientSecretExpires,
    CredentialFails,
    FirstConsent,
    GrantRejected,
    Member,
    PolicyBlocks,
    Script,
    ScriptEvent,
    SecretDeleted,
    SometimesRefused,
    TopicDown,
    UnknownCode,
    UnrelatedEdit,
    WrongClientSecret,
)
from tests.month.windows import AmbiguousScriptError, ExpectedAlert
from token_refresher.base.failure import FailureKind, ProviderFailure

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOT_SENT = ProviderFailure(FailureKind.NOT_SENT)
SECOND_FACTOR = refused(50076, "interaction_required")
BLOCKED = refused(53003)
NEVER_SEEN = refused(5999999, "unheard_of")


@dataclass(frozen=True)
class Month:
    """A script, and its expected alerts."""

    script: Script
    expected: list[ExpectedAlert]


def month(seed: int) -> Month:
    """Draw a month that is not ambiguous: nobody acts in the minutes in which an alert is due."""
    for attempt in count():
        script = _Draw(seed, attempt).script()
        try:
            return Month(script, expected(script))
        except AmbiguousScriptError:
            continue
    raise AssertionError


class _Draw:
    def __init__(self, seed: int, attempt: int) -> None:
        self._seed = seed
        self._rng = random.Random(f"{seed}/{attempt}")  # noqa: S311 - It must be repeatable, and protects nothing.

    def script(self) -> Script:
        # One application's client secret expires during the month, another one's after it.
        soon, later = self._day(12, 16), START + 35 * DAY
        members = (
            *(Member(f"ending-{number}", "app-ending", secret_ends_at=soon) for number in range(6)),
            *(Member(f"replaced-{number}", "app-replaced", secret_ends_at=later) for number in range(5)),
            *(Member(f"person-{number}", "app-of-people") for number in range(5)),
            *(Member(f"operator-{number}", "app-of-operators") for number in range(4)),
            Member("moody", "app-moody"),
            Member("never-rotated", "app-never-rotated", rotates=False, refresh_token_age=10 * DAY),
            Member("calm", "app-calm"),
            Member("left-alone", "app-left-alone"),
            Member("newcomer", "app-newcomer", since=self._day(8, 12), consented=False),
        )
        return Script(
            self._seed,
            members,
            (*self._provider_events(), *self._person_events(members[-1].since), *self._operator_events(soon)),
        )

    def _provider_events(self) -> list[ScriptEvent]:
        failures = [NOT_SENT, NO_ANSWER, unavailable(503), unavailable(429, timedelta(minutes=3))]
        self._rng.shuffle(failures)
        long = [
            AuthorityDown(start, start + lasts, failure)
            for start, failure, lasts in zip(
                (self._day(3, 4), self._day(13, 15), self._day(24, 26)),
                failures,
                # One costs tokens and ends within the hour; in the others the operator has to act.
                (OUTLASTS, self._minutes(140, 260), self._minutes(140, 600)),
                strict=False,
            )
        ]
        short = [
            AuthorityDown(start, start + self._minutes(2, 10), failure)
            for start, failure in zip((self._day(6, 8), self._day(18, 19), self._day(27, 28)), failures, strict=False)
        ]
        return [*long, *short, SometimesRefused("moody", AMBIGUOUS)]

    def _person_events(self, newcomer_since: datetime) -> list[ScriptEvent]:
        """Return what ends sign-ins. When the first one ends, the topic is down."""
        revoked, ambiguous, policy, blocked = self._day(1, 2), self._day(2, 5), self._day(2, 8), self._day(9, 11)
        again, forever = self._day(16, 18), self._day(1, 4)
        return [
            GrantRejected("person-0", revoked, None, revoked + self._minutes(180, 1200)),
            TopicDown(revoked - timedelta(minutes=3), revoked + self._minutes(60, 120)),
            GrantRejected("person-0", again, None, again + self._minutes(1600, 4000)),
            GrantRejected("person-1", ambiguous, AMBIGUOUS, ambiguous + self._minutes(5800, 9000)),
            PolicyBlocks("person-2", policy, policy + self._minutes(2000, 4000), SECOND_FACTOR),
            PolicyBlocks("person-3", blocked, blocked + self._minutes(300, 1200), BLOCKED),
            GrantRejected("left-alone", forever, None, None),
            UnrelatedEdit("left-alone", forever + self._minutes(100, 1000)),
            UnrelatedEdit("calm", self._day(5, 25)),
            FirstConsent("newcomer", newcomer_since + self._minutes(60, 3000)),
        ]

    def _operator_events(self, soon: datetime) -> list[ScriptEvent]:
        replaced_at, in_time, pasted = soon + self._minutes(120, 2500), self._day(17, 22), self._day(4, 20)
        unknown, brief, own = self._day(10, 12), self._day(2, 3), self._day(20, 22)
        silent = self._day(8, 24)
        return [
            ClientSecretExpires("app-ending", soon, replaced_at, timedelta(minutes=30), soon + 180 * DAY),
            SecretDeleted("ending-5", soon + timedelta(minutes=90)),
            ClientSecretExpires("app-replaced", START + 35 * DAY, in_time, timedelta(minutes=30), START + 200 * DAY),
            WrongClientSecret("operator-0", pasted, pasted + self._minutes(120, 3000)),
            UnknownCode("operator-1", unknown, unknown + self._minutes(360, 900), NEVER_SEEN),
            UnknownCode("operator-1", brief, brief + timedelta(minutes=8), NEVER_SEEN),
            CredentialFails("operator-2", own, own + self._minutes(140, 400), unavailable(500)),
            CredentialFails("operator-3", brief, brief + timedelta(minutes=4), unavailable(429, timedelta(minutes=3))),
            TopicDown(silent, silent + self._minutes(20, 90)),
            SecretDeleted("operator-3", self._day(25, 28)),
        ]

    def _day(self, first: int, last: int) -> datetime:
        """Draw a moment between two days of the month."""
        span = int((last - first) * DAY.total_seconds())
        return START + first * DAY + timedelta(seconds=self._rng.randrange(span))

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(minutes=self._rng.randint(least, most))
