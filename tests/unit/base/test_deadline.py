"""A call that may succeed a moment later is retried for as long as there is time."""

from datetime import timedelta
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import ManualClock
from token_refresher.base.deadline import Deadline
from token_refresher.base.errors import OvertakenError, ServiceUnavailableError, VersionNotFoundError

SECOND = timedelta(seconds=1)
RESERVE = 5 * SECOND
PASSING = ServiceUnavailableError("ssm.PutParameter", "ThrottlingException")
DENIED = ServiceUnavailableError("ssm.PutParameter", "AccessDeniedException", passing=False)


class Minute:
    """An invocation with one minute, and a service that needs one second for each answer."""

    def __init__(self, *errors: Exception, limit: timedelta = 60 * SECOND) -> None:
        self.clock = ManualClock()
        self.ends_at = self.clock.now + limit
        self.errors = list(errors)
        self.calls = 0
        self.pauses: list[float] = []
        self.deadline = Deadline(self.left, self.sleep)

    def left(self) -> timedelta:
        return self.ends_at - self.clock.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    def work(self, word: str, *, ending: str = "") -> str:
        self.calls += 1
        self.clock.advance(SECOND)
        if self.errors:
            raise self.errors.pop(0)
        return word + ending

    def run(self) -> str:
        return self.deadline.call(RESERVE, self.work, "do", ending="ne")


def test_a_call_that_succeeds_is_made_once_and_without_a_pause() -> None:
    minute = Minute()
    assert (minute.run(), minute.calls, minute.pauses) == ("done", 1, [])


@pytest.mark.parametrize("error", [PASSING, OvertakenError()], ids=["a service is down", "another process was faster"])
def test_a_call_that_may_succeed_a_moment_later_is_retried(error: Exception) -> None:
    minute = Minute(error, error, error)
    assert (minute.run(), minute.calls, len(minute.pauses)) == ("done", 4, 3)


@pytest.mark.parametrize(
    "error", [DENIED, VersionNotFoundError("search-ads"), LookupError()], ids=["a refusal", "no version", "a bug"]
)
def test_a_call_that_will_not_succeed_a_moment_later_is_not_retried(error: Exception) -> None:
    minute = Minute(error)
    with pytest.raises(type(error)):
        minute.run()
    assert (minute.calls, minute.pauses) == (1, [])


def test_a_call_that_keeps_failing_is_retried_until_only_the_reserve_is_left() -> None:
    minute = Minute(*[PASSING] * 1000)
    with pytest.raises(ServiceUnavailableError):
        minute.run()
    assert RESERVE - 3 * SECOND <= minute.left() <= RESERVE


def test_the_last_error_is_raised() -> None:
    last = ServiceUnavailableError("ssm.PutParameter", "InternalServerError", passing=False)
    minute = Minute(PASSING, PASSING, last)
    with pytest.raises(ServiceUnavailableError) as caught:
        minute.run()
    assert caught.value is last


def test_without_time_the_call_is_still_made_once() -> None:
    minute = Minute(limit=timedelta(0))
    assert minute.run() == "done"


def test_without_time_the_call_is_not_retried() -> None:
    minute = Minute(PASSING, limit=RESERVE)
    with pytest.raises(ServiceUnavailableError):
        minute.run()
    assert minute.calls == 1


@given(st.integers(1, 20))
def test_a_pause_is_at_most_a_second_however_often_the_call_has_failed(failures: int) -> None:
    """If pauses grew, a call that has waited for long would be overtaken by those that have just come."""
    minute = Minute(*[PASSING] * failures, limit=3600 * SECOND)
    minute.run()
    assert len(minute.pauses) == failures
    assert all(0 <= pause <= 1 for pause in minute.pauses)


def test_the_pauses_are_spread() -> None:
    """Calls that failed together must not be retried together."""
    minutes = [Minute(*[PASSING] * 10, limit=3600 * SECOND) for _ in range(2)]
    for minute in minutes:
        minute.run()
    assert minutes[0].pauses != minutes[1].pauses


def test_an_interrupt_is_not_retried() -> None:
    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Minute().deadline.call(RESERVE, interrupted)
