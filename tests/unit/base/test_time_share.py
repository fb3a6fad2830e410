from datetime import timedelta

import pytest

from tests.fakes.manual_clock import ManualClock
from token_refresher.base.time_share import TimeShare, unlimited

SECOND = timedelta(seconds=1)


def at(clock: ManualClock) -> TimeShare:
    """Return a share of 60 of the next 100 seconds that must leave 30 seconds."""
    ends_at = clock() + 100 * SECOND
    return TimeShare.of(lambda: ends_at - clock(), 0.6, 30 * SECOND)


@pytest.mark.parametrize(("seconds", "spent"), [(0, False), (59, False), (60, True), (200, True)])
def test_a_share_is_spent_when_its_part_of_the_time_is_over(seconds: int, spent: bool) -> None:
    clock = ManualClock()
    share = at(clock)
    clock.advance(seconds * SECOND)
    assert share.is_spent is spent


def test_a_share_never_takes_the_time_that_must_be_left() -> None:
    assert TimeShare.of(lambda: 30 * SECOND, 0.6, 30 * SECOND).is_spent


def test_without_a_deadline_a_share_is_never_spent() -> None:
    assert not TimeShare.of(unlimited, 0.6, 30 * SECOND).is_spent
