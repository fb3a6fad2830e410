"""Failures that pass by themselves: nobody is asked to act without need."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, refused, unavailable
from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.scripted_authority import FailurePeriod
from token_refresher.base.backoff import CALLS_PER_ATTEMPT
from token_refresher.base.failure import ProviderFailure
from token_refresher.registry.open_alert import Event

NAME = "search-ads"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FROM = START + DAY
UNHEARD_OF = refused(5999999, "unheard_of")


def a_credential(failure: ProviderFailure, until: datetime) -> SimulatedFleet:
    fleet = SimulatedFleet(8)
    fleet.create(NAME)
    fleet.authority.failure_periods.append(FailurePeriod(FROM, until, failure, NAME))
    return fleet


def notified_at(fleet: SimulatedFleet, event: Event) -> list[datetime]:
    return [alert.at for alert in fleet.alerts if alert.event is event]


def test_an_operator_is_asked_about_an_unknown_code_after_it_has_cost_the_token_for_an_hour() -> None:
    fleet = a_credential(UNHEARD_OF, FROM + 12 * HOUR)
    fleet.run(FROM + 12 * HOUR)
    (asked_at,) = notified_at(fleet, Event.OPERATOR_ACTION_REQUIRED)
    assert FROM + HOUR <= asked_at <= FROM + 2 * HOUR + 3 * MINUTE


def test_an_unknown_code_is_retried_while_the_operator_investigates() -> None:
    """It may pass by itself, so the token must not wait for the next reminder."""
    fleet = a_credential(UNHEARD_OF, FROM + 12 * HOUR)
    fleet.run(FROM + 13 * HOUR)
    (over_at,) = notified_at(fleet, Event.RECOVERED)
    assert over_at <= FROM + 12 * HOUR + 20 * MINUTE


def test_the_reminders_of_a_lasting_unknown_code_come_after_the_days_of_the_ladder() -> None:
    fleet = a_credential(UNHEARD_OF, FROM + 6 * DAY)
    fleet.run(FROM + 6 * DAY - HOUR)
    first, *reminders = notified_at(fleet, Event.OPERATOR_ACTION_REQUIRED)
    assert [round((one - first) / DAY) for one in reminders] == [1, 4]


def test_an_outage_and_an_unknown_code_after_it_are_one_incident() -> None:
    """Pipelines have no token the whole time, and each attempt reports its own failure."""
    fleet = a_credential(unavailable(503), FROM + 5 * HOUR)
    fleet.authority.failure_periods.append(FailurePeriod(FROM + 5 * HOUR, FROM + 6 * HOUR, UNHEARD_OF, NAME))
    fleet.run(FROM + 7 * HOUR)
    assert fleet.world.topic.events == [
        Event.REFRESH_AT_RISK,
        Event.OPERATOR_ACTION_REQUIRED,
        Event.RECOVERED,
    ]


@pytest.mark.parametrize("attempts", [1, 2])
def test_an_uncertain_refusal_is_confirmed_even_after_an_outage_has_cost_the_token(attempts: int) -> None:
    """Otherwise one unlucky attempt after an outage stops a valid grant for a day, and a person signs in needlessly."""
    fleet = a_credential(unavailable(503), FROM + 3 * HOUR)
    fleet.run(FROM + 3 * HOUR - 5 * MINUTE)
    fleet.authority.failures.extend([AMBIGUOUS] * CALLS_PER_ATTEMPT * attempts)
    fleet.authority.failure_periods.clear()
    fleet.run(FROM + 5 * HOUR)
    assert fleet.world.topic.events == [
        Event.REFRESH_AT_RISK,
        Event.OPERATOR_ACTION_REQUIRED,
        Event.RECOVERED,
    ]
