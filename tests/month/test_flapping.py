"""Microsoft's sign-in service is up for ten minutes and down for twenty-three, for a whole day."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import unavailable
from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.scripted_authority import FailurePeriod
from token_refresher.alerts.alert import Alert
from token_refresher.registry.open_alert import Event

pytestmark = pytest.mark.exhaustive

NONE = timedelta(0)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FROM, UNTIL = START + DAY / 4, START + DAY * 5 / 4
UP, DOWN = 10 * MINUTE, 23 * MINUTE
SEEDS = [1, pytest.param(2, marks=pytest.mark.long)]
MESSAGES = 8


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def fleet(request: pytest.FixtureRequest) -> SimulatedFleet:
    fleet = SimulatedFleet(request.param)
    for number in range(25):
        fleet.create(f"credential-{number:02}", f"app-{number % 7}")
    start = FROM
    while start < UNTIL:
        # Not at the time of a tick, so that two ticks find it up.
        fleet.authority.failure_periods.append(FailurePeriod(start + MINUTE, start + MINUTE + DOWN, unavailable(503)))
        start += UP + DOWN
    fleet.run(START + 2 * DAY)
    return fleet


def warned(fleet: SimulatedFleet) -> list[Alert]:
    return [alert for alert in fleet.alerts if alert.event is Event.REFRESH_AT_RISK]


def left_when_renewed(fleet: SimulatedFleet, name: str, after: datetime) -> timedelta:
    """Return the time that a token had left when its successor was seen."""
    tokens = fleet.tokens[name]
    number = next(number for number, (seen_at, _) in enumerate(tokens) if seen_at > after)
    return tokens[number - 1][1] - tokens[number][0]


def test_a_whole_day_of_it_is_a_handful_of_messages(fleet: SimulatedFleet) -> None:
    """It is one recurring failure: alerts say when it begins, when it comes back, and when it is over for good.

    If a token expires in it, the operator is also asked once, after an hour.
    """
    events = fleet.world.topic.events
    assert events.count(Event.OPERATOR_ACTION_REQUIRED) <= 1
    assert len(events) - events.count(Event.OPERATOR_ACTION_REQUIRED) <= MESSAGES


def test_the_last_message_says_that_it_is_over(fleet: SimulatedFleet) -> None:
    assert fleet.world.topic.events[-1] is Event.RECOVERED
    assert fleet.alerts[-1].at >= UNTIL


def test_every_warning_is_followed_by_one_message_that_it_is_over(fleet: SimulatedFleet) -> None:
    events = fleet.world.topic.events
    assert set(events) <= {Event.REFRESH_AT_RISK, Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED}
    assert events.count(Event.REFRESH_AT_RISK) == events.count(Event.RECOVERED)


def test_hardly_any_token_expires_because_of_the_pauses_between_attempts(fleet: SimulatedFleet) -> None:
    """In every 33 minutes the provider answers two ticks, in which all but a few tokens are renewed."""
    ended = [left for left in fleet.spare() if left < NONE]
    assert len(ended) <= len(fleet.spare()) / 100


def test_after_the_day_every_credential_has_a_token(fleet: SimulatedFleet) -> None:
    assert all(tokens[-1][1] > fleet.clock() for tokens in fleet.tokens.values())


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed {seed}")
@pytest.mark.parametrize("minutes", [5, 10, 15])
def test_nobody_is_warned_of_an_outage_that_ends_before_the_last_tick_of_a_token(minutes: int, seed: int) -> None:
    """A token is renewed 29 minutes before its end: the pauses between attempts must not use them up."""
    fleet = SimulatedFleet(seed)
    for number in range(30):
        fleet.create(f"credential-{number:02}")
    for number in range(24):
        start = START + timedelta(hours=1 + 2 * number, seconds=fleet.rng.randrange(3600))
        fleet.authority.failure_periods.append(FailurePeriod(start, start + minutes * MINUTE, unavailable(503)))
    fleet.run(START + 51 * timedelta(hours=1))
    assert fleet.alerts == []
    assert fleet.least_left() > NONE
