"""All credentials at one moment: whose token is watched, and whose is somebody's to mend."""

from datetime import UTC, datetime, timedelta

import pytest

from token_refresher.fleet import Fleet
from token_refresher.overview import Overview
from token_refresher.status import Status

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def credential(name: str, status: Status, minutes_left: int | None = None, days_old: int | None = None) -> Overview:
    return Overview(
        name,
        "version-1",
        status,
        None if minutes_left is None else NOW + minutes_left * MINUTE,
        None if days_old is None else NOW - days_old * DAY,
    )


def test_the_worst_is_the_one_whose_token_ends_first() -> None:
    fleet = Fleet.of([credential(name, Status.HEALTHY, left) for name, left in (("a", 40), ("b", 20), ("c", 30))], NOW)
    assert (fleet.worst, fleet.worst_minutes_left) == ("b", 20)


def test_a_token_that_has_ended_has_less_than_nothing_left() -> None:
    assert Fleet.of([credential("a", Status.RETRYING, -7)], NOW).worst_minutes_left == -7


@pytest.mark.parametrize(
    ("status", "is_kept_alive"),
    [
        pytest.param(Status.HEALTHY, True, id="a healthy one is kept alive"),
        pytest.param(Status.RETRYING, True, id="one that is tried again is kept alive"),
        pytest.param(Status.AWAITING_CONSENT, False, id="a new one waits for its user"),
        pytest.param(Status.NEEDS_CONSENT, False, id="its user was told"),
        pytest.param(Status.NEEDS_OPERATOR, False, id="its operator was told"),
        pytest.param(Status.PAUSED, False, id="an operator set it aside"),
    ],
)
def test_the_worst_is_one_of_those_that_are_kept_alive(status: Status, is_kept_alive: bool) -> None:
    fleet = Fleet.of([credential("dying", status, 1), credential("well", Status.HEALTHY, 40)], NOW)
    assert (fleet.worst, fleet.worst_minutes_left) == (("dying", 1) if is_kept_alive else ("well", 40))


def test_where_nothing_is_kept_alive_nothing_is_left_of_it() -> None:
    fleet = Fleet.of([credential("a", Status.PAUSED, 40), credential("b", Status.RETRYING)], NOW)
    assert (fleet.worst, fleet.worst_minutes_left) == ("", None)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        pytest.param(Status.HEALTHY, True, id="of a healthy one"),
        pytest.param(Status.RETRYING, True, id="of one that is tried again"),
        pytest.param(Status.NEEDS_OPERATOR, True, id="of one whose operator has to act: it may be alive"),
        pytest.param(Status.PAUSED, True, id="of one that is paused: it grows old unseen"),
        pytest.param(Status.NEEDS_CONSENT, False, id="of one whose refresh token is dead"),
        pytest.param(Status.AWAITING_CONSENT, False, id="of one that has none"),
    ],
)
def test_the_age_of_a_refresh_token_counts_while_it_may_be_alive(status: Status, counts: bool) -> None:
    fleet = Fleet.of([credential("old", status, days_old=80), credential("young", Status.HEALTHY, days_old=2)], NOW)
    assert fleet.oldest_refresh_token_days == (80 if counts else 2)


def test_without_a_known_refresh_token_there_is_no_oldest() -> None:
    assert Fleet.of([credential("a", Status.HEALTHY, 40)], NOW).oldest_refresh_token_days is None


def test_every_status_is_counted_also_where_there_is_none() -> None:
    fleet = Fleet.of([credential("a", Status.HEALTHY), credential("b", Status.HEALTHY)], NOW)
    assert fleet.by_status == {**dict.fromkeys(map(str, Status), 0), "healthy": 2}
