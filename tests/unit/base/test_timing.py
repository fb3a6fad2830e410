"""When a token is due, and which numbers are rejected because they cannot keep the promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.packaging.cloudformation import default_environment
from token_refresher.base.backoff import LONGEST_FIRST_PAUSE
from token_refresher.base.errors import ConfigurationError
from token_refresher.base.timing import LATE_TICK, Timing, schedule_period
from token_refresher.entrypoints.settings import Settings

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


@st.composite
def timings(draw: st.DrawFn) -> Timing:
    """Return numbers near the limits: many are accepted, and many are just rejected."""

    def around(low: timedelta, high: timedelta) -> timedelta:
        return seconds(draw(st.integers(int(low.total_seconds()) - 5, int(high.total_seconds()) + 5)))

    timing = replace(
        TIMING,
        minimum_freshness=draw(DURATIONS),
        schedule_period=seconds(draw(st.integers(1, 30)) * 60),
        longest_run=seconds(draw(st.integers(45, 300))),
        jitter=seconds(draw(st.integers(0, 600))),
        minimum_interval=seconds(draw(st.integers(0, 1200))),
    )
    hidden = around(timing.shortest_return, max(timing.shortest_return, timing.longest_recovery))
    timing = replace(timing, visibility_timeout=hidden)
    return replace(timing, access_token_lifetime=around(2 * timing.margin, 4 * timing.margin))


TIMINGS = timings()
LIFETIMES = st.integers(1, 100_000).map(seconds)
SPREADS = st.floats(0, 1)


def test_the_defaults_of_the_template_keep_the_promise() -> None:
    timing = Settings.from_environment(default_environment()).timing
    timing.check()
    assert (timing.margin, timing.exchange) == (seconds(900 + 300 + 60 + 300 + 60 + 120 + 5), seconds(48))


def test_the_margin_is_the_sum_of_all_delays_until_the_successor_is_readable() -> None:
    assert TIMING.margin == seconds(900 + 300 + 60 + 300 + 60 + 120 + 5)


@pytest.mark.parametrize(
    ("changes", "setback"),
    [
        pytest.param({}, seconds(300), id="the next tick, if all else is over by then"),
        pytest.param({"visibility_timeout": seconds(360)}, seconds(360), id="the return of the message"),
        pytest.param({"schedule_period": seconds(284)}, seconds(568), id="a pause that ends just after the next tick"),
        pytest.param({"schedule_period": seconds(60)}, seconds(300), id="many short ticks, until the pause is over"),
    ],
)
def test_one_failed_attempt_delays_the_successor_at_most_until(
    changes: dict[str, timedelta], setback: timedelta
) -> None:
    assert replace(TIMING, **changes).setback == setback


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
            {"visibility_timeout": seconds(89)},
            [
                "timeout 60 s + settling 30 s = 90 s",
                "up to 17 s after",
                ": 107 s;",
                "is 89 s",
                "QueueVisibilitySeconds",
            ],
            id="a message that comes back within the lease",
        ),
        pytest.param(
            {"visibility_timeout": seconds(106)},
            [": 107 s;", "is 106 s", "Raise QueueVisibilitySeconds"],
            id="a message that may come back within the lease of an exchange that began late",
        ),
        pytest.param(
            {"visibility_timeout": seconds(391)},
            ["lease 90 s + schedule 300 s = 390 s", "is 391 s", "Lower QueueVisibilitySeconds"],
            id="a message that is hidden longer than a lease and a tick",
        ),
        pytest.param(
            {"minimum_freshness": seconds(2700)},
            ["2700 s", "300 s", "60 s", "120 s", "5 s = 3545 s", "first half", "1800 s of 3600 s"],
            id="a promise longer than half of a lifetime",
        ),
        pytest.param(
            {"schedule_period": seconds(3600)}, ["= 8345 s", "1800 s of 3600 s"], id="ticks as far apart as a lifetime"
        ),
        pytest.param(
            {"access_token_lifetime": seconds(600)},
            ["= 1745 s", "300 s of 600 s"],
            id="a lifetime that is too short",
        ),
        pytest.param(
            {"minimum_interval": seconds(1736)},
            ["refreshed every 1735 s", "no less than 1736 s"],
            id="versions too far apart",
        ),
    ],
)
def test_numbers_that_cannot_keep_the_promise_are_rejected_with_the_arithmetic(
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
        pytest.param({"visibility_timeout": seconds(107)}, id="a message that comes back when every lease is over"),
        pytest.param({"visibility_timeout": seconds(390), "jitter": seconds(0)}, id="a message that comes back later"),
        pytest.param({"minimum_freshness": seconds(0)}, id="no promise"),
        pytest.param({"jitter": seconds(0)}, id="no jitter"),
    ],
)
def test_numbers_that_keep_the_promise_are_accepted(changes: dict[str, timedelta]) -> None:
    replace(TIMING, **changes).check()


@given(TIMINGS, SPREADS)
def test_accepted_numbers_keep_the_promise_at_the_shortest_lifetime(timing: Timing, spread: float) -> None:
    """The worst case: a tick just missed, a late tick, a failed attempt, and the longest run."""
    _assume_accepted(timing)
    expires_at = AT + timing.access_token_lifetime
    first = timing.next_action_at(AT, expires_at, spread) + timing.schedule_period
    for again in (
        first + timing.schedule_period + LATE_TICK,
        first + LATE_TICK + timing.visibility_timeout,
        _tick_after(first, first + LATE_TICK + timing.longest_run - timing.writes_reserve + LONGEST_FIRST_PAUSE, timing)
        + LATE_TICK,
        _tick_after(first, first + LATE_TICK + timing.lease, timing) + LATE_TICK,
    ):
        assert expires_at - (again + timing.longest_run) >= timing.minimum_freshness


def _assume_accepted(timing: Timing) -> None:
    try:
        timing.check()
    except ConfigurationError:
        assume(False)


def _tick_after(tick: datetime, moment: datetime, timing: Timing) -> datetime:
    while tick < moment:
        tick += timing.schedule_period
    return tick


@given(TIMINGS)
def test_with_accepted_numbers_a_message_comes_back_at_most_a_tick_after_every_lease(timing: Timing) -> None:
    _assume_accepted(timing)
    latest_intent = timing.longest_run - timing.exchange
    assert latest_intent + timing.lease <= timing.visibility_timeout <= timing.lease + timing.schedule_period


@given(TIMINGS, LIFETIMES, SPREADS)
def test_a_lifetime_of_twice_the_margin_keeps_the_promise(timing: Timing, lifetime: timedelta, spread: float) -> None:
    lifetime += 2 * timing.margin
    expires_at = AT + lifetime
    readable_at = timing.next_action_at(AT, expires_at, spread) + timing.schedule_period + timing.longest_run
    assert expires_at - readable_at >= timing.minimum_freshness


@given(TIMINGS, LIFETIMES)
def test_a_token_is_due_in_the_second_half_of_its_lifetime(timing: Timing, lifetime: timedelta) -> None:
    assert AT + lifetime / 2 <= timing.latest_refresh_at(AT, AT + lifetime) <= AT + lifetime


@given(TIMINGS, LIFETIMES, SPREADS)
def test_the_next_action_is_never_after_the_token_is_due(timing: Timing, lifetime: timedelta, spread: float) -> None:
    assert timing.next_action_at(AT, AT + lifetime, spread) <= timing.latest_refresh_at(AT, AT + lifetime)


@given(TIMINGS, LIFETIMES, SPREADS)
def test_the_spread_is_at_most_the_jitter_and_a_tenth_of_the_lifetime(
    timing: Timing, lifetime: timedelta, spread: float
) -> None:
    early = timing.latest_refresh_at(AT, AT + lifetime) - timing.next_action_at(AT, AT + lifetime, spread)
    assert early <= min(timing.jitter, lifetime / 10)


@given(TIMINGS, LIFETIMES, SPREADS)
def test_after_a_recovery_a_refresh_comes_at_any_time_from_the_issue_to_the_latest_moment(
    timing: Timing, lifetime: timedelta, share: float
) -> None:
    assert AT <= timing.parted_action_at(AT, AT + lifetime, share) <= timing.latest_refresh_at(AT, AT + lifetime)


@given(TIMINGS, LIFETIMES, SPREADS)
def test_a_token_may_be_refreshed_when_its_next_action_comes(
    timing: Timing, lifetime: timedelta, spread: float
) -> None:
    assert timing.may_refresh(AT, AT + lifetime, timing.next_action_at(AT, AT + lifetime, spread))


@given(TIMINGS, LIFETIMES)
def test_a_token_may_not_be_refreshed_before_the_earliest_next_action(timing: Timing, lifetime: timedelta) -> None:
    earliest = timing.next_action_at(AT, AT + lifetime, spread=1)
    assert not timing.may_refresh(AT, AT + lifetime, earliest - timedelta(microseconds=1))


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
        pytest.param("rate(5 seconds)", id="a unit that EventBridge does not have"),
        pytest.param("rate(1 day)", id="a day, in which every token expires"),
        pytest.param("rate(minutes)", id="no number"),
        pytest.param("rate(-5 minutes)", id="a negative number"),
        pytest.param("rate(0 minutes)", id="zero"),
        pytest.param("rate(5 minutes) ", id="trailing space"),
        pytest.param(f"rate({10**20} hours)", id="more hours than a timedelta can hold"),
    ],
)
def test_an_error_about_a_schedule_that_is_no_rate_names_the_parameter(expression: str) -> None:
    with pytest.raises(ConfigurationError, match="RefreshSchedule"):
        schedule_period(expression)
