"""Microsoft's sign-in service is up for ten minutes and down for twenty, for a whole day."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import unavailable
from tests.fakes.manual_clock import START
from tests.month.stage import Stage
from tests.month.weather import Spell
from token_refresher.alert import Alert, Event

NONE = timedelta(0)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FROM, UNTIL = START + DAY / 4, START + DAY * 5 / 4
UP, DOWN = 10 * MINUTE, 20 * MINUTE
SEEDS = (1, 2, 3)
MESSAGES = 8


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def stage(request: pytest.FixtureRequest) -> Stage:
    stage = Stage(request.param)
    for number in range(25):
        stage.create(f"credential-{number:02}", f"app-{number % 7}")
    start = FROM
    while start < UNTIL:
        # A second beside the ticks, so that what is up is up for whole ticks.
        stage.authority.spells.append(Spell(start + MINUTE, start + MINUTE + DOWN, unavailable(503)))
        start += UP + DOWN
    stage.run(START + 2 * DAY)
    return stage


def warned(stage: Stage) -> list[Alert]:
    return [alert for alert in stage.alerts if alert.event is Event.REFRESH_AT_RISK]


def left_when_renewed(stage: Stage, name: str, after: datetime) -> timedelta:
    """Return what was left of the token of that time when the next one was seen."""
    tokens = stage.tokens[name]
    number = next(number for number, (seen_at, _) in enumerate(tokens) if seen_at > after)
    return tokens[number - 1][1] - tokens[number][0]


def test_a_whole_day_of_it_is_a_handful_of_messages(stage: Stage) -> None:
    """It is one trouble that comes and goes: told when it comes, when it comes back, and when it has stayed away."""
    assert len(stage.alerts) <= MESSAGES


def test_the_last_message_says_that_it_is_over(stage: Stage) -> None:
    assert stage.world.topic.events[-1] is Event.RECOVERED
    assert stage.alerts[-1].at >= UNTIL


def test_every_warning_is_followed_by_one_message_that_it_is_over(stage: Stage) -> None:
    events = stage.world.topic.events
    assert set(events) <= {Event.REFRESH_AT_RISK, Event.RECOVERED}
    assert events.count(Event.REFRESH_AT_RISK) == events.count(Event.RECOVERED)


def test_hardly_any_token_is_lost_to_our_own_pauses(stage: Stage) -> None:
    """Two of the ticks of every half hour are answered, and all but a few tokens are renewed in one of them."""
    ended = [left for left in stage.spare() if left < NONE]
    assert len(ended) <= len(stage.spare()) / 100


def test_after_the_day_every_credential_has_a_token(stage: Stage) -> None:
    assert all(tokens[-1][1] > stage.clock() for tokens in stage.tokens.values())


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed {seed}")
@pytest.mark.parametrize("minutes", [5, 10, 15])
def test_nobody_is_warned_of_an_outage_that_ends_before_the_last_tick_of_a_token(minutes: int, seed: int) -> None:
    """A token is renewed 23 minutes before its end: pauses of our own must not use them up."""
    stage = Stage(seed)
    for number in range(30):
        stage.create(f"credential-{number:02}")
    for number in range(24):
        start = START + timedelta(hours=1 + 2 * number, seconds=stage.rng.randrange(3600))
        stage.authority.spells.append(Spell(start, start + minutes * MINUTE, unavailable(503)))
    stage.run(START + 51 * timedelta(hours=1))
    assert stage.alerts == []
    assert stage.least_left() > NONE
