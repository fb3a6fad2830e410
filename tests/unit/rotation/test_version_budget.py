"""A secret has room for 100 versions, and each keeps its place for a day."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import START
from tests.packaging.cloudformation import default_environment
from token_refresher.entrypoints.settings import Settings
from token_refresher.rotation.version_budget import VERSIONS_AT_ONCE, VersionBudget

DAY = timedelta(hours=24)
INTERVAL = timedelta(minutes=20)
BUDGET = VersionBudget(INTERVAL)
VERSIONS_OF_A_SECRET = 100


def spend(budget: VersionBudget, waits: list[timedelta]) -> list[datetime]:
    """Write a version after each of the waits, or as soon after it as it is allowed; return the times."""
    now, spent_until, written = START, None, []
    for wait in waits:
        now = budget.allowed_at(spent_until, now + wait)
        spent_until = budget.spend(spent_until, now)
        written.append(now)
    return written


def most_in_a_day(written: list[datetime]) -> int:
    return max(sum(1 for moment in written if first <= moment < first + DAY) for first in written)


@given(
    interval=st.integers(60, 7200).map(lambda seconds: timedelta(seconds=seconds)),
    waits=st.lists(st.integers(0, 9000).map(lambda seconds: timedelta(seconds=seconds)), min_size=1, max_size=200),
)
def test_no_day_has_more_versions_than_a_few_at_once_and_one_per_interval(
    interval: timedelta, waits: list[timedelta]
) -> None:
    written = spend(VersionBudget(interval), waits)
    assert most_in_a_day(written) <= VERSIONS_AT_ONCE + DAY / interval


def test_a_storm_with_the_default_of_the_template_stays_far_from_the_quota() -> None:
    interval = Settings.from_environment(default_environment()).timing.minimum_interval
    storm = spend(VersionBudget(interval), [timedelta(0)] * 300)
    assert most_in_a_day(storm) <= 0.8 * VERSIONS_OF_A_SECRET


@given(st.lists(st.integers(1200, 9000).map(lambda seconds: timedelta(seconds=seconds)), min_size=1, max_size=50))
def test_a_credential_that_keeps_the_interval_is_never_held_back(waits: list[timedelta]) -> None:
    written = spend(BUDGET, waits)
    assert [after - before for before, after in zip([START, *written], written, strict=False)] == waits


def test_a_few_at_once_are_allowed() -> None:
    assert spend(BUDGET, [timedelta(0)] * VERSIONS_AT_ONCE) == [START] * VERSIONS_AT_ONCE


def test_after_a_few_at_once_the_next_one_has_to_wait_for_an_interval() -> None:
    assert spend(BUDGET, [timedelta(0)] * (VERSIONS_AT_ONCE + 2))[-2:] == [START + INTERVAL, START + 2 * INTERVAL]


def test_a_pause_restores_the_budget() -> None:
    waits = [timedelta(0)] * VERSIONS_AT_ONCE + [VERSIONS_AT_ONCE * INTERVAL] + [timedelta(0)] * (VERSIONS_AT_ONCE - 1)
    assert spend(BUDGET, waits)[-1] == START + VERSIONS_AT_ONCE * INTERVAL


def test_a_long_pause_does_not_increase_the_budget() -> None:
    waits = [100 * DAY] + [timedelta(0)] * VERSIONS_AT_ONCE
    assert spend(BUDGET, waits)[-1] == START + 100 * DAY + INTERVAL


@pytest.mark.parametrize(
    ("spent_until", "untouched"),
    [
        pytest.param(None, True, id="if nothing was spent: is"),
        pytest.param(START - DAY, True, id="if all is restored: is"),
        pytest.param(START + INTERVAL, True, id="after one version, as usual: is"),
        pytest.param(START + INTERVAL + timedelta(seconds=1), False, id="after more than one: is not"),
        pytest.param(START + VERSIONS_AT_ONCE * INTERVAL, False, id="in a storm: is not"),
    ],
)
def test_a_budget_is_untouched_when_there_is_no_storm(spent_until: datetime | None, *, untouched: bool) -> None:
    assert BUDGET.is_untouched(spent_until, START) is untouched
