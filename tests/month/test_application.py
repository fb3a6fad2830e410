"""The client secret of an application with twenty credentials expires: one incident for its operator, not twenty."""

from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.script import TICK
from tests.month.scripted_authority import GOOD_SECRET
from tests.month.scripted_fleet import NEXT_SECRET
from token_refresher.registry.open_alert import Event

pytestmark = pytest.mark.exhaustive

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CREDENTIALS = 20
ENDS_AT = START + DAY
MENDED_FROM = START + 3 * DAY
LAST_MENDED = MENDED_FROM + 6 * HOUR


@pytest.fixture(scope="module")
def fleet() -> SimulatedFleet:
    fleet = SimulatedFleet(5)
    names = [f"credential-{number:02}" for number in range(CREDENTIALS)]
    for name in names:
        fleet.create(name, "the-application")
    fleet.create("of-another", "another-application")
    fleet.authority.applications["the-application"].secrets.update({GOOD_SECRET: ENDS_AT, NEXT_SECRET: None})
    for number, name in enumerate(names):
        # The operator repairs one after the other, and the last one hours later.
        moment = LAST_MENDED if number == CREDENTIALS - 1 else MENDED_FROM + number * timedelta(minutes=7)
        fleet.at(moment, lambda name=name: fleet.world.edit(name, client_secret=NEXT_SECRET))  # type: ignore[misc] # Binds.
    fleet.run(START + 8 * DAY)
    return fleet


def test_the_operator_gets_one_alert_one_reminder_and_one_message_that_it_is_over(fleet: SimulatedFleet) -> None:
    assert fleet.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED] * 2 + [Event.RECOVERED]


def test_the_first_message_comes_with_the_first_credential(fleet: SimulatedFleet) -> None:
    assert ENDS_AT <= fleet.alerts[0].at <= ENDS_AT + 3 * TICK


def test_the_reminder_comes_a_day_later_and_names_all_of_them(fleet: SimulatedFleet) -> None:
    reminder = fleet.alerts[1]
    assert fleet.alerts[0].at + DAY <= reminder.at <= fleet.alerts[0].at + DAY + TICK
    assert len(reminder.credentials) == CREDENTIALS


def test_the_last_repair_ends_the_incident_for_all(fleet: SimulatedFleet) -> None:
    over = fleet.alerts[2]
    assert LAST_MENDED <= over.at <= LAST_MENDED + 2 * TICK
    assert len(over.credentials) == CREDENTIALS


def test_the_credential_of_another_application_is_never_mentioned(fleet: SimulatedFleet) -> None:
    assert not any("of-another" in alert.concerned for alert in fleet.alerts)


def test_each_credential_is_presented_once_before_each_reminder(fleet: SimulatedFleet) -> None:
    refused = [call for call in fleet.authority.asked if not call.granted]
    assert len(refused) == 2 * CREDENTIALS
