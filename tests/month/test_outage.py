"""Microsoft's sign-in service is down for three hours, and sixty credentials have to wait."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER
from tests.fakes.manual_clock import START
from tests.month.script import TICK
from tests.month.stage import Stage
from tests.month.weather import Call, Spell
from token_refresher.alert import Event

HOUR = timedelta(hours=1)
CREDENTIALS = 60
FROM, UNTIL = START + 2 * HOUR, START + 5 * HOUR
OPENED_BY = FROM + 2 * TICK
"""Five failures open the circuit, and of sixty credentials some are due in each tick."""


@pytest.fixture(scope="module")
def stage() -> Stage:
    stage = Stage(seed=3)
    for number in range(CREDENTIALS):
        stage.create(f"credential-{number:02}", f"app-{number % 7}")
    stage.authority.spells.append(Spell(FROM, UNTIL, NO_ANSWER))
    stage.run(START + 10 * HOUR)
    return stage


def by_tick(calls: list[Call]) -> Counter[int]:
    return Counter((call.at - START) // TICK for call in calls)


def test_an_outage_costs_a_few_probes_a_tick_and_not_one_call_per_credential(stage: Stage) -> None:
    failed = [call for call in stage.authority.asked if OPENED_BY < call.at < UNTIL]
    assert max(by_tick(failed).values()) <= 3


def test_an_outage_goes_on_being_probed_on_every_tick(stage: Stage) -> None:
    """Or nobody would see it end."""
    probed = by_tick([call for call in stage.authority.asked if FROM <= call.at < UNTIL])
    assert len(probed) >= (UNTIL - FROM) / TICK - 1


def test_people_are_warned_once_of_an_outage_and_told_once_that_it_is_over(stage: Stage) -> None:
    assert stage.world.topic.events == [Event.REFRESH_AT_RISK, Event.RECOVERED]


def test_people_are_warned_before_the_first_token_ends(stage: Stage) -> None:
    warning = stage.alerts[0]
    assert warning.expires_at is not None
    assert warning.at < warning.expires_at


def test_people_are_told_that_it_is_over_once_all_have_a_token_again(stage: Stage) -> None:
    told = stage.alerts[-1]
    assert len(told.credentials) == CREDENTIALS
    assert told.at <= UNTIL + HOUR / 2


def test_recovery_spreads_out(stage: Stage) -> None:
    """Nor does it take long: every credential has a token again after half an hour."""
    granted = by_tick([call for call in stage.authority.asked if UNTIL <= call.at < UNTIL + HOUR / 2])
    names = {call.name for call in stage.authority.asked if UNTIL <= call.at < UNTIL + HOUR / 2 and call.granted}
    assert len(names) == CREDENTIALS
    assert len(granted) >= 2
    assert max(granted.values()) <= 0.75 * CREDENTIALS
