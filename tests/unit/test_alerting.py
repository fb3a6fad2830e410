from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED, refused
from tests.fakes.manual_clock import START
from tests.fakes.world import NAME, PUBLIC_URL, REMINDER, World
from token_refresher.alert import Event
from token_refresher.alerting import event_for
from token_refresher.credential import Credential
from token_refresher.diagnosis import Actor, Diagnosis, diagnose, diagnose_malformed, first_consent, too_many_versions
from token_refresher.errors import AlertNotSentError, MalformedCredentialError
from token_refresher.grant import Identity
from token_refresher.open_alert import OpenAlert
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status

SECOND = timedelta(seconds=1)
OWNER = Identity("ads-owner@example.com", "tenant", "object", START)
DAY = timedelta(days=1)
OPEN = OpenAlert(Event.RECONSENT_REQUIRED, "consent", START, START, generation="")
NEVER_CONSENTED = Credential.parse('{"client_id": "client-of-the-operator"}')


def an_entry(diagnosis: Diagnosis | None = None, alert: OpenAlert | None = None, **facts: Identity) -> RegistryEntry:
    return RegistryEntry(
        NAME,
        "version-1",
        Status.NEEDS_CONSENT,
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
    ("known", "diagnosis", "after", "told"),
    [
        pytest.param(None, diagnose(REVOKED), SECOND, True, id="nobody knows: told"),
        pytest.param(OPEN, diagnose(REVOKED), SECOND, False, id="they know: not told"),
        pytest.param(OPEN, diagnose(REVOKED), REMINDER - SECOND, False, id="not yet time: not told"),
        pytest.param(OPEN, diagnose(REVOKED), REMINDER, True, id="time to remind: told"),
        pytest.param(OPEN, diagnose(refused(65001)), SECOND, False, id="another reason, the same remedy: not told"),
        pytest.param(OPEN, first_consent(), SECOND, True, id="somebody took the refresh token away: told"),
        pytest.param(OPEN, diagnose(SECRET_EXPIRED), SECOND, True, id="for somebody else: told"),
        pytest.param(replace(OPEN, told=2), diagnose(REVOKED), REMINDER, False, id="the second pause is longer"),
        pytest.param(replace(OPEN, told=2), diagnose(REVOKED), 3 * DAY, True, id="three days after the reminder: told"),
        pytest.param(replace(OPEN, told=9), diagnose(REVOKED), 7 * DAY - SECOND, False, id="then weekly: not before"),
        pytest.param(replace(OPEN, told=9), diagnose(REVOKED), 7 * DAY, True, id="then weekly: told"),
        pytest.param(
            replace(OPEN, generation="earlier"), diagnose(REVOKED), SECOND, True, id="of an earlier consent: told"
        ),
    ],
)
def test_people_are_told_what_they_do_not_know_or_have_to_be_reminded_of(
    world: World, known: OpenAlert | None, diagnosis: Diagnosis, after: timedelta, told: bool
) -> None:
    world.clock.advance(after)
    world.alerting.tell(an_entry(diagnosis, known), diagnosis, NEVER_CONSENTED)
    assert len(world.topic.alerts) == told


def test_what_cannot_be_read_is_of_the_consent_that_people_know_of(world: World) -> None:
    known = replace(OPEN, event=Event.OPERATOR_ACTION_REQUIRED, condition="malformed_credential", generation="earlier")
    diagnosis = diagnose_malformed(MalformedCredentialError("tenant", "is empty"))
    told = world.alerting.tell(an_entry(diagnosis, replace(known, condition=diagnosis.condition)), diagnosis, None)
    assert (world.topic.alerts, told.alert and told.alert.generation) == ([], "earlier")


def test_a_reminder_says_since_when_and_how_often(world: World) -> None:
    world.clock.advance(REMINDER)
    world.alerting.tell(an_entry(alert=OPEN), diagnose(REVOKED), NEVER_CONSENTED)
    assert (world.topic.alerts[0].since, world.topic.alerts[0].told) == (START, 2)


def test_the_next_reminder_is_where_the_ladder_says(world: World) -> None:
    assert [world.alerting.remind_at(an_entry(alert=replace(OPEN, told=told))) - START for told in (1, 2, 3, 4)] == [
        REMINDER,
        3 * DAY,
        7 * DAY,
        7 * DAY,
    ]


def test_an_alert_has_everything_that_the_diagnosis_says(world: World) -> None:
    diagnosis = a_diagnosis(Actor.OPERATOR)
    world.alerting.tell(an_entry(diagnosis), diagnosis, NEVER_CONSENTED)
    alert = world.topic.alerts[0]
    assert (alert.cause, alert.action, alert.code, alert.correlation_id) == ("Why.", "What to do.", "7", "0-1")


def test_an_alert_says_when_and_until_when(world: World) -> None:
    diagnosis = a_diagnosis(Actor.OPERATOR)
    world.alerting.tell(an_entry(diagnosis), diagnosis, NEVER_CONSENTED)
    alert = world.topic.alerts[0]
    assert (alert.at, alert.expires_at) == (START, START + timedelta(hours=1))


def test_who_is_told_is_recorded_with_the_time(world: World) -> None:
    diagnosis = diagnose(REVOKED)
    entry = world.alerting.tell(an_entry(diagnosis), diagnosis, NEVER_CONSENTED)
    assert entry.alert == OPEN


def test_who_knows_already_is_recorded_with_the_time_of_the_first_alert(world: World) -> None:
    world.clock.advance(SECOND)
    diagnosis = diagnose(REVOKED)
    assert world.alerting.tell(an_entry(diagnosis, OPEN), diagnosis, NEVER_CONSENTED).alert == OPEN


def test_the_user_gets_a_link(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(REVOKED), NEVER_CONSENTED)
    assert (world.topic.alerts[0].connect_url or "").startswith(f"{PUBLIC_URL}/connect/{NAME}?invite=")


def test_a_link_for_an_unknown_consent_is_not_made(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(REVOKED), None)
    assert world.topic.alerts[0].connect_url is None


def test_the_operator_gets_no_link(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(SECRET_EXPIRED), NEVER_CONSENTED)
    assert world.topic.alerts[0].connect_url is None


@pytest.mark.parametrize(
    ("diagnosis", "words"),
    [
        pytest.param(first_consent(), "Somebody has to sign in to Microsoft", id="the first consent"),
        pytest.param(diagnose(REVOKED), "ads-owner@example.com has to sign in to Microsoft again", id="a reconnect"),
        pytest.param(a_diagnosis(Actor.ADMINISTRATOR), "An administrator of the Microsoft organization", id="a policy"),
        pytest.param(diagnose(SECRET_EXPIRED), "The operator has to act", id="a fault of the app"),
        pytest.param(too_many_versions(START), "is refreshed too often and is held back", id="a storm"),
    ],
)
def test_a_summary_says_who_has_to_act(world: World, diagnosis: Diagnosis, words: str) -> None:
    world.alerting.tell(an_entry(diagnosis, identity=OWNER), diagnosis, NEVER_CONSENTED)
    assert words in world.topic.alerts[0].summary


def test_a_summary_without_a_known_person_reads_well(world: World) -> None:
    world.alerting.tell(an_entry(), diagnose(REVOKED), NEVER_CONSENTED)
    assert "Somebody has to sign in" in world.topic.alerts[0].summary


def test_a_risk_is_warned_of_and_recorded(world: World) -> None:
    diagnosis = diagnose(NO_ANSWER)
    entry = world.alerting.warn_of_risk(an_entry(diagnosis), diagnosis, is_down=False)
    assert (world.topic.events, entry.alert) == (
        [Event.REFRESH_AT_RISK],
        OpenAlert(Event.REFRESH_AT_RISK, "at_risk", START, START),
    )


def test_a_risk_is_warned_of_once(world: World) -> None:
    diagnosis = diagnose(NO_ANSWER)
    entry = world.alerting.warn_of_risk(an_entry(diagnosis), diagnosis, is_down=False)
    world.alerting.warn_of_risk(entry, diagnosis, is_down=False)
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
        pytest.param(an_entry(), Event.CONNECTED, id="the first one: connected"),
        pytest.param(an_entry(alert=OPEN), Event.CONNECTED, id="the first one, which was asked for: connected"),
        pytest.param(an_entry(identity=OWNER), Event.CONNECTED, id="another one without need: connected"),
        pytest.param(an_entry(alert=OPEN, identity=OWNER), Event.RECOVERED, id="one after an incident: recovered"),
    ],
)
def test_a_consent_is_told(world: World, before: RegistryEntry, event: Event) -> None:
    world.alerting.tell_connected(before, an_entry(), OWNER)
    assert world.topic.events == [event]


def test_a_consent_is_told_with_who_gave_it(world: World) -> None:
    world.alerting.tell_connected(an_entry(), an_entry(), OWNER)
    assert "ads-owner@example.com connected" in world.topic.alerts[0].summary


def test_what_could_not_be_sent_is_not_recorded(world: World) -> None:
    world.topic.out_of_order = True
    with pytest.raises(AlertNotSentError):
        world.alerting.tell(an_entry(), diagnose(REVOKED), NEVER_CONSENTED)
