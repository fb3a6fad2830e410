"""What may work a moment later is tried again, for as long as there is time for it."""

from datetime import timedelta
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import ManualClock
from token_refresher.errors import OvertakenError, ServiceUnavailableError, VersionNotFoundError
from token_refresher.patience import Patience

SECOND = timedelta(seconds=1)
RESERVE = 5 * SECOND
PASSING = ServiceUnavailableError("ssm.PutParameter", "ThrottlingException")
DENIED = ServiceUnavailableError("ssm.PutParameter", "AccessDeniedException", passing=False)


class Minute:
    """An invocation that has a minute, and a service that takes a second for each answer."""

    def __init__(self, *errors: Exception, limit: timedelta = 60 * SECOND) -> None:
        self.clock = ManualClock()
        self.ends_at = self.clock.now + limit
        self.errors = list(errors)
        self.calls = 0
        self.pauses: list[float] = []
        self.patience = Patience(self.left, self.sleep)

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
        return self.patience.call(RESERVE, self.work, "do", ending="ne")


def test_what_works_is_done_once_and_without_a_pause() -> None:
    minute = Minute()
    assert (minute.run(), minute.calls, minute.pauses) == ("done", 1, [])


@pytest.mark.parametrize("error", [PASSING, OvertakenError()], ids=["a service that is down", "others who were faster"])
def test_what_may_work_a_moment_later_is_tried_again(error: Exception) -> None:
    minute = Minute(error, error, error)
    assert (minute.run(), minute.calls, len(minute.pauses)) == ("done", 4, 3)


@pytest.mark.parametrize(
    "error", [DENIED, VersionNotFoundError("search-ads"), LookupError()], ids=["a refusal", "no version", "a fault"]
)
def test_what_will_not_work_a_moment_later_is_not_tried_again(error: Exception) -> None:
    minute = Minute(error)
    with pytest.raises(type(error)):
        minute.run()
    assert (minute.calls, minute.pauses) == (1, [])


def test_what_goes_on_failing_is_tried_until_only_the_reserve_is_left() -> None:
    minute = Minute(*[PASSING] * 1000)
    with pytest.raises(ServiceUnavailableError):
        minute.run()
    assert RESERVE - 3 * SECOND <= minute.left() <= RESERVE


def test_what_is_raised_in_the_end_is_what_happened_last() -> None:
    last = ServiceUnavailableError("ssm.PutParameter", "InternalServerError", passing=False)
    minute = Minute(PASSING, PASSING, last)
    with pytest.raises(ServiceUnavailableError) as caught:
        minute.run()
    assert caught.value is last


def test_without_time_it_is_tried_once_all_the_same() -> None:
    minute = Minute(limit=timedelta(0))
    assert minute.run() == "done"


def test_without_time_it_is_not_tried_twice() -> None:
    minute = Minute(PASSING, limit=RESERVE)
    with pytest.raises(ServiceUnavailableError):
        minute.run()
    assert minute.calls == 1


@given(st.integers(1, 20))
def test_the_pauses_grow_to_two_seconds_at_the_most(failures: int) -> None:
    minute = Minute(*[PASSING] * failures, limit=3600 * SECOND)
    minute.run()
    bounds = [min(2.0, 0.1 * 2**number) for number in range(failures)]
    assert all(0 <= pause <= bound for pause, bound in zip(minute.pauses, bounds, strict=True))


def test_the_pauses_are_spread() -> None:
    """Full jitter: whoever failed together must not come back together."""
    minutes = [Minute(*[PASSING] * 10, limit=3600 * SECOND) for _ in range(2)]
    for minute in minutes:
        minute.run()
    assert minutes[0].pauses != minutes[1].pauses


def test_a_process_that_ends_is_not_held_up() -> None:
    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Minute().patience.call(RESERVE, interrupted)
