"""The days of the expiry warnings."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.manual_clock import START
from token_refresher.alerts.expiry import STAGES, UNREPLACED_STAGES, stage, unreplaced_stage

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
IDLE = 90 * DAY
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


@pytest.mark.parametrize(
    ("left", "days"),
    [
        pytest.param(31 * DAY, None, id="more than a month: no warning"),
        pytest.param(30 * DAY + SECOND, None, id="a second more than 30 days: no warning"),
        pytest.param(30 * DAY, 30, id="30 days"),
        pytest.param(14 * DAY + SECOND, 30, id="a second more than 14 days: still the first"),
        pytest.param(14 * DAY, 14, id="14 days"),
        pytest.param(7 * DAY, 7, id="7 days"),
        pytest.param(DAY, 1, id="a day"),
        pytest.param(SECOND, 1, id="a second"),
        pytest.param(timedelta(0), None, id="it has expired: the provider says so itself"),
        pytest.param(-DAY, None, id="it has expired long ago"),
    ],
)
def test_a_client_secret_has_four_warnings(left: timedelta, days: int | None) -> None:
    assert stage(START + left, START) == days


@pytest.mark.parametrize(
    ("age", "days"),
    [
        pytest.param(-SECOND, None, id="issued by a clock that is ahead"),
        pytest.param(timedelta(0), None, id="new"),
        pytest.param(DAY, None, id="exactly a day"),
        pytest.param(DAY + SECOND, 1, id="more than a day: it is not replaced"),
        pytest.param(30 * DAY, 1, id="exactly 30 days"),
        pytest.param(30 * DAY + SECOND, 30, id="more than 30 days"),
        pytest.param(61 * DAY, 60, id="more than 60 days"),
        pytest.param(89 * DAY, 80, id="the day before it ends"),
    ],
)
def test_a_refresh_token_has_four_warnings(age: timedelta, days: int | None) -> None:
    assert unreplaced_stage(START - age, START, IDLE) == days


@given(left=SPANS, later=SPANS)
def test_the_stages_of_a_client_secret_go_down(left: timedelta, later: timedelta) -> None:
    before, after = stage(START + left, START), stage(START + left, START + later)
    assert before is None or after is None or after <= before


@given(age=SPANS, later=SPANS)
def test_the_stages_of_a_refresh_token_go_up(age: timedelta, later: timedelta) -> None:
    assert (unreplaced_stage(START - age, START, IDLE) or 0) <= (
        unreplaced_stage(START - age, START + later, IDLE) or 0
    )


def test_a_refresh_token_that_lives_for_a_shorter_time_has_the_warnings_before_its_end_only() -> None:
    assert unreplaced_stage(START - 59 * DAY, START, idle=60 * DAY) == 30


def test_the_last_warning_of_a_refresh_token_is_long_before_its_end() -> None:
    assert max(UNREPLACED_STAGES) <= 80
    assert STAGES == (30, 14, 7, 1)
