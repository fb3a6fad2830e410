"""The pause before the next call to Microsoft."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from token_refresher.base.backoff import (
    BASE,
    CALLS_PER_ATTEMPT,
    CAP,
    CONFIRMATION_PAUSE,
    FLOOR,
    backoff,
    confirmation_delay,
)

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
FAILURES: Final = st.integers(1, 10_000)
SPREADS: Final = st.floats(0, 1)
DURATIONS: Final = st.integers(0, 7200).map(lambda number: timedelta(seconds=number))
ASKED: Final = st.none() | DURATIONS

LOOP_CALLS: Final = 15
LOOP_WINDOW: Final = timedelta(minutes=5)
"""Microsoft treats so many calls in this time as a loop (entra-docs: reference-breaking-changes, March 2019)."""


@pytest.mark.parametrize(
    ("failures", "asked", "pause", "shortest", "longest"),
    [
        pytest.param(1, None, 0, 40, 60, id="the first failure waits at most a minute"),
        pytest.param(2, None, 0, 40, 120, id="the second doubles that"),
        pytest.param(4, None, 0, 40, 480, id="the fourth waits up to 8 minutes"),
        pytest.param(5, None, 0, 40, 900, id="the fifth reaches the cap"),
        pytest.param(1_000_000, None, 0, 40, 900, id="an outage of years does not pass the cap"),
        pytest.param(0, None, 0, 40, 60, id="a lost count is a first failure"),
        pytest.param(-3, None, 0, 40, 60, id="a negative count is a first failure"),
        pytest.param(1, 0, 0, 40, 60, id="a Retry-After of zero does not shorten the pause"),
        pytest.param(1, 45, 0, 45, 60, id="a Retry-After within the pause is its floor"),
        pytest.param(1, 300, 0, 300, 360, id="a longer Retry-After is obeyed, and spread by up to a fifth"),
        pytest.param(9, 300, 0, 300, 900, id="a Retry-After does not shorten a backoff that has grown"),
        pytest.param(1, 3600, 0, 3600, 4320, id="a Retry-After of an hour exceeds the cap"),
        pytest.param(1, None, 360, 360, 432, id="after a loop the pause is 6 minutes and up to a fifth more"),
        pytest.param(1, 600, 360, 600, 720, id="of two requested pauses the longer one holds"),
        pytest.param(1, 60, 360, 360, 432, id="a short Retry-After does not shorten the pause of a failure"),
    ],
)
def test_a_pause_lies_between(failures: int, asked: int | None, pause: int, shortest: int, longest: int) -> None:
    retry_after = None if asked is None else asked * SECOND
    drawn = [backoff(failures, retry_after, spread, pause * SECOND) for spread in (0.0, 1.0)]
    assert drawn == [shortest * SECOND, longest * SECOND]


@given(FAILURES, SPREADS)
def test_the_delay_is_from_the_floor_to_the_cap(failures: int, spread: float) -> None:
    assert FLOOR <= backoff(failures, None, spread) <= CAP


@given(FAILURES, ASKED, DURATIONS)
def test_the_ceiling_never_falls(failures: int, asked: timedelta | None, pause: timedelta) -> None:
    assert backoff(failures, asked, 1, pause) <= backoff(failures + 1, asked, 1, pause)


@given(FAILURES, DURATIONS, SPREADS, DURATIONS)
def test_no_attempt_comes_before_the_requested_time(
    failures: int, asked: timedelta, spread: float, pause: timedelta
) -> None:
    assert backoff(failures, asked, spread, pause) >= max(asked, pause)


@given(FAILURES, ASKED, SPREADS, DURATIONS)
def test_no_attempt_waits_longer_than_the_cap_or_a_fifth_more_than_requested(
    failures: int, asked: timedelta | None, spread: float, pause: timedelta
) -> None:
    longest = max(asked or timedelta(0), pause)
    assert backoff(failures, asked, spread, pause) <= max(CAP, longest + longest / 5)


@given(FAILURES, SPREADS)
def test_a_short_retry_after_does_not_shorten_the_backoff(failures: int, spread: float) -> None:
    assert backoff(failures, timedelta(0), spread) == backoff(failures, None, spread)


@given(FAILURES, ASKED, DURATIONS, SPREADS, SPREADS)
def test_a_larger_random_number_means_a_later_attempt(
    failures: int, asked: timedelta | None, pause: timedelta, one: float, other: float
) -> None:
    """Every pause is spread, so that credentials that failed together do not return together."""
    less, more = sorted((one, other))
    assert backoff(failures, asked, less, pause) <= backoff(failures, asked, more, pause)


@pytest.mark.parametrize(
    ("spread", "seconds"),
    [
        pytest.param(0.0, 150, id="the shortest pause is 150 seconds"),
        pytest.param(1.0, 180, id="the longest pause is 180 seconds"),
    ],
)
def test_the_pause_before_an_uncertain_refusal_is_confirmed(spread: float, seconds: int) -> None:
    assert confirmation_delay(spread) == seconds * SECOND


# --- Never taken for a loop, even if each attempt starts as soon as its pause is over -------------------------------

ATTEMPTS: Final = st.lists(
    st.tuples(
        st.integers(0, CALLS_PER_ATTEMPT),  # How many uncertain refusals came first.
        st.booleans(),  # Whether something else failed then.
        st.integers(0, 3),  # What that was.
        ASKED,
        st.sampled_from([timedelta(0), 6 * MINUTE]),
        SPREADS,
    ),
    min_size=1,
    max_size=40,
)
SHORTEST: Final = [(0, True, number % 2, None, timedelta(0), 0.0) for number in range(20)]


def most_calls(moments: list[timedelta], window: timedelta = LOOP_WINDOW) -> int:
    return max(sum(start <= moment < start + window for moment in moments) for start in moments)


def transient(kinds: list[int], spreads: list[float]) -> list[timedelta]:
    """Return when the calls for a credential happen if each of them fails in these transient ways."""
    moments, failures, before = [timedelta(0)], 0, None
    for kind, spread in zip(kinds, spreads, strict=True):
        failures = failures + 1 if kind == before else 1
        before = kind
        moments.append(moments[-1] + backoff(failures, None, spread))
    return moments


@given(st.lists(SPREADS, min_size=40, max_size=40))
@example([0.0] * 40)
def test_while_one_kind_of_failure_lasts_five_minutes_hold_at_most_8_calls(spreads: list[float]) -> None:
    assert most_calls(transient([0] * 40, spreads)) <= 8


@given(st.lists(st.tuples(st.integers(0, 3), SPREADS), min_size=40, max_size=40))
@example([(number % 2, 0.0) for number in range(40)])
def test_while_outages_of_all_kinds_alternate_five_minutes_hold_at_most_8_calls(
    drawn: list[tuple[int, float]],
) -> None:
    """Each failure of another kind is a first failure, so its backoff starts again."""
    kinds, spreads = [kind for kind, _ in drawn], [spread for _, spread in drawn]
    assert most_calls(transient(kinds, spreads)) <= 8


@given(st.lists(SPREADS, min_size=10, max_size=10))
@example([0.0] * 10)
def test_while_a_refusal_is_uncertain_five_minutes_hold_at_most_8_calls(spreads: list[float]) -> None:
    moments, now = [], timedelta(0)
    for spread in spreads:
        moments += [now] * CALLS_PER_ATTEMPT
        now += confirmation_delay(spread)
    assert most_calls(moments) <= 8


@given(ATTEMPTS)
@example(SHORTEST)
@example([*SHORTEST[:3], (CALLS_PER_ATTEMPT, False, 0, None, timedelta(0), 0.0)] * 4)
@example([(CALLS_PER_ATTEMPT - 1, True, 0, None, timedelta(0), 0.0), *SHORTEST[:3]] * 4)
def test_for_any_failures_and_any_random_numbers_five_minutes_hold_at_most_11_calls(
    attempts: list[tuple[int, bool, int, timedelta | None, timedelta, float]],
) -> None:
    moments: list[timedelta] = []
    now, failures, before = timedelta(0), 0, None
    for refusals, also_fails, kind, asked, pause, spread in attempts:
        calls = min(refusals + also_fails, CALLS_PER_ATTEMPT) or 1
        moments += [now] * calls
        if also_fails or not refusals:
            failures = failures + 1 if kind == before else 1
            before = kind
            now += backoff(failures, asked, spread, max(pause, CONFIRMATION_PAUSE) if calls > 1 else pause)
        else:
            before = None
            now += confirmation_delay(spread)
    assert most_calls(moments) <= 11
    # Times are stored to the second, and Microsoft has a clock of its own.
    assert most_calls(moments, LOOP_WINDOW + 5 * SECOND) < LOOP_CALLS


def test_the_pauses_are_in_order() -> None:
    assert FLOOR < BASE < CONFIRMATION_PAUSE < CAP
