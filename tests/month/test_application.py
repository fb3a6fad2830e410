"""The client secret of an application with twenty credentials ends: one incident for its operator, and not twenty."""

from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.month.script import TICK
from tests.month.stage import Stage
from tests.month.staging import NEXT_SECRET
from tests.month.weather import GOOD_SECRET
from token_refresher.alert import Event

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CREDENTIALS = 20
ENDS_AT = START + DAY
MENDED_FROM = START + 3 * DAY
LAST_MENDED = MENDED_FROM + 6 * HOUR


@pytest.fixture(scope="module")
def stage() -> Stage:
    stage = Stage(5)
    names = [f"credential-{number:02}" for number in range(CREDENTIALS)]
    for name in names:
        stage.create(name, "the-application")
    stage.create("of-another", "another-application")
    stage.authority.applications["the-application"].secrets.update({GOOD_SECRET: ENDS_AT, NEXT_SECRET: None})
    for number, name in enumerate(names):
        # One after the other, and the last one hours later.
        moment = LAST_MENDED if number == CREDENTIALS - 1 else MENDED_FROM + number * timedelta(minutes=7)
        stage.at(moment, lambda name=name: stage.world.edit(name, client_secret=NEXT_SECRET))  # type: ignore[misc] # Binds.
    stage.run(START + 8 * DAY)
    return stage


def test_the_operator_is_told_once_reminded_by_the_ladder_and_told_once_that_it_is_over(stage: Stage) -> None:
    assert stage.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED] * 2 + [Event.RECOVERED]


def test_the_first_message_comes_with_the_first_credential(stage: Stage) -> None:
    assert ENDS_AT <= stage.alerts[0].at <= ENDS_AT + 3 * TICK


def test_the_reminder_comes_a_day_later_and_names_all_of_them(stage: Stage) -> None:
    reminder = stage.alerts[1]
    assert stage.alerts[0].at + DAY <= reminder.at <= stage.alerts[0].at + DAY + TICK
    assert len(reminder.credentials) == CREDENTIALS


def test_the_last_one_that_is_mended_ends_it_for_all(stage: Stage) -> None:
    over = stage.alerts[2]
    assert LAST_MENDED <= over.at <= LAST_MENDED + 2 * TICK
    assert len(over.credentials) == CREDENTIALS


def test_the_credential_of_another_application_is_never_mentioned(stage: Stage) -> None:
    assert not any("of-another" in alert.concerned for alert in stage.alerts)


def test_each_is_asked_about_once_before_each_reminder(stage: Stage) -> None:
    refused = [call for call in stage.authority.asked if not call.granted]
    assert len(refused) == 2 * CREDENTIALS
