from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED
from tests.fakes.manual_clock import START
from tests.fakes.world import NAME, PUBLIC_URL, REMINDER, World
from token_refresher.alert import Event
from token_refresher.alerting import event_for, must_tell
from token_refresher.diagnosis import Actor, Diagnosis, diagnose, first_consent, too_many_versions
from token_refresher.errors import AlertNotSentError
from token_refresher.grant import Identity
from token_refresher.registry import OpenAlert, RegistryEntry, Status

SECOND = timedelta(seconds=1)
OWNER = Identity("ads-owner@example.com", "tenant", "object", START)
OPEN = OpenAlert(Event.RECONSENT_REQUIRED, "50173", START)


def an_entry(diagnosis: Diagnosis | None = None, alert: OpenAlert | None = None, **facts: Identity) -> RegistryEntry:
    return RegistryEntry(
        NAME,
        "version-1",
        Status.HEALTHY,
        next_action_at=START,
        expires_at=START + timedelta(hours=1),
        diagnosis=diagnosis,
        alert=alert,
        identity=facts.get("identity"),
    )


def a_diagnosis(actor: Actor) -> Diagnosis:
    return Diagnosis("7", actor, certain=True, cause="Why.", action="What to do.", correlation_id="0-1")


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("actor", "event"),
    [
        pytest.param(Actor.USER, Event.RECONSENT_REQUIRED, id="the user signs in again"),
        pytest.param(Actor.OPERATOR, Event.OPERATOR_ACTION_REQUIRED, id="the operator mends the app"),
        pytest.param(Actor.ADMINISTRATOR, Event.OPERATOR_ACTION_REQUIRED, id="the operator asks the administrator"),
    ],
)
def test_an_event_is_for_who_has_to_act(actor: Actor, event: Event) -> None:
    assert event_for(a_diagnosis(actor)) is event


@pytest.mark.parametrize(
    ("open_alert", "event", "code", "after", "told"),
    [
        pytest.param(None, Event.RECONSENT_REQUIRED, "50173", SECOND, True, id="nobody knows: told"),
        pytest.param(OPEN, Event.RECONSENT_REQUIRED, "50173", SECOND, False, id="they know: not told"),
        pytest.param(OPEN, Event.RECONSENT_REQUIRED, "50173", REMINDER - SECOND, False, id="not yet time: not told"),
        pytest.param(OPEN, Event.RECONSENT_REQUIRED, "50173", REMINDER, True, id="time to remind: told"),
        pytest.param(OPEN, Event.RECONSENT_REQUIRED, "65001", SECOND, True, id="for another reason: told"),
        pytest.param(OPEN, Event.OPERATOR_ACTION_REQUIRED, "50173", SECOND, True, id="for somebody else: told"),
    ],
)
def test_people_are_told_what_they_do_not_know_or_have_to_be_reminded_of(
    open_alert: OpenAlert | None, event: Event, code: str, after: timedelta, told: bool
) -> None:
    assert must_tell(open_alert, event, code, REMINDER, START + after) is told


def test_an_alert_has_everything_that_the_diagnosis_says(world: World) -> None:
    diagnosis = a_diagnosis(Actor.OPERATOR)
    world.alerting.tell(an_entry(diagnosis), diagnosis, "")
    alert = world.topic.alerts[0]
    assert (alert.cause, alert.action, alert.code, alert.correlation_id) == ("Why.", "What to do.", "7", "0-1")


def test_an_alert_says_when_and_until_when(world: World) -> None:
    diagnosis = a_diagnosis(Actor.OPERATOR)
    world.alerting.tell(an_entry(diagnosis), diagnosis, "")
    alert = world.topic.alerts[0]
    assert (alert.at, alert.expires_at) == (START, START + timedelta(hours=1))


def test_who_is_told_is_recorded_with_the_time(world: World) -> None:
    diagnosis = diagnose(REVOKED)
    entry = world.alerting.tell(an_entry(diagnosis), diagnosis, "")
    assert entry.alert == OPEN


def test_who_knows_already_is_recorded_with_the_time_of_the_first_alert(world: World) -> None:
    world.clock.advance(SECOND)
    diagnosis = diagnose(REVOKED)
    assert world.alerting.tell(an_entry(diagnosis, OPEN), diagnosis, "").alert == OPEN


def test_the_user_gets_a_link(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(REVOKED), "")
    assert (world.topic.alerts[0].connect_url or "").startswith(f"{PUBLIC_URL}/connect/{NAME}?invite=")


def test_a_link_for_an_unknown_consent_is_not_made(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(REVOKED), None)
    assert world.topic.alerts[0].connect_url is None


def test_the_operator_gets_no_link(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(SECRET_EXPIRED), "")
    assert world.topic.alerts[0].connect_url is None


@pytest.mark.parametrize(
    ("diagnosis", "words"),
    [
        pytest.param(first_consent(), "waits for its first sign-in", id="the first consent"),
        pytest.param(diagnose(REVOKED), "(ads-owner@example.com) has to sign in to Microsoft again", id="a reconnect"),
        pytest.param(a_diagnosis(Actor.ADMINISTRATOR), "an administrator of the Microsoft tenant", id="a policy"),
        pytest.param(diagnose(SECRET_EXPIRED), "Nobody has to sign in", id="a fault of the app"),
        pytest.param(too_many_versions(START), "is refreshed too often and is held back", id="a storm"),
    ],
)
def test_a_summary_says_who_has_to_act(world: World, diagnosis: Diagnosis, words: str) -> None:
    world.alerting.tell(an_entry(identity=OWNER), diagnosis, "")
    assert words in world.topic.alerts[0].summary


def test_a_summary_without_a_known_person_reads_well(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(REVOKED), "")
    assert "somebody has to sign in" in world.topic.alerts[0].summary


def test_a_risk_is_warned_of_and_recorded(world: World) -> None:
    diagnosis = diagnose(NO_ANSWER)
    entry = world.alerting.warn_of_risk(an_entry(diagnosis), diagnosis)
    assert (world.topic.events, entry.alert) == (
        [Event.REFRESH_AT_RISK],
        OpenAlert(Event.REFRESH_AT_RISK, "no_answer", START),
    )


def test_a_risk_is_warned_of_once(world: World) -> None:
    diagnosis = diagnose(NO_ANSWER)
    entry = world.alerting.warn_of_risk(an_entry(diagnosis), diagnosis)
    world.alerting.warn_of_risk(entry, diagnosis)
    assert len(world.topic.alerts) == 1


def test_the_end_of_an_incident_is_told(world: World) -> None:
    world.alerting.tell_over(an_entry(alert=OPEN), an_entry())
    assert world.topic.events == [Event.RECOVERED]


def test_the_end_of_what_nobody_heard_of_is_not_told(world: World) -> None:
    world.alerting.tell_over(an_entry(a_diagnosis(Actor.NOBODY)), an_entry())
    assert world.topic.events == []


@pytest.mark.parametrize(
    ("before", "event"),
    [
        pytest.param(None, Event.CONNECTED, id="of an unknown credential: connected"),
        pytest.param(an_entry(), Event.CONNECTED, id="the first one: connected"),
        pytest.param(an_entry(alert=OPEN), Event.CONNECTED, id="the first one, which was asked for: connected"),
        pytest.param(an_entry(identity=OWNER), Event.CONNECTED, id="another one without need: connected"),
        pytest.param(an_entry(alert=OPEN, identity=OWNER), Event.RECOVERED, id="one after an incident: recovered"),
    ],
)
def test_a_consent_is_told(world: World, before: RegistryEntry | None, event: Event) -> None:
    world.alerting.tell_connected(before, an_entry(), OWNER)
    assert world.topic.events == [event]


def test_a_consent_is_told_with_who_gave_it(world: World) -> None:
    world.alerting.tell_connected(None, an_entry(), OWNER)
    assert "ads-owner@example.com connected" in world.topic.alerts[0].summary


def test_what_could_not_be_sent_is_not_recorded(world: World) -> None:
    world.topic.out_of_order = True
    with pytest.raises(AlertNotSentError):
        world.alerting.tell(an_entry(), diagnose(REVOKED), "")
