"""The alerts of one credential: who is notified of what, and how often."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED, refused
from tests.fakes.manual_clock import START
from tests.fakes.world import NAME, PUBLIC_URL, REMINDER, World
from token_refresher.alerts.alerting import event_for
from token_refresher.base.errors import AlertNotSentError, MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import (
    Actor,
    Diagnosis,
    diagnose,
    diagnose_malformed,
    first_consent,
    too_many_versions,
)
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event, OpenAlert

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
        pytest.param(Actor.OPERATOR, Event.OPERATOR_ACTION_REQUIRED, id="the operator corrects the app"),
        pytest.param(Actor.ADMINISTRATOR, Event.OPERATOR_ACTION_REQUIRED, id="the operator asks the administrator"),
    ],
)
def test_the_event_depends_on_who_has_to_act(actor: Actor, event: Event) -> None:
    assert event_for(a_diagnosis(actor)) is event


@pytest.mark.parametrize(
    ("known", "diagnosis", "after", "notified"),
    [
        pytest.param(None, diagnose(REVOKED), SECOND, True, id="no alert yet: notified"),
        pytest.param(OPEN, diagnose(REVOKED), SECOND, False, id="shortly after the alert: not notified"),
        pytest.param(OPEN, diagnose(REVOKED), REMINDER - SECOND, False, id="no reminder is due yet: not notified"),
        pytest.param(OPEN, diagnose(REVOKED), REMINDER, True, id="a reminder is due: notified"),
        pytest.param(OPEN, diagnose(refused(65001)), SECOND, False, id="another reason, the same remedy: not notified"),
        pytest.param(OPEN, first_consent(), SECOND, True, id="the refresh token was removed: notified"),
        pytest.param(OPEN, diagnose(SECRET_EXPIRED), SECOND, True, id="another actor: notified"),
        pytest.param(
            replace(OPEN, notifications=2), diagnose(REVOKED), REMINDER, False, id="the second pause is longer"
        ),
        pytest.param(
            replace(OPEN, notifications=2),
            diagnose(REVOKED),
            3 * DAY,
            True,
            id="three days after the reminder: notified",
        ),
        pytest.param(
            replace(OPEN, notifications=9), diagnose(REVOKED), 7 * DAY - SECOND, False, id="then weekly: not before"
        ),
        pytest.param(replace(OPEN, notifications=9), diagnose(REVOKED), 7 * DAY, True, id="then weekly: notified"),
        pytest.param(
            replace(OPEN, generation="earlier"),
            diagnose(REVOKED),
            SECOND,
            True,
            id="an alert of an earlier consent: notified",
        ),
    ],
)
def test_people_are_notified_of_a_new_problem_and_when_a_reminder_is_due(
    world: World, known: OpenAlert | None, diagnosis: Diagnosis, after: timedelta, notified: bool
) -> None:
    world.clock.advance(after)
    world.alerting.notify(an_entry(diagnosis, known), diagnosis, NEVER_CONSENTED)
    assert len(world.topic.alerts) == notified


def test_a_document_that_cannot_be_read_belongs_to_the_consent_of_the_last_alert(world: World) -> None:
    known = replace(OPEN, event=Event.OPERATOR_ACTION_REQUIRED, condition="malformed_credential", generation="earlier")
    diagnosis = diagnose_malformed(MalformedCredentialError("tenant", "is empty"))
    notified = world.alerting.notify(
        an_entry(diagnosis, replace(known, condition=diagnosis.condition)), diagnosis, None
    )
    assert (world.topic.alerts, notified.alert and notified.alert.generation) == ([], "earlier")


def test_a_reminder_says_since_when_and_how_often(world: World) -> None:
    world.clock.advance(REMINDER)
    world.alerting.notify(an_entry(alert=OPEN), diagnose(REVOKED), NEVER_CONSENTED)
    assert (world.topic.alerts[0].since, world.topic.alerts[0].notifications) == (START, 2)


def test_the_next_reminder_is_due_after_the_configured_pause(world: World) -> None:
    assert [
        world.alerting.remind_at(an_entry(alert=replace(OPEN, notifications=notified))) - START
        for notified in (1, 2, 3, 4)
    ] == [
        REMINDER,
        3 * DAY,
        7 * DAY,
        7 * DAY,
    ]


def test_an_alert_has_all_facts_of_the_diagnosis(world: World) -> None:
    diagnosis = a_diagnosis(Actor.OPERATOR)
    world.alerting.notify(an_entry(diagnosis), diagnosis, NEVER_CONSENTED)
    alert = world.topic.alerts[0]
    assert (alert.cause, alert.action, alert.code, alert.correlation_id) == ("Why.", "What to do.", "7", "0-1")


def test_an_alert_has_its_time_and_the_end_of_the_access(world: World) -> None:
    diagnosis = a_diagnosis(Actor.OPERATOR)
    world.alerting.notify(an_entry(diagnosis), diagnosis, NEVER_CONSENTED)
    alert = world.topic.alerts[0]
    assert (alert.at, alert.expires_at) == (START, START + timedelta(hours=1))


def test_an_alert_is_recorded_with_its_time(world: World) -> None:
    diagnosis = diagnose(REVOKED)
    entry = world.alerting.notify(an_entry(diagnosis), diagnosis, NEVER_CONSENTED)
    assert entry.alert == OPEN


def test_without_a_new_alert_the_entry_keeps_the_time_of_the_first_one(world: World) -> None:
    world.clock.advance(SECOND)
    diagnosis = diagnose(REVOKED)
    assert world.alerting.notify(an_entry(diagnosis, OPEN), diagnosis, NEVER_CONSENTED).alert == OPEN


def test_the_user_gets_a_link(world: World) -> None:
    world.alerting.notify(an_entry(), diagnose(REVOKED), NEVER_CONSENTED)
    assert (world.topic.alerts[0].connect_url or "").startswith(f"{PUBLIC_URL}/connect/{NAME}?invite=")


def test_a_link_for_an_unknown_consent_is_not_made(world: World) -> None:
    world.alerting.notify(an_entry(), diagnose(REVOKED), None)
    assert world.topic.alerts[0].connect_url is None


def test_the_operator_gets_no_link(world: World) -> None:
    world.alerting.notify(an_entry(), diagnose(SECRET_EXPIRED), NEVER_CONSENTED)
    assert world.topic.alerts[0].connect_url is None


@pytest.mark.parametrize(
    ("diagnosis", "words"),
    [
        pytest.param(first_consent(), "A person has to sign in to Microsoft", id="the first consent"),
        pytest.param(diagnose(REVOKED), "ads-owner@example.com has to sign in to Microsoft again", id="a reconnect"),
        pytest.param(a_diagnosis(Actor.ADMINISTRATOR), "An administrator of the Microsoft organization", id="a policy"),
        pytest.param(diagnose(SECRET_EXPIRED), "The operator has to act", id="a fault of the app"),
        pytest.param(too_many_versions(START), "is refreshed too often and is held back", id="too many versions"),
    ],
)
def test_a_summary_says_who_has_to_act(world: World, diagnosis: Diagnosis, words: str) -> None:
    world.alerting.notify(an_entry(diagnosis, identity=OWNER), diagnosis, NEVER_CONSENTED)
    assert words in world.topic.alerts[0].summary


def test_a_summary_without_a_known_person_says_a_person(world: World) -> None:
    world.alerting.notify(an_entry(), diagnose(REVOKED), NEVER_CONSENTED)
    assert "A person has to sign in" in world.topic.alerts[0].summary


def test_people_are_warned_of_a_risk_and_the_entry_records_it(world: World) -> None:
    diagnosis = diagnose(NO_ANSWER)
    entry = world.alerting.warn_of_risk(an_entry(diagnosis), diagnosis, is_down=False)
    assert (world.topic.events, entry.alert) == (
        [Event.REFRESH_AT_RISK],
        OpenAlert(Event.REFRESH_AT_RISK, "at_risk", START, START),
    )


def test_people_are_warned_of_a_risk_once(world: World) -> None:
    diagnosis = diagnose(NO_ANSWER)
    entry = world.alerting.warn_of_risk(an_entry(diagnosis), diagnosis, is_down=False)
    world.alerting.warn_of_risk(entry, diagnosis, is_down=False)
    assert len(world.topic.alerts) == 1


def test_people_are_notified_of_the_end_of_an_incident(world: World) -> None:
    world.alerting.notify_recovered(an_entry(alert=OPEN), an_entry())
    assert world.topic.events == [Event.RECOVERED]


def test_the_end_of_a_failure_without_an_alert_is_not_published(world: World) -> None:
    world.alerting.notify_recovered(an_entry(a_diagnosis(Actor.NOBODY)), an_entry())
    assert world.topic.events == []


@pytest.mark.parametrize(
    ("before", "event"),
    [
        pytest.param(an_entry(), Event.CONNECTED, id="the first one: connected"),
        pytest.param(an_entry(alert=OPEN), Event.CONNECTED, id="the first one, after the request for it: connected"),
        pytest.param(an_entry(identity=OWNER), Event.CONNECTED, id="another one that nobody had to give: connected"),
        pytest.param(an_entry(alert=OPEN, identity=OWNER), Event.RECOVERED, id="one after an incident: recovered"),
    ],
)
def test_people_are_notified_of_a_consent(world: World, before: RegistryEntry, event: Event) -> None:
    world.alerting.notify_connected(before, an_entry(), OWNER)
    assert world.topic.events == [event]


def test_the_alert_of_a_consent_names_the_person(world: World) -> None:
    world.alerting.notify_connected(an_entry(), an_entry(), OWNER)
    assert "ads-owner@example.com connected" in world.topic.alerts[0].summary


def test_an_alert_that_could_not_be_sent_is_not_recorded(world: World) -> None:
    world.topic.out_of_order = True
    with pytest.raises(AlertNotSentError):
        world.alerting.notify(an_entry(), diagnose(REVOKED), NEVER_CONSENTED)
