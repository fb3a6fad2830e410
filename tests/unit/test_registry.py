from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, SECRET_EXPIRED, unavailable
from tests.fakes.manual_clock import START
from tests.fakes.world import World
from token_refresher.alert import Event
from token_refresher.credential import Credential
from token_refresher.diagnosis import Actor, Diagnosis, diagnose, first_consent
from token_refresher.intent import Intent
from token_refresher.registry import OpenAlert, RegistryEntry, Status, status_for

LATER = START + timedelta(minutes=30)
NEW = RegistryEntry.discovered("search-ads", "version-1", START)
SICK = replace(
    NEW,
    status=Status.RETRYING,
    failures=2,
    diagnosis=diagnose(NO_ANSWER),
    alert=OpenAlert(Event.REFRESH_AT_RISK, "no_answer", START),
    intent=Intent("version-1", "0123456789ab", START),
)


@pytest.fixture
def credential() -> Credential:
    return Credential.parse(World().document(identity={"username": "u", "consented_at": "2026-01-01T09:00:00Z"}))


def test_a_discovered_credential_is_looked_at_now() -> None:
    assert (NEW.status, NEW.next_action_at) == (Status.AWAITING_CONSENT, START)


def test_a_changed_credential_is_looked_at_now() -> None:
    changed = SICK.changed("version-2", LATER)
    assert changed == replace(SICK, version_id="version-2", next_action_at=LATER, failures=0)


def test_a_paused_credential_stays_paused_when_somebody_consents(credential: Credential) -> None:
    paused = replace(NEW, status=Status.PAUSED, next_action_at=None)
    after = paused.fresh("version-2", credential, LATER)
    assert (after.status, after.next_action_at) == (Status.PAUSED, None)


def test_a_paused_credential_is_not_looked_at_when_it_changes() -> None:
    paused = replace(NEW, status=Status.PAUSED, next_action_at=None)
    assert paused.changed("version-2", LATER) == replace(paused, version_id="version-2")


def test_what_the_document_says_is_taken_over(credential: Credential) -> None:
    entry = SICK.observing(credential)
    assert (entry.expires_at, entry.refreshed_at, entry.identity) == (
        credential.expires_at,
        credential.refreshed_at,
        credential.identity,
    )


def test_fresh_tokens_end_whatever_was_wrong(credential: Credential) -> None:
    entry = SICK.fresh("version-2", credential, LATER)
    assert (entry.status, entry.failures, entry.diagnosis, entry.alert, entry.intent) == (
        Status.HEALTHY,
        0,
        None,
        None,
        None,
    )


def test_an_intent_names_the_version_and_the_token_it_starts_from() -> None:
    assert NEW.intending("version-1", "0123456789ab", LATER).intent == Intent("version-1", "0123456789ab", LATER)


def test_the_same_failure_counts_up() -> None:
    assert SICK.retrying("version-1", diagnose(NO_ANSWER), LATER).failures == 3


def test_another_failure_counts_from_one() -> None:
    assert SICK.retrying("version-1", diagnose(unavailable()), LATER).failures == 1


def test_a_failure_that_passes_leaves_the_intent_to_be_looked_into() -> None:
    assert SICK.retrying("version-1", diagnose(NO_ANSWER), LATER).intent == SICK.intent


def test_a_failure_that_passes_leaves_what_people_were_told() -> None:
    assert SICK.retrying("version-1", diagnose(unavailable()), LATER).alert == SICK.alert


def test_a_failure_for_a_person_is_looked_at_again_to_remind() -> None:
    entry = NEW.needing_a_person("version-1", diagnose(REVOKED), Status.NEEDS_CONSENT, LATER)
    assert (entry.status, entry.next_action_at) == (Status.NEEDS_CONSENT, LATER)


@pytest.mark.parametrize(
    ("entry", "version_id", "now", "waits"),
    [
        pytest.param(replace(NEW, next_action_at=LATER), "version-1", START, True, id="before its time: waits"),
        pytest.param(replace(NEW, next_action_at=LATER), "version-1", LATER, False, id="at its time: does not"),
        pytest.param(replace(NEW, next_action_at=LATER), "version-2", START, False, id="on a change: does not"),
        pytest.param(replace(NEW, next_action_at=None), "version-1", START, False, id="without a time: does not"),
    ],
)
def test_a_late_message_waits(entry: RegistryEntry, version_id: str, now: datetime, waits: bool) -> None:
    assert entry.waits(version_id, now) is waits


def test_an_incident_is_remembered_by_its_event_and_code() -> None:
    assert SICK.alerted(Event.REFRESH_AT_RISK, LATER).alert == OpenAlert(Event.REFRESH_AT_RISK, "no_answer", LATER)


def test_an_incident_can_be_left_open() -> None:
    assert NEW.still_telling(SICK.alert).alert == SICK.alert


@pytest.mark.parametrize(
    ("diagnosis", "status"),
    [
        pytest.param(first_consent(), Status.AWAITING_CONSENT, id="never consented to"),
        pytest.param(diagnose(REVOKED), Status.NEEDS_CONSENT, id="revoked"),
        pytest.param(diagnose(SECRET_EXPIRED), Status.NEEDS_OPERATOR, id="a fault of the app"),
        pytest.param(
            Diagnosis("1", Actor.ADMINISTRATOR, certain=True, cause="", action=""), Status.NEEDS_OPERATOR, id="a policy"
        ),
        pytest.param(diagnose(NO_ANSWER), Status.RETRYING, id="an outage"),
    ],
)
def test_a_status_says_who_is_waited_for(diagnosis: Diagnosis, status: Status) -> None:
    assert status_for(diagnosis) is status


@pytest.mark.parametrize(
    ("status", "needs"),
    [
        (Status.AWAITING_CONSENT, True),
        (Status.HEALTHY, False),
        (Status.RETRYING, False),
        (Status.NEEDS_CONSENT, True),
        (Status.NEEDS_OPERATOR, True),
        (Status.PAUSED, False),
    ],
)
def test_a_status_says_whether_a_person_is_waited_for(status: Status, needs: bool) -> None:
    assert status.needs_a_person is needs
