"""How often a pipeline reads Secrets Manager, and the worst token that it ever gets, with a clock set by hand."""

from datetime import timedelta
from typing import Final

import pytest

from tests.client.aws import CONSUMER, NOON, FakeSecrets, ManualClock, consumer
from token_refresher_client import TokenReader

LIFETIME: Final = timedelta(minutes=60)
PROMISE: Final = timedelta(minutes=15)
"""The defaults: how long a token of Microsoft lives, and how much of it a reader finds at least."""

DAY: Final = timedelta(days=1)


class Day:
    """A day in which a credential is refreshed as late as was promised, and a pipeline asks for its token.

    Attributes:
        reads: How often Secrets Manager was read.
        worst: The shortest time that a token had left when the pipeline got it.
    """

    def __init__(self, every: timedelta, margin: timedelta, readers: int = 1) -> None:
        self.clock = ManualClock()
        self.secrets = FakeSecrets(self.clock)
        self.worst = LIFETIME
        self._generation = 0
        self._ends = NOON
        self._refresh()
        for _ in range(readers):
            self._run(every, TokenReader("acme-ads", client=self.secrets, clock=self.clock), margin)

    @property
    def reads(self) -> int:
        return self.secrets.reads

    def _run(self, every: timedelta, reader: TokenReader, margin: timedelta) -> None:
        end = self.clock.now + DAY
        while self.clock.now < end:
            while self._ends - self.clock.now < PROMISE:
                self._refresh()
            self.worst = min(self.worst, reader.token(margin).remaining(self.clock.now))
            self.clock.now += every

    def _refresh(self) -> None:
        self._generation += 1
        # The token is as old as the moment at which the refresh was due.
        self._ends = max(self._ends - PROMISE, NOON) + LIFETIME
        self.secrets.put(CONSUMER, consumer(f"token-{self._generation}", ends=self._ends, generation=self._generation))


@pytest.mark.parametrize("seconds", [1, 60, 300])
def test_a_busy_pipeline_reads_less_than_twice_an_hour(seconds: int) -> None:
    """At the default margin of five minutes: 1.33 reads an hour, however often the token is used."""
    day = Day(timedelta(seconds=seconds), timedelta(minutes=5))
    assert day.reads / 24 <= 1.4
    assert day.worst >= timedelta(minutes=5)


@pytest.mark.parametrize("minutes", [1, 5, 10, 14, 15])
def test_no_token_ever_had_less_left_than_the_margin(minutes: int) -> None:
    margin = timedelta(minutes=minutes)
    day = Day(timedelta(seconds=7), margin)
    assert margin <= day.worst < margin + timedelta(seconds=7)
    assert day.reads / 24 <= 1.4


def test_a_job_that_asks_once_in_two_hours_reads_each_time() -> None:
    assert Day(timedelta(hours=2), timedelta(minutes=5)).reads == 12


def test_a_reader_of_its_own_for_each_call_is_what_costs() -> None:
    """The mistake to warn of: a reader keeps the token only as long as somebody keeps the reader."""
    secrets, clock = FakeSecrets(), ManualClock()
    secrets.put(CONSUMER, consumer())
    for _ in range(60):
        TokenReader("acme-ads", client=secrets, clock=clock).token()
        clock.advance(seconds=30)
    assert secrets.reads == 60
