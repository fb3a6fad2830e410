"""A rejected grant is presented once before each reminder, and otherwise only after a change of its secret."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

import pytest

from tests.fakes.failures import AMBIGUOUS, refused
from tests.fakes.manual_clock import START
from tests.month.fleet import SimulatedFleet
from tests.month.script import DAYS, END, TICK
from tests.month.scripted_authority import FailurePeriod
from token_refresher.base.failure import ProviderFailure
from token_refresher.registry.open_alert import Event

pytestmark = pytest.mark.exhaustive

DAY = timedelta(days=1)
REJECTED_AT = START + DAY
PAUSES = (1, 3, 7, 7, 7)
"""Days between the alert and its reminders."""

CASES = [
    pytest.param(refused(50173), Event.RECONSENT_REQUIRED, 1, id="a sign-in that was revoked"),
    pytest.param(AMBIGUOUS, Event.RECONSENT_REQUIRED, 4, id="a refusal that says nothing certain"),
    pytest.param(refused(53003), Event.OPERATOR_ACTION_REQUIRED, 1, id="a policy of the organization"),
    pytest.param(refused(700016), Event.OPERATOR_ACTION_REQUIRED, 1, id="an unknown application"),
]


def rejected(failure: ProviderFailure) -> SimulatedFleet:
    fleet = SimulatedFleet(4)
    fleet.create("rejected")
    fleet.authority.failure_periods.append(FailurePeriod(REJECTED_AT, None, failure))
    return fleet


def attempts(fleet: SimulatedFleet, since: datetime) -> Iterator[list[datetime]]:
    """Yield the calls of each attempt: those within a minute of each other."""
    attempt: list[datetime] = []
    for call in fleet.authority.asked:
        if call.at < since:
            continue
        if attempt and call.at > attempt[-1] + timedelta(minutes=1):
            yield attempt
            attempt = []
        attempt.append(call.at)
    if attempt:
        yield attempt


@pytest.mark.parametrize(("failure", "event", "calls"), CASES)
def test_it_is_presented_once_before_each_reminder(failure: ProviderFailure, event: Event, calls: int) -> None:
    fleet = rejected(failure)
    fleet.run(END)
    notified_at = [alert.at for alert in fleet.alerts]
    assert fleet.world.topic.events == [event] * (1 + len(PAUSES))
    probes = list(attempts(fleet, notified_at[0] + TICK))
    assert [len(attempt) for attempt in probes] == [calls] * len(PAUSES)
    assert [attempt[-1] for attempt in probes] == notified_at[1:]


@pytest.mark.parametrize(("failure", "event", "calls"), CASES)
def test_reminders_come_after_the_days_of_the_ladder(failure: ProviderFailure, event: Event, calls: int) -> None:
    fleet = rejected(failure)
    fleet.run(END)
    assert [alert.notifications for alert in fleet.alerts] == list(range(1, 2 + len(PAUSES)))
    first = fleet.alerts[0].at
    late = [alert.at - (first + days * DAY) for alert, days in zip(fleet.alerts, accumulate((0, *PAUSES)), strict=True)]
    assert all(timedelta(0) <= one <= len(PAUSES) * (TICK + timedelta(minutes=1)) for one in late)


@pytest.mark.parametrize(
    ("later", "probes"),
    [
        pytest.param(AMBIGUOUS, [4, 4], id="a refusal that says nothing certain"),
        pytest.param(refused(5999999, "unheard_of"), [1, 1], id="a code that is in no table"),
        pytest.param(refused(700082), [1, 1], id="another end of the sign-in"),
    ],
)
def test_a_rejected_grant_that_is_refused_with_another_code_stays_rejected(
    later: ProviderFailure, probes: list[int]
) -> None:
    fleet = rejected(refused(50173))
    fleet.authority.failure_periods[:] = [
        FailurePeriod(REJECTED_AT, REJECTED_AT + DAY / 2, refused(50173)),
        FailurePeriod(REJECTED_AT + DAY / 2, None, later),
    ]
    fleet.run(REJECTED_AT + 6 * DAY)
    assert [len(attempt) for attempt in attempts(fleet, REJECTED_AT + DAY / 2)] == probes
    assert [(alert.event, alert.notifications) for alert in fleet.alerts] == [
        (Event.RECONSENT_REQUIRED, notified) for notified in (1, 2, 3)
    ]


def test_an_uncertain_refusal_while_the_operator_has_to_act_is_confirmed_before_a_person_is_notified() -> None:
    fleet = rejected(refused(53003))
    fleet.authority.failure_periods[:] = [
        FailurePeriod(REJECTED_AT, REJECTED_AT + DAY / 2, refused(53003)),
        FailurePeriod(REJECTED_AT + DAY / 2, None, AMBIGUOUS),
    ]
    fleet.run(REJECTED_AT + 3 * DAY)
    assert [len(attempt) for attempt in attempts(fleet, REJECTED_AT + DAY / 2)] == [4] * 4
    assert fleet.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED] + [Event.RECONSENT_REQUIRED] * 2


def test_a_changed_policy_is_noticed_and_no_stale_reminder_is_sent() -> None:
    fleet = rejected(refused(53003))
    fleet.authority.failure_periods[0] = FailurePeriod(REJECTED_AT, REJECTED_AT + 2 * DAY, refused(53003))
    fleet.run(END)
    assert fleet.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED] * 2 + [Event.RECOVERED]


def test_a_changed_secret_is_attempted_at_once_and_causes_no_further_alert() -> None:
    fleet = rejected(refused(50173))
    changed_at = REJECTED_AT + DAY / 2
    fleet.at(changed_at, lambda: fleet.world.edit("rejected", note="looked into it"))
    fleet.run(REJECTED_AT + DAY)
    assert [len(attempt) for attempt in attempts(fleet, changed_at)] == [1]
    assert len(fleet.alerts) == 1


def test_a_probe_that_meets_an_outage_is_repeated_after_an_hour() -> None:
    """The reminder waits for the answer."""
    fleet = rejected(refused(50173))
    down = FailurePeriod(
        REJECTED_AT + DAY, REJECTED_AT + DAY + timedelta(hours=3), ProviderFailure(AMBIGUOUS.kind, 503)
    )
    fleet.authority.failure_periods.insert(0, down)
    fleet.run(REJECTED_AT + 2 * DAY)
    reminder = fleet.alerts[1]
    assert len(fleet.alerts) == 2
    assert down.end is not None
    assert down.end <= reminder.at <= down.end + timedelta(minutes=70)
    assert sum(down.start <= call.at < down.end for call in fleet.authority.asked) <= 3


def test_the_month_is_long_enough_for_the_last_reminder() -> None:
    assert 1 + sum(PAUSES) < DAYS <= 1 + sum(PAUSES) + 7
