"""When a token is due, and which numbers cannot keep the promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.packaging.cloudformation import default_environment
from token_refresher.errors import ConfigurationError
from token_refresher.settings import Settings
from token_refresher.timing import Timing, schedule_period

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


TIMING = Timing(
    minimum_freshness=seconds(900),
    schedule_period=seconds(300),
    longest_run=seconds(60),
    visibility_timeout=seconds(120),
    http_deadline=seconds(28),
    writes_reserve=seconds(15),
    jitter=seconds(120),
    clock_skew=seconds(5),
    access_token_lifetime=seconds(3600),
    minimum_interval=seconds(900),
)

DURATIONS = st.integers(0, 7200).map(seconds)
TIMINGS = st.builds(
    Timing,
    minimum_freshness=DURATIONS,
    schedule_period=st.integers(60, 3600).map(seconds),
    longest_run=st.integers(45, 900).map(seconds),
    visibility_timeout=st.just(seconds(1000)),
    http_deadline=st.just(seconds(28)),
    writes_reserve=st.just(seconds(15)),
    jitter=DURATIONS,
    clock_skew=st.just(seconds(5)),
    access_token_lifetime=st.integers(600, 86400).map(seconds),
    minimum_interval=DURATIONS,
)
LIFETIMES = st.integers(1, 100_000).map(seconds)
SPREADS = st.floats(0, 1)


def test_the_defaults_of_the_template_keep_the_promise() -> None:
    timing = Settings.from_environment(default_environment()).timing
    timing.check()
    assert (timing.margin, timing.exchange) == (seconds(900 + 300 + 60 + 120 + 5), seconds(48))


def test_the_margin_is_whatever_can_go_by_until_the_successor_is_readable() -> None:
    assert TIMING.margin == seconds(900 + 300 + 60 + 120 + 5)


@pytest.mark.parametrize(
    ("changes", "arithmetic"),
    [
        pytest.param({"jitter": seconds(-1)}, ["jitter is negative"], id="a negative duration"),
        pytest.param({"minimum_freshness": seconds(-1)}, ["minimum_freshness is negative"], id="a negative promise"),
        pytest.param(
            {"longest_run": seconds(43)},
            ["28 s + writes 15 s = 43 s", "less than the function timeout 43 s", "RefreshTimeoutSeconds"],
            id="an exchange as long as the run",
        ),
        pytest.param(
            {"longest_run": seconds(120)},
            ["timeout 120 s must be less than the visibility timeout 120 s", "QueueVisibilitySeconds"],
            id="a run as long as the message is hidden",
        ),
        pytest.param(
            {"minimum_freshness": seconds(2700)},
            ["2700 s", "300 s", "60 s", "120 s", "5 s = 3185 s", "first half", "1800 s of 3600 s"],
            id="a promise longer than half of a life",
        ),
        pytest.param(
            {"schedule_period": seconds(3600)}, ["= 4685 s", "1800 s of 3600 s"], id="ticks further apart than a life"
        ),
        pytest.param(
            {"access_token_lifetime": seconds(600)},
            ["= 1385 s", "300 s of 600 s"],
            id="tokens that live too short",
        ),
        pytest.param(
            {"minimum_interval": seconds(2096)},
            ["refreshed every 2095 s", "no less than 2096 s"],
            id="versions too far apart",
        ),
    ],
)
def test_numbers_that_cannot_hold_are_refused_with_the_arithmetic(
    changes: dict[str, timedelta], arithmetic: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        replace(TIMING, **changes).check()
    assert [part for part in arithmetic if part not in str(caught.value)] == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the defaults"),
        pytest.param({"longest_run": seconds(44)}, id="a run one second longer than an exchange"),
        pytest.param({"visibility_timeout": seconds(61)}, id="a message hidden one second longer than a run"),
        pytest.param({"minimum_freshness": seconds(0)}, id="no promise"),
        pytest.param({"jitter": seconds(0)}, id="no jitter"),
    ],
)
def test_numbers_that_hold_are_taken(changes: dict[str, timedelta]) -> None:
    replace(TIMING, **changes).check()


@given(TIMINGS, SPREADS)
def test_numbers_that_are_taken_keep_the_promise_at_the_shortest_lifetime(timing: Timing, spread: float) -> None:
    """The worst case: a tick just missed, and a run that takes as long as it may."""
    try:
        timing.check()
    except ConfigurationError:
        assume(False)
    expires_at = AT + timing.access_token_lifetime
    readable_at = timing.next_action_at(AT, expires_at, spread) + timing.schedule_period + timing.longest_run
    assert expires_at - readable_at >= timing.minimum_freshness


@given(TIMINGS, LIFETIMES, SPREADS)
def test_a_life_twice_the_margin_keeps_the_promise(timing: Timing, lifetime: timedelta, spread: float) -> None:
    lifetime += 2 * timing.margin
    expires_at = AT + lifetime
    readable_at = timing.next_action_at(AT, expires_at, spread) + timing.schedule_period + timing.longest_run
    assert expires_at - readable_at >= timing.minimum_freshness


@given(TIMINGS, LIFETIMES)
def test_a_token_is_due_in_the_second_half_of_its_life(timing: Timing, lifetime: timedelta) -> None:
    assert AT + lifetime / 2 <= timing.due_at(AT, AT + lifetime) <= AT + lifetime


@given(TIMINGS, LIFETIMES, SPREADS)
def test_the_next_action_is_never_after_the_token_is_due(timing: Timing, lifetime: timedelta, spread: float) -> None:
    assert timing.next_action_at(AT, AT + lifetime, spread) <= timing.due_at(AT, AT + lifetime)


@given(TIMINGS, LIFETIMES, SPREADS)
def test_the_spread_is_at_most_the_jitter_and_a_tenth_of_the_life(
    timing: Timing, lifetime: timedelta, spread: float
) -> None:
    early = timing.due_at(AT, AT + lifetime) - timing.next_action_at(AT, AT + lifetime, spread)
    assert early <= min(timing.jitter, lifetime / 10)


@given(TIMINGS, LIFETIMES, SPREADS)
def test_a_token_may_be_refreshed_when_its_next_action_comes(
    timing: Timing, lifetime: timedelta, spread: float
) -> None:
    assert timing.is_due(AT, AT + lifetime, timing.next_action_at(AT, AT + lifetime, spread))


@given(TIMINGS, LIFETIMES)
def test_a_token_may_not_be_refreshed_before_the_earliest_next_action(timing: Timing, lifetime: timedelta) -> None:
    earliest = timing.next_action_at(AT, AT + lifetime, spread=1)
    assert not timing.is_due(AT, AT + lifetime, earliest - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("expression", "period"),
    [
        pytest.param("rate(1 minute)", timedelta(minutes=1), id="one minute"),
        pytest.param("rate(5 minutes)", timedelta(minutes=5), id="some minutes"),
        pytest.param("rate(1 hour)", timedelta(hours=1), id="one hour"),
        pytest.param("rate(2 hours)", timedelta(hours=2), id="some hours"),
    ],
)
def test_the_period_of_a_schedule_is_read_from_its_rate(expression: str, period: timedelta) -> None:
    assert schedule_period(expression) == period


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("", id="nothing"),
        pytest.param("cron(0/5 * * * ? *)", id="a cron expression"),
        pytest.param("rate(5 seconds)", id="a unit that EventBridge has not"),
        pytest.param("rate(1 day)", id="a day, in which every token ends"),
        pytest.param("rate(minutes)", id="no number"),
        pytest.param("rate(-5 minutes)", id="a negative number"),
        pytest.param("rate(0 minutes)", id="no time at all"),
        pytest.param("rate(5 minutes) ", id="trailing space"),
        pytest.param(f"rate({10**20} hours)", id="more hours than time has"),
    ],
)
def test_a_schedule_that_is_no_rate_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ConfigurationError, match="RefreshSchedule"):
        schedule_period(expression)
