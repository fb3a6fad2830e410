"""SNS takes nothing for an hour, while something happens that people have to know."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, refused, unavailable
from tests.fakes.manual_clock import START
from tests.month.script import TICK
from tests.month.stage import Stage
from tests.month.staging import NEXT_SECRET
from tests.month.weather import GOOD_SECRET, Spell
from token_refresher.alert import Event
from token_refresher.clock import to_rfc3339
from token_refresher.failure import ProviderFailure

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SILENT_FROM = START + DAY
SPEAKS_AT = SILENT_FROM + HOUR
NAMES = tuple(f"credential-{number}" for number in range(8))


@pytest.fixture
def stage() -> Stage:
    stage = Stage(6)
    for name in NAMES:
        stage.create(name, "the-application")
    return silent(stage, SILENT_FROM, SPEAKS_AT)


def silent(stage: Stage, start: datetime, end: datetime) -> Stage:
    stage.at(start, lambda: setattr(stage.world.topic, "out_of_order", True))
    stage.at(end, lambda: setattr(stage.world.topic, "out_of_order", False))
    return stage


def test_what_happens_in_that_hour_is_told_after_it_and_once(stage: Stage) -> None:
    stage.at(SILENT_FROM, lambda: stage.revoke(NAMES[0]))
    stage.run(START + 2 * DAY - HOUR)
    assert stage.world.topic.events == [Event.RECONSENT_REQUIRED]
    assert SPEAKS_AT <= stage.alerts[0].at <= SPEAKS_AT + 2 * TICK
    assert stage.world.topic.refused > 0


def test_what_concerns_an_application_is_told_after_it_and_once(stage: Stage) -> None:
    stage.authority.applications["the-application"].secrets[GOOD_SECRET] = SILENT_FROM + MINUTE
    stage.run(START + 2 * DAY - HOUR)
    assert stage.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]
    assert SPEAKS_AT <= stage.alerts[0].at <= SPEAKS_AT + 2 * TICK


def test_good_news_is_told_after_it_and_once(stage: Stage) -> None:
    secrets = stage.authority.applications["the-application"].secrets
    secrets.update({GOOD_SECRET: SILENT_FROM - 3 * HOUR, NEXT_SECRET: None})
    for name in NAMES:
        stage.at(SILENT_FROM + HOUR / 3, lambda name=name: stage.world.edit(name, client_secret=NEXT_SECRET))  # type: ignore[misc] # Binds.
    stage.run(START + 2 * DAY - HOUR)
    assert stage.world.topic.events == [Event.OPERATOR_ACTION_REQUIRED, Event.RECOVERED]
    assert SPEAKS_AT <= stage.alerts[1].at <= SPEAKS_AT + HOUR


def test_an_outage_in_it_is_told_of_after_it_and_once() -> None:
    stage = silent(Stage(7), SILENT_FROM, SPEAKS_AT)
    for number in range(30):
        stage.create(f"credential-{number}")
    stage.authority.spells.append(Spell(SILENT_FROM - HOUR / 4, SPEAKS_AT + 2 * HOUR, unavailable(503)))
    stage.run(START + 2 * DAY - HOUR)
    assert stage.world.topic.events == [Event.REFRESH_AT_RISK, Event.RECOVERED]


def test_a_consent_in_it_is_told_of_after_it_and_once(stage: Stage) -> None:
    stage.at(SILENT_FROM - 3 * HOUR, lambda: stage.revoke(NAMES[0]))
    stage.at(SILENT_FROM + HOUR / 2, lambda: stage.sign_in(NAMES[0]))
    stage.run(START + 2 * DAY - HOUR)
    assert stage.world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECOVERED]
    assert SPEAKS_AT <= stage.alerts[1].at <= SPEAKS_AT + HOUR


def test_a_first_consent_in_it_is_told_of_as_such(stage: Stage) -> None:
    stage.at(SILENT_FROM - 3 * HOUR, lambda: stage.create("newcomer", consented=False))
    stage.at(SILENT_FROM + HOUR / 2, lambda: stage.sign_in("newcomer"))
    stage.run(START + 2 * DAY - HOUR)
    assert stage.world.topic.events == [Event.RECONSENT_REQUIRED, Event.CONNECTED]


def test_a_warning_whose_teller_is_gone_is_given_by_another() -> None:
    """Whoever met an alert that was being sent must not take it for sent."""
    stage = silent(Stage(9), SILENT_FROM - MINUTE, SPEAKS_AT)
    ends_at = SILENT_FROM + 7 * DAY
    for name in NAMES[:2]:
        stage.rng.seed(1)  # Both of one age, so that they meet it in one tick.
        stage.create(name, "the-application", client_secret_expires_at=to_rfc3339(ends_at))
    stage.run(SILENT_FROM)
    told = len(stage.alerts)

    def remove_the_teller() -> None:
        (incident,) = [one for one in stage.world.incidents.stored.values() if one.told == 0]
        stage.world.store.delete(incident.claimed_by)

    stage.at(SPEAKS_AT - MINUTE, remove_the_teller)
    stage.run(SPEAKS_AT + 2 * HOUR)
    assert stage.world.topic.events[told:] == [Event.EXPIRY_WARNING]


@pytest.mark.parametrize(
    ("failure", "calls"),
    [
        pytest.param(refused(50173), 1, id="a sign-in that was revoked"),
        pytest.param(AMBIGUOUS, 12, id="a refusal that says nothing certain"),
    ],
)
def test_a_dead_grant_that_nobody_could_be_told_of_is_asked_about_no_more_than_others(
    stage: Stage, failure: ProviderFailure, calls: int
) -> None:
    """What it was found to be is recorded before anybody is told: only the telling is tried again."""
    stage.authority.spells.append(Spell(SILENT_FROM, None, failure, NAMES[0]))
    stage.run(SPEAKS_AT + HOUR)
    assert sum(not call.granted for call in stage.authority.asked) == calls
    assert stage.world.topic.events == [Event.RECONSENT_REQUIRED]
