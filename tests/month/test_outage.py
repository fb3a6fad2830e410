"""Microsoft's sign-in service is down for three hours, and sixty credentials have to wait."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER
from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.script import TICK
from tests.month.scripted_authority import Call, FailurePeriod
from token_refresher.registry.open_alert import Event

HOUR = timedelta(hours=1)
CREDENTIALS = 60
FROM, UNTIL = START + 2 * HOUR, START + 5 * HOUR
OPENED_BY = FROM + 2 * TICK
"""Five failures open the circuit, and of sixty credentials some are due in each tick."""


@pytest.fixture(scope="module")
def fleet() -> SimulatedFleet:
    fleet = SimulatedFleet(seed=3)
    for number in range(CREDENTIALS):
        fleet.create(f"credential-{number:02}", f"app-{number % 7}")
    fleet.authority.failure_periods.append(FailurePeriod(FROM, UNTIL, NO_ANSWER))
    fleet.run(START + 10 * HOUR)
    return fleet


def by_tick(calls: list[Call]) -> Counter[int]:
    return Counter((call.at - START) // TICK for call in calls)


def test_an_outage_costs_a_few_probes_a_tick_and_not_one_call_per_credential(fleet: SimulatedFleet) -> None:
    failed = [call for call in fleet.authority.asked if OPENED_BY < call.at < UNTIL]
    assert max(by_tick(failed).values()) <= 3


def test_an_outage_goes_on_being_probed_on_every_tick(fleet: SimulatedFleet) -> None:
    """Otherwise nobody would notice its end."""
    probed = by_tick([call for call in fleet.authority.asked if FROM <= call.at < UNTIL])
    assert len(probed) >= (UNTIL - FROM) / TICK - 1


def test_three_alerts_are_sent_for_the_risk_for_the_lasting_outage_and_for_its_end(fleet: SimulatedFleet) -> None:
    assert fleet.world.topic.events == [Event.REFRESH_AT_RISK, Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_the_operator_is_asked_once_for_all_when_it_has_lasted_for_an_hour(fleet: SimulatedFleet) -> None:
    asked = fleet.alerts[1]
    assert FROM + HOUR <= asked.at <= FROM + HOUR + HOUR / 2
    assert asked.everything
    assert asked.code == "no_answer"


def test_people_are_warned_before_the_first_token_ends(fleet: SimulatedFleet) -> None:
    warning = fleet.alerts[0]
    assert warning.expires_at is not None
    assert warning.at < warning.expires_at


def test_the_last_alert_is_sent_after_all_credentials_have_a_token_again(fleet: SimulatedFleet) -> None:
    notified = fleet.alerts[-1]
    assert len(notified.credentials) == CREDENTIALS
    assert notified.at <= UNTIL + HOUR / 2


def test_recovery_spreads_out(fleet: SimulatedFleet) -> None:
    """It is also fast: every credential has a token again after half an hour."""
    granted = by_tick([call for call in fleet.authority.asked if UNTIL <= call.at < UNTIL + HOUR / 2])
    names = {call.name for call in fleet.authority.asked if UNTIL <= call.at < UNTIL + HOUR / 2 and call.granted}
    assert len(names) == CREDENTIALS
    assert len(granted) >= 2
    assert max(granted.values()) <= 0.75 * CREDENTIALS


def test_the_fleet_does_not_stay_together_after_it(fleet: SimulatedFleet) -> None:
    """In the hours after it no tick has twice the mean; with the jitter alone one had three times."""
    later = by_tick([call for call in fleet.authority.asked if UNTIL + HOUR <= call.at < UNTIL + 4 * HOUR])
    assert max(later.values()) <= 2 * later.total() / (3 * HOUR / TICK)
