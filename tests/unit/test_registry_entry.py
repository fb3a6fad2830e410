from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, unavailable
from tests.fakes.manual_clock import START
from tests.fakes.world import World
from token_refresher.alert import Event
from token_refresher.answer import Answer
from token_refresher.credential import Credential
from token_refresher.diagnosis import diagnose, too_many_versions
from token_refresher.intent import Base, End, Intent
from token_refresher.open_alert import OpenAlert
from token_refresher.outcome import Result
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status

LATER = START + timedelta(minutes=30)
NEW = RegistryEntry.discovered("search-ads", "version-1", START)
SICK = replace(
    NEW,
    status=Status.RETRYING,
    failures=2,
    diagnosis=diagnose(NO_ANSWER),
    alert=OpenAlert(Event.REFRESH_AT_RISK, "at_risk", START, START),
    intent=Intent.begin("version-1", Base("0123456789ab", START), START, None).ended(End.UNANSWERED),
)
CREDENTIAL = Credential.parse('{"client_id": "client-of-the-operator"}')


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


def test_a_secret_that_shows_a_pause_is_discovered_on_pause() -> None:
    entry = RegistryEntry.discovered("search-ads", "version-1", START, is_paused=True)
    assert (entry.is_paused, entry.next_action_at) == (True, None)


def test_a_credential_that_is_set_aside_is_not_looked_at() -> None:
    assert (SICK.paused().is_paused, SICK.paused().next_action_at) == (True, None)


def test_a_pause_keeps_whatever_is_known_of_the_tokens_and_of_what_failed() -> None:
    entry = replace(SICK, lineage=("00112233aabb", "0123456789ab"), versions_spent_until=LATER, unannounced=True)
    assert entry.paused() == replace(entry, status=Status.PAUSED, next_action_at=None, alert=None)


def test_what_people_know_of_one_credential_ends_with_its_pause() -> None:
    assert SICK.paused().alert is None


def test_what_people_were_yet_to_be_told_of_is_not_told_after_a_pause() -> None:
    assert SICK.not_told(LATER).paused().untold is False


def test_what_a_credential_shares_with_others_outlives_its_pause() -> None:
    shared = replace(SICK, alert=OpenAlert(Event.OPERATOR_ACTION_REQUIRED, "c", START, START, incident="application#x"))
    assert shared.paused().alert == shared.alert


def test_pausing_twice_is_pausing_once() -> None:
    paused = SICK.paused()
    assert paused.paused() == paused


def test_a_credential_that_is_resumed_is_looked_at_at_once() -> None:
    assert SICK.paused().resumed(LATER).next_action_at == LATER


@pytest.mark.parametrize(
    ("before", "status"),
    [
        pytest.param(replace(NEW, status=Status.HEALTHY, refreshed_at=START), Status.HEALTHY, id="one that worked"),
        pytest.param(NEW, Status.AWAITING_CONSENT, id="one that nobody had looked at"),
        pytest.param(SICK, Status.RETRYING, id="one that was being retried: it is tried"),
        pytest.param(
            NEW.needing_a_person("version-1", diagnose(REVOKED), Status.NEEDS_CONSENT),
            Status.RETRYING,
            id="one that needed a person: it is tried",
        ),
    ],
)
def test_the_status_after_a_pause_is_that_of(before: RegistryEntry, status: Status) -> None:
    assert before.paused().resumed(LATER).status is status


def test_what_is_not_paused_cannot_be_resumed() -> None:
    assert SICK.resumed(LATER) == SICK


def test_an_answer_is_kept_until_the_next_one() -> None:
    first, second = (Answer(request, START, Result.REFRESHED) for request in ("first", "second"))
    entry = NEW.answered(first).fresh("version-2", CREDENTIAL, LATER)
    assert (entry.answer, entry.answered(second).answer) == (first, second)


def test_what_the_document_says_is_taken_over(credential: Credential) -> None:
    entry = SICK.observing(credential)
    assert (entry.expires_at, entry.refreshed_at, entry.refresh_token_issued_at, entry.identity) == (
        credential.expires_at,
        credential.refreshed_at,
        credential.refresh_token_issued_at,
        credential.identity,
    )


def test_fresh_tokens_end_whatever_was_wrong(credential: Credential) -> None:
    entry = SICK.fresh("version-2", credential, LATER)
    assert (entry.status, entry.failures, entry.diagnosis, entry.alert) == (Status.HEALTHY, 0, None, None)


def test_fresh_tokens_leave_nothing_to_look_for(credential: Credential) -> None:
    intent = SICK.fresh("version-2", credential, LATER).intent
    assert intent is not None
    assert intent.is_settled


def test_an_intent_is_recorded_with_the_version_it_starts_from() -> None:
    intent = Intent.begin("version-9", Base("0123456789ab", START), LATER, None)
    entry = NEW.intending(intent)
    assert (entry.intent, entry.version_id) == (intent, "version-9")


def test_a_rotation_is_remembered_by_the_token_that_it_spent(credential: Credential) -> None:
    entry = SICK.settled(credential)
    assert (entry.spent, entry.intent.end if entry.intent else None) == (("0123456789ab",), End.ROTATED)


def test_where_nothing_rotates_nothing_is_spent() -> None:
    credential = Credential.parse(World().document(refresh_token="stays"))
    entry = replace(NEW, intent=Intent.begin("version-1", Base.of(credential), START, None)).settled(credential)
    assert (entry.spent, entry.intent) == ((), None)


def test_a_token_is_spent_once_however_often_that_is_seen(credential: Credential) -> None:
    assert SICK.settled(credential).settled(credential).spent == ("0123456789ab",)


def test_a_consent_spends_nothing(credential: Credential) -> None:
    intent = Intent.begin("version-1", Base("0123456789ab", START), START, None, is_consent=True)
    assert replace(NEW, intent=intent).settled(credential).spent == ()


def test_only_the_last_spent_tokens_are_remembered(credential: Credential) -> None:
    """An item of DynamoDB must not grow with every refresh."""
    entry, before = NEW, credential
    for number in range(100):
        after = Credential.parse(World().document(refresh_token=f"token-{number}"))
        entry = entry.intending(Intent.begin("version-1", Base.of(before), START, None)).settled(after)
        before = after
    assert entry.lineage[-1] == before.fingerprint
    assert 2 <= len(entry.lineage) < 20


def test_the_tokens_that_followed_each_other_are_a_lineage(credential: Credential) -> None:
    documents = [Credential.parse(World().document(refresh_token=token)) for token in ("first", "second", "third")]
    entry = NEW
    for before, after in pairwise(documents):
        entry = entry.intending(Intent.begin("version-1", Base.of(before), START, None)).settled(after)
    first, second, third = (document.fingerprint for document in documents)
    assert (entry.lineage, entry.spent) == ((first, second, third), (first, second))


def test_a_token_that_was_imported_begins_another_lineage(credential: Credential) -> None:
    imported = Credential.parse(World().document(refresh_token="imported"))
    after = Credential.parse(World().document(refresh_token="after"))
    entry = replace(NEW, lineage=("00112233aabb", "0123456789ab"))
    entry = entry.intending(Intent.begin("version-1", Base.of(imported), START, None)).settled(after)
    assert entry.lineage == (imported.fingerprint, after.fingerprint)


def test_a_credential_that_is_too_often_is_as_healthy_as_before() -> None:
    entry = replace(NEW, status=Status.HEALTHY).too_often("version-2", too_many_versions(LATER), LATER)
    assert (entry.status, entry.version_id, entry.next_action_at, entry.is_too_often) == (
        Status.HEALTHY,
        "version-2",
        LATER,
        True,
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [
        pytest.param(Status.HEALTHY, True, id="that works: people are to know of it"),
        pytest.param(Status.RETRYING, False, id="that is being retried: they know of worse"),
        pytest.param(Status.NEEDS_OPERATOR, False, id="that needs its operator: they know of worse"),
        pytest.param(Status.NEEDS_CONSENT, False, id="that needs a sign-in: they know of worse"),
    ],
)
def test_holding_back_a_credential(status: Status, *, told: bool) -> None:
    entry = replace(SICK, status=status).too_often("version-2", too_many_versions(LATER), LATER)
    assert (entry.is_too_often, entry.diagnosis == SICK.diagnosis) == (told, not told)


def test_a_credential_that_is_too_often_stays_so_when_it_changes() -> None:
    """What writes it too often is what held it back."""
    slowed = replace(NEW, status=Status.HEALTHY).too_often("version-2", too_many_versions(LATER), LATER)
    assert slowed.changed("version-3", LATER).is_too_often


def test_a_credential_that_was_held_back_is_pardoned() -> None:
    slowed = replace(SICK, status=Status.HEALTHY).too_often("version-2", too_many_versions(LATER), LATER)
    pardoned = slowed.pardoned()
    assert (pardoned.is_too_often, pardoned.diagnosis, pardoned.alert) == (False, None, None)


def test_what_else_is_wrong_does_not_hold_a_credential_back() -> None:
    assert not SICK.is_too_often


def test_the_same_failure_counts_up() -> None:
    assert SICK.retrying("version-1", diagnose(NO_ANSWER), LATER).failures == 3


def test_another_failure_counts_from_one() -> None:
    assert SICK.retrying("version-1", diagnose(unavailable()), LATER).failures == 1


def test_a_failure_that_passes_leaves_the_intent_to_be_looked_into() -> None:
    assert SICK.retrying("version-1", diagnose(NO_ANSWER), LATER).intent == SICK.intent


def test_a_failure_that_passes_leaves_what_people_were_told() -> None:
    assert SICK.retrying("version-1", diagnose(unavailable()), LATER).alert == SICK.alert


def test_a_failure_for_a_person_is_looked_at_again_to_remind() -> None:
    entry = NEW.needing_a_person("version-1", diagnose(REVOKED), Status.NEEDS_CONSENT).reminded_at(LATER)
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


def test_who_was_told_at_last_is_told_no_more() -> None:
    alert = OpenAlert(Event.REFRESH_AT_RISK, "at_risk", LATER, START)
    told = SICK.not_told(LATER).alerted(alert)
    assert (told.alert, told.untold) == (alert, False)


def test_who_could_not_be_told_is_to_be_told_soon() -> None:
    entry = SICK.not_told(LATER)
    assert (entry.untold, entry.next_action_at, entry.alert) == (True, LATER, SICK.alert)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(lambda entry: entry.changed("version-2", LATER), id="the secret changed"),
        pytest.param(lambda entry: entry.fresh("version-2", CREDENTIAL, LATER), id="it works again"),
    ],
)
def test_nobody_is_to_be_told_any_more_once(after: Callable[[RegistryEntry], RegistryEntry]) -> None:
    assert after(SICK.not_told(LATER)).untold is False


def test_the_first_of_the_failures_in_a_row_is_remembered() -> None:
    assert SICK.failing(START).failing(LATER).failing_since == START


def test_a_good_refresh_ends_the_failures_in_a_row() -> None:
    assert SICK.failing(START).fresh("version-2", CREDENTIAL, LATER).failing_since is None


def test_an_incident_can_be_left_open() -> None:
    assert NEW.still_telling(SICK.alert, LATER).alert == SICK.alert


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
