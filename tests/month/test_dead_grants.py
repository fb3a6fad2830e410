"""A dead grant is asked about once before each reminder, and otherwise left alone until its secret changes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

import pytest

from tests.fakes.failures import AMBIGUOUS, refused
from tests.fakes.manual_clock import START
from tests.month.script import DAYS, END, TICK
from tests.month.stage import Stage
from tests.month.weather import Spell
from token_refresher.alert import Event
from token_refresher.failure import ProviderFailure

DAY = timedelta(days=1)
DIES_AT = START + DAY
PAUSES = (1, 3, 7, 7, 7)
"""Days between what people are told, by the ladder."""

CASES = [
    pytest.param(refused(50173), Event.RECONSENT_REQUIRED, 1, id="a sign-in that was revoked"),
    pytest.param(AMBIGUOUS, Event.RECONSENT_REQUIRED, 4, id="a refusal that says nothing certain"),
    pytest.param(refused(53003), Event.OPERATOR_ACTION_REQUIRED, 1, id="a rule of the organization"),
    pytest.param(refused(700016), Event.OPERATOR_ACTION_REQUIRED, 1, id="an application that is not known"),
]


def dead(failure: ProviderFailure) -> Stage:
    stage = Stage(4)
    stage.create("dead")
    stage.authority.spells.append(Spell(DIES_AT, None, failure))
    return stage


def looks(stage: Stage, since: datetime) -> Iterator[list[datetime]]:
    """Yield the calls of each look: those that follow each other at once."""
    look: list[datetime] = []
    for call in stage.authority.asked:
        if call.at < since:
            continue
        if look and call.at > look[-1] + timedelta(minutes=1):
            yield look
            look = []
        look.append(call.at)
    if look:
        yield look


@pytest.mark.parametrize(("failure", "event", "calls"), CASES)
def test_it_is_asked_about_once_before_each_reminder(failure: ProviderFailure, event: Event, calls: int) -> None:
    stage = dead(failure)
    stage.run(END)
    told_at = [alert.at for alert in stage.alerts]
    assert stage.world.topic.events == [event] * (1 + len(PAUSES))
    probes = list(looks(stage, told_at[0] + TICK))
    assert [len(look) for look in probes] == [calls] * len(PAUSES)
    assert [look[-1] for look in probes] == told_at[1:]


@pytest.mark.parametrize(("failure", "event", "calls"), CASES)
def test_people_are_reminded_by_the_ladder(failure: ProviderFailure, event: Event, calls: int) -> None:
    stage = dead(failure)
    stage.run(END)
    assert [alert.told for alert in stage.alerts] == list(range(1, 2 + len(PAUSES)))
    first = stage.alerts[0].at
    late = [alert.at - (first + days * DAY) for alert, days in zip(stage.alerts, accumulate((0, *PAUSES)), strict=True)]
    assert all(timedelta(0) <= one <= len(PAUSES) * (TICK + timedelta(minutes=1)) for one in late)


@pytest.mark.parametrize(
    ("later", "probes"),
    [
        pytest.param(AMBIGUOUS, [4, 4], id="a refusal that says nothing certain"),
        pytest.param(refused(5999999, "unheard_of"), [1, 1], id="a code that is in no table"),
        pytest.param(refused(700082), [1, 1], id="another end of the sign-in"),
    ],
)
def test_a_dead_grant_that_is_refused_with_other_words_is_as_dead(later: ProviderFailure, probes: list[int]) -> None:
    stage = dead(refused(50173))
    stage.authority.spells[:] = [
        Spell(DIES_AT, DIES_AT + DAY / 2, refused(50173)),
        Spell(DIES_AT + DAY / 2, None, later),
    ]
    stage.run(DIES_AT + 6 * DAY)
    assert [len(look) for look in looks(stage, DIES_AT + DAY / 2)] == probes
    assert [(alert.event, alert.told) for alert in stage.alerts] == [
        (Event.RECONSENT_REQUIRED, told) for told in (1, 2, 3)
    ]


def test_an_uncertain_refusal_of_what_waits_for_an_operator_is_confirmed_before_somebody_else_is_told() -> None:
    stage = dead(refused(53003))
    stage.authority.spells[:] = [
        Spell(DIES_AT, DIES_AT + DAY / 2, refused(53003)),
        Spell(DIES_AT + DAY / 2, None, AMBIGUOUS),
    ]
    stage.run(DIES_AT + 3 * DAY)
    assert [len(look) for look in looks(stage, DIES_AT + DAY / 2)] == [4] * 4
    assert stage.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED] + [Event.RECONSENT_REQUIRED] * 2


def test_a_rule_that_was_changed_is_noticed_and_no_stale_reminder_is_sent() -> None:
    stage = dead(refused(53003))
    stage.authority.spells[0] = Spell(DIES_AT, DIES_AT + 2 * DAY, refused(53003))
    stage.run(END)
    assert stage.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED] * 2 + [Event.RECOVERED]


def test_a_secret_that_changes_is_asked_about_at_once_and_told_of_no_more_than_before() -> None:
    stage = dead(refused(50173))
    changed_at = DIES_AT + DAY / 2
    stage.at(changed_at, lambda: stage.world.edit("dead", note="looked into it"))
    stage.run(DIES_AT + DAY)
    assert [len(look) for look in looks(stage, changed_at)] == [1]
    assert len(stage.alerts) == 1


def test_a_probe_that_meets_an_outage_is_repeated_after_an_hour() -> None:
    """And the reminder waits for its answer."""
    stage = dead(refused(50173))
    down = Spell(DIES_AT + DAY, DIES_AT + DAY + timedelta(hours=3), ProviderFailure(AMBIGUOUS.kind, 503))
    stage.authority.spells.insert(0, down)
    stage.run(DIES_AT + 2 * DAY)
    reminder = stage.alerts[1]
    assert len(stage.alerts) == 2
    assert down.end is not None
    assert down.end <= reminder.at <= down.end + timedelta(minutes=70)
    assert sum(down.start <= call.at < down.end for call in stage.authority.asked) <= 3


def test_the_month_is_long_enough_for_the_last_rung() -> None:
    assert 1 + sum(PAUSES) < DAYS <= 1 + sum(PAUSES) + 7
