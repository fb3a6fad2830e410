"""Draws the script of a month: the same cast each time, and other days and hours with each seed."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, refused, unavailable
from tests.fakes.manual_clock import START
from tests.month.oracle import deserved
from tests.month.script import (
    BadPaste,
    Dead,
    Down,
    FirstConsent,
    Hitch,
    Member,
    Moody,
    Note,
    Policy,
    Removed,
    Script,
    SecretEnds,
    Silent,
    Story,
    Unknown,
)
from tests.month.windows import AmbiguousScriptError, Deserved
from token_refresher.failure import FailureKind, ProviderFailure

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOT_SENT = ProviderFailure(FailureKind.NOT_SENT)
SECOND_FACTOR = refused(50076, "interaction_required")
BLOCKED = refused(53003)
NEVER_SEEN = refused(5999999, "unheard_of")


@dataclass(frozen=True)
class Month:
    """A script, and the alerts that it deserves."""

    script: Script
    deserved: list[Deserved]


def month(seed: int) -> Month:
    """Draw a month that is not ambiguous: nobody acts in the minutes in which people are told."""
    for attempt in count():
        script = _Draw(seed, attempt).script()
        try:
            return Month(script, deserved(script))
        except AmbiguousScriptError:
            continue
    raise AssertionError


class _Draw:
    def __init__(self, seed: int, attempt: int) -> None:
        self._seed = seed
        self._rng = random.Random(f"{seed}/{attempt}")  # noqa: S311 - It has to be repeatable, and guards nothing.

    def script(self) -> Script:
        # Their client secrets end amid the month, and after it.
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
        return Script(self._seed, members, (*self._weather(), *self._people(members[-1].since), *self._secrets(soon)))

    def _weather(self) -> list[Story]:
        failures = [NOT_SENT, NO_ANSWER, unavailable(503), unavailable(429, timedelta(minutes=3))]
        self._rng.shuffle(failures)
        long = [
            Down(start, start + self._minutes(70, 260), failure)
            for start, failure in zip((self._day(3, 4), self._day(13, 15), self._day(24, 26)), failures, strict=False)
        ]
        short = [
            Down(start, start + self._minutes(2, 10), failure)
            for start, failure in zip((self._day(6, 8), self._day(18, 19), self._day(27, 28)), failures, strict=False)
        ]
        return [*long, *short, Moody("moody", AMBIGUOUS)]

    def _people(self, newcomer_since: datetime) -> list[Story]:
        """Return what ends sign-ins, and the topic that is silent when the first one ends."""
        revoked, ambiguous, policy, blocked = self._day(1, 2), self._day(2, 5), self._day(2, 8), self._day(9, 11)
        again, forever = self._day(16, 18), self._day(1, 4)
        return [
            Dead("person-0", revoked, None, revoked + self._minutes(180, 1200)),
            Silent(revoked - timedelta(minutes=3), revoked + self._minutes(60, 120)),
            Dead("person-0", again, None, again + self._minutes(1600, 4000)),
            Dead("person-1", ambiguous, AMBIGUOUS, ambiguous + self._minutes(5800, 9000)),
            Policy("person-2", policy, policy + self._minutes(2000, 4000), SECOND_FACTOR),
            Policy("person-3", blocked, blocked + self._minutes(300, 1200), BLOCKED),
            Dead("left-alone", forever, None, None),
            Note("left-alone", forever + self._minutes(100, 1000)),
            Note("calm", self._day(5, 25)),
            FirstConsent("newcomer", newcomer_since + self._minutes(60, 3000)),
        ]

    def _secrets(self, soon: datetime) -> list[Story]:
        replaced_at, in_time, pasted = soon + self._minutes(120, 2500), self._day(17, 22), self._day(4, 20)
        unknown, brief, own = self._day(10, 12), self._day(2, 3), self._day(20, 22)
        silent = self._day(8, 24)
        return [
            SecretEnds("app-ending", soon, replaced_at, timedelta(minutes=30), soon + 180 * DAY),
            Removed("ending-5", soon + timedelta(minutes=90)),
            SecretEnds("app-replaced", START + 35 * DAY, in_time, timedelta(minutes=30), START + 200 * DAY),
            BadPaste("operator-0", pasted, pasted + self._minutes(120, 3000)),
            Unknown("operator-1", unknown, unknown + self._minutes(360, 900), NEVER_SEEN),
            Unknown("operator-1", brief, brief + timedelta(minutes=8), NEVER_SEEN),
            Hitch("operator-2", own, own + self._minutes(70, 300), unavailable(500)),
            Hitch("operator-3", brief, brief + timedelta(minutes=4), unavailable(429, timedelta(minutes=3))),
            Silent(silent, silent + self._minutes(20, 90)),
            Removed("operator-3", self._day(25, 28)),
        ]

    def _day(self, first: int, last: int) -> datetime:
        """Draw a moment between two days of the month."""
        span = int((last - first) * DAY.total_seconds())
        return START + first * DAY + timedelta(seconds=self._rng.randrange(span))

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(minutes=self._rng.randint(least, most))
