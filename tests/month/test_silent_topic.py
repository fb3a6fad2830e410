"""SNS refuses every message for an hour, while something happens that people must know."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, refused, unavailable
from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.script import TICK
from tests.month.scripted_authority import GOOD_SECRET, FailurePeriod
from tests.month.scripted_fleet import NEXT_SECRET
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.failure import ProviderFailure
from token_refresher.registry.open_alert import Event

pytestmark = pytest.mark.exhaustive

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REFUSES_FROM = START + DAY
ACCEPTS_AT = REFUSES_FROM + HOUR
NAMES = tuple(f"credential-{number}" for number in range(8))


@pytest.fixture
def fleet() -> SimulatedFleet:
    fleet = SimulatedFleet(6)
    for name in NAMES:
        fleet.create(name, "the-application")
    return silence_topic(fleet, REFUSES_FROM, ACCEPTS_AT)


def silence_topic(fleet: SimulatedFleet, start: datetime, end: datetime) -> SimulatedFleet:
    fleet.at(start, lambda: setattr(fleet.world.topic, "out_of_order", True))
    fleet.at(end, lambda: setattr(fleet.world.topic, "out_of_order", False))
    return fleet


def test_the_alert_of_a_revoked_sign_in_is_sent_once_after_that_hour(fleet: SimulatedFleet) -> None:
    fleet.at(REFUSES_FROM, lambda: fleet.revoke(NAMES[0]))
    fleet.run(START + 2 * DAY - HOUR)
    assert fleet.world.topic.events == [Event.RECONSENT_REQUIRED]
    assert ACCEPTS_AT <= fleet.alerts[0].at <= ACCEPTS_AT + 2 * TICK
    assert fleet.world.topic.refused > 0


def test_the_alert_of_an_application_is_sent_once_after_that_hour(fleet: SimulatedFleet) -> None:
    fleet.authority.applications["the-application"].secrets[GOOD_SECRET] = REFUSES_FROM + MINUTE
    fleet.run(START + 2 * DAY - HOUR)
    assert fleet.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]
    assert ACCEPTS_AT <= fleet.alerts[0].at <= ACCEPTS_AT + 2 * TICK


def test_the_message_that_it_is_over_is_sent_once_after_that_hour(fleet: SimulatedFleet) -> None:
    secrets = fleet.authority.applications["the-application"].secrets
    secrets.update({GOOD_SECRET: REFUSES_FROM - 3 * HOUR, NEXT_SECRET: None})
    for name in NAMES:
        fleet.at(REFUSES_FROM + HOUR / 3, lambda name=name: fleet.world.edit(name, client_secret=NEXT_SECRET))  # type: ignore[misc] # Binds.
    fleet.run(START + 2 * DAY - HOUR)
    assert fleet.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]
    assert ACCEPTS_AT <= fleet.alerts[1].at <= ACCEPTS_AT + HOUR


def test_the_alert_of_an_outage_is_sent_once_after_that_hour() -> None:
    fleet = silence_topic(SimulatedFleet(7), REFUSES_FROM, ACCEPTS_AT)
    for number in range(30):
        fleet.create(f"credential-{number}")
    fleet.authority.failure_periods.append(
        FailurePeriod(REFUSES_FROM - HOUR / 4, ACCEPTS_AT + 2 * HOUR, unavailable(503))
    )
    fleet.run(START + 2 * DAY - HOUR)
    # When SNS accepts messages again, the outage is more than a risk.
    assert fleet.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]


def test_the_message_of_a_reconnect_is_sent_once_after_that_hour(fleet: SimulatedFleet) -> None:
    fleet.at(REFUSES_FROM - 3 * HOUR, lambda: fleet.revoke(NAMES[0]))
    fleet.at(REFUSES_FROM + HOUR / 2, lambda: fleet.sign_in(NAMES[0]))
    fleet.run(START + 2 * DAY - HOUR)
    assert fleet.world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECOVERED]
    assert ACCEPTS_AT <= fleet.alerts[1].at <= ACCEPTS_AT + HOUR


def test_the_message_of_a_first_consent_in_that_hour_says_connected(fleet: SimulatedFleet) -> None:
    fleet.at(REFUSES_FROM - 3 * HOUR, lambda: fleet.create("newcomer", consented=False))
    fleet.at(REFUSES_FROM + HOUR / 2, lambda: fleet.sign_in("newcomer"))
    fleet.run(START + 2 * DAY - HOUR)
    assert fleet.world.topic.events == [Event.RECONSENT_REQUIRED, Event.CONNECTED]


def test_a_warning_whose_credential_is_deleted_is_sent_for_another_one() -> None:
    """A credential that met an alert in the course of being sent must not take it for sent."""
    fleet = silence_topic(SimulatedFleet(9), REFUSES_FROM - MINUTE, ACCEPTS_AT)
    ends_at = REFUSES_FROM + 7 * DAY
    for name in NAMES[:2]:
        fleet.rng.seed(1)  # Both have the same age, so that both are due in the same tick.
        fleet.create(name, "the-application", client_secret_expires_at=to_rfc3339(ends_at))
    fleet.run(REFUSES_FROM)
    notified = len(fleet.alerts)

    def delete_the_claiming_credential() -> None:
        (incident,) = [one for one in fleet.world.incidents.stored.values() if one.notifications == 0]
        fleet.world.store.delete(incident.claimed_by)

    fleet.at(ACCEPTS_AT - MINUTE, delete_the_claiming_credential)
    fleet.run(ACCEPTS_AT + 2 * HOUR)
    assert fleet.world.topic.events[notified:] == [Event.EXPIRY_WARNING]


@pytest.mark.parametrize(
    ("failure", "calls"),
    [
        pytest.param(refused(50173), 1, id="a sign-in that was revoked"),
        pytest.param(AMBIGUOUS, 12, id="a refusal that says nothing certain"),
    ],
)
def test_a_rejected_grant_whose_alert_failed_is_presented_no_more_often_than_others(
    fleet: SimulatedFleet, failure: ProviderFailure, calls: int
) -> None:
    """The entry has the diagnosis before the alert is sent, so only the alert is tried again."""
    fleet.authority.failure_periods.append(FailurePeriod(REFUSES_FROM, None, failure, NAMES[0]))
    fleet.run(ACCEPTS_AT + HOUR)
    assert sum(not call.granted for call in fleet.authority.asked) == calls
    assert fleet.world.topic.events == [Event.RECONSENT_REQUIRED]
