"""How long to wait after a failure that passes by itself."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.retry import BASE, CAP, retry_delay

FAILURES = st.integers(1, 10_000)
SPREADS = st.floats(0, 1)
ASKED = st.none() | st.integers(0, 7200).map(lambda number: timedelta(seconds=number))

LOOP_CALLS = 15
LOOP_WINDOW = timedelta(minutes=5)
"""What Microsoft takes for a loop (entra-docs: reference-breaking-changes, March 2019)."""


@pytest.mark.parametrize(
    ("failures", "ceiling"),
    [
        pytest.param(1, timedelta(seconds=30), id="the first failure"),
        pytest.param(2, timedelta(seconds=60), id="the second doubles it"),
        pytest.param(5, timedelta(minutes=8), id="the fifth"),
        pytest.param(6, timedelta(minutes=15), id="the cap is reached"),
        pytest.param(1_000_000, timedelta(minutes=15), id="an outage of years"),
        pytest.param(0, timedelta(seconds=30), id="a count that was lost"),
        pytest.param(-3, timedelta(seconds=30), id="a count that is nonsense"),
    ],
)
def test_the_ceiling_doubles_up_to_the_cap(failures: int, ceiling: timedelta) -> None:
    assert retry_delay(failures, None, spread=1) == ceiling


@given(FAILURES, SPREADS)
def test_the_delay_is_from_nothing_to_the_cap(failures: int, spread: float) -> None:
    assert timedelta(0) <= retry_delay(failures, None, spread) <= CAP


@given(FAILURES, ASKED)
def test_the_ceiling_never_falls(failures: int, asked: timedelta | None) -> None:
    assert retry_delay(failures, asked, spread=1) <= retry_delay(failures + 1, asked, spread=1)


@given(FAILURES, st.integers(0, 7200).map(lambda number: timedelta(seconds=number)), SPREADS)
def test_retry_after_is_obeyed_whatever_the_spread(failures: int, asked: timedelta, spread: float) -> None:
    assert retry_delay(failures, asked, spread) >= asked


@given(FAILURES, SPREADS)
def test_a_short_retry_after_does_not_cut_the_backoff(failures: int, spread: float) -> None:
    assert retry_delay(failures, timedelta(0), spread) == retry_delay(failures, None, spread)


def most_calls(moments: list[timedelta]) -> int:
    return max(sum(start <= moment < start + LOOP_WINDOW for moment in moments) for start in moments)


@pytest.mark.parametrize("seed", range(50))
def test_with_any_luck_the_pauses_alone_stay_out_of_the_loop_detection(seed: int) -> None:
    """As if a tick came every second; the real ones come once a minute at most."""
    luck = random.Random(seed)  # noqa: S311 - A simulation that can be repeated.
    moments = [timedelta(0)]
    for failures in range(1, 60):
        moments.append(moments[-1] + retry_delay(failures, None, luck.random()))
    assert most_calls(moments) < LOOP_CALLS


@given(st.lists(SPREADS, min_size=30, max_size=30), st.integers(1, 60))
def test_without_any_luck_the_ticks_stay_out_of_it(spreads: list[float], period_minutes: int) -> None:
    """Full jitter may say "at once", every time: then the next tick is what makes the pause."""
    period = timedelta(minutes=period_minutes)
    moments = [timedelta(0)]
    for failures, spread in enumerate(spreads, start=1):
        wanted = moments[-1] + retry_delay(failures, None, spread)
        moments.append(max(moments[-1] + period, -(-wanted // period) * period))
    assert most_calls(moments) < LOOP_CALLS


def test_the_first_pause_is_short_against_the_cap() -> None:
    assert BASE < CAP
