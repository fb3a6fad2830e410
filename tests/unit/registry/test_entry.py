from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.fakes.failures import NO_ANSWER, REVOKED, unavailable
from tests.fakes.manual_clock import START
from tests.fakes.world import World
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import diagnose, too_many_versions
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event, OpenAlert
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher.rotation.intent import Base, End, ExchangeIntent

LATER = START + timedelta(minutes=30)
NEW = RegistryEntry.discovered("search-ads", "version-1", START)
FAILING = replace(
    NEW,
    status=Status.RETRYING,
    failures=2,
    diagnosis=diagnose(NO_ANSWER),
    alert=OpenAlert(Event.REFRESH_AT_RISK, "at_risk", START, START),
    intent=ExchangeIntent.begin("version-1", Base("0123456789ab", START), START, None).ended(End.UNANSWERED),
)
CREDENTIAL = Credential.parse('{"client_id": "client-of-the-operator"}')


@pytest.fixture
def credential() -> Credential:
    return Credential.parse(World().document(identity={"username": "u", "consented_at": "2026-01-01T09:00:00Z"}))


def test_the_first_attempt_for_a_discovered_credential_is_due_now() -> None:
    assert (NEW.status, NEW.next_action_at) == (Status.AWAITING_CONSENT, START)


def test_an_attempt_is_due_when_the_secret_changes() -> None:
    changed = FAILING.changed("version-2", LATER)
    assert changed == replace(FAILING, version_id="version-2", next_action_at=LATER, failures=0)


def test_a_paused_credential_stays_paused_after_a_consent(credential: Credential) -> None:
    paused = replace(NEW, status=Status.PAUSED, next_action_at=None)
    after = paused.fresh("version-2", credential, LATER)
    assert (after.status, after.next_action_at) == (Status.PAUSED, None)


def test_no_attempt_is_due_when_the_secret_of_a_paused_credential_changes() -> None:
    paused = replace(NEW, status=Status.PAUSED, next_action_at=None)
    assert paused.changed("version-2", LATER) == replace(paused, version_id="version-2")


def test_a_secret_with_the_tag_paused_is_discovered_as_paused() -> None:
    entry = RegistryEntry.discovered("search-ads", "version-1", START, is_paused=True)
    assert (entry.is_paused, entry.next_action_at) == (True, None)


def test_no_attempt_is_due_for_a_paused_credential() -> None:
    assert (FAILING.paused().is_paused, FAILING.paused().next_action_at) == (True, None)


def test_a_pause_keeps_the_fields_about_tokens_and_failures() -> None:
    entry = replace(FAILING, lineage=("00112233aabb", "0123456789ab"), versions_spent_until=LATER, unannounced=True)
    assert entry.paused() == replace(entry, status=Status.PAUSED, next_action_at=None, alert=None)


def test_a_pause_ends_the_alert_of_the_credential_alone() -> None:
    assert FAILING.paused().alert is None


def test_a_pause_ends_a_pending_notification() -> None:
    assert FAILING.not_notified(LATER).paused().notification_pending is False


def test_a_pause_keeps_the_alert_of_a_shared_incident() -> None:
    shared = replace(
        FAILING, alert=OpenAlert(Event.OPERATOR_ACTION_REQUIRED, "c", START, START, incident="application#x")
    )
    assert shared.paused().alert == shared.alert


def test_a_second_pause_changes_nothing() -> None:
    paused = FAILING.paused()
    assert paused.paused() == paused


def test_an_attempt_is_due_as_soon_as_a_credential_is_resumed() -> None:
    assert FAILING.paused().resumed(LATER).next_action_at == LATER


@pytest.mark.parametrize(
    ("before", "status"),
    [
        pytest.param(
            replace(NEW, status=Status.HEALTHY, refreshed_at=START), Status.HEALTHY, id="healthy: it is healthy"
        ),
        pytest.param(NEW, Status.AWAITING_CONSENT, id="waiting for its first consent: it still waits"),
        pytest.param(FAILING, Status.RETRYING, id="being retried: it is retried"),
        pytest.param(
            NEW.needing_a_person("version-1", diagnose(REVOKED), Status.NEEDS_CONSENT),
            Status.RETRYING,
            id="waiting for a person: it is retried",
        ),
    ],
)
def test_the_status_of_a_resumed_credential_that_was(before: RegistryEntry, status: Status) -> None:
    assert before.paused().resumed(LATER).status is status


def test_resuming_a_credential_that_is_not_paused_changes_nothing() -> None:
    assert FAILING.resumed(LATER) == FAILING


def test_an_answer_is_kept_beside_the_next_one() -> None:
    first, second = (
        LastRequest(START, Outcome("ads", Result.REFRESHED, request_id=request)) for request in ("first", "second")
    )
    entry = NEW.answered(first).fresh("version-2", CREDENTIAL, LATER)
    assert (entry.answer, entry.answered(second).answer) == (first, second)
    assert [entry.answered(second).answer_to(request) for request in ("first", "second", "third")] == [
        first,
        second,
        None,
    ]


def test_an_entry_takes_times_and_identity_from_the_document(credential: Credential) -> None:
    entry = FAILING.observing(credential)
    assert (entry.expires_at, entry.refreshed_at, entry.refresh_token_issued_at, entry.identity) == (
        credential.expires_at,
        credential.refreshed_at,
        credential.refresh_token_issued_at,
        credential.identity,
    )


def test_fresh_tokens_end_a_failure(credential: Credential) -> None:
    entry = FAILING.fresh("version-2", credential, LATER)
    assert (entry.status, entry.failures, entry.diagnosis, entry.alert) == (Status.HEALTHY, 0, None, None)


def test_fresh_tokens_settle_the_intent(credential: Credential) -> None:
    intent = FAILING.fresh("version-2", credential, LATER).intent
    assert intent is not None
    assert intent.is_settled


def test_an_intent_is_recorded_with_its_version() -> None:
    intent = ExchangeIntent.begin("version-9", Base("0123456789ab", START), LATER, None)
    entry = NEW.intending(intent)
    assert (entry.intent, entry.version_id) == (intent, "version-9")


def test_a_rotation_adds_the_spent_token(credential: Credential) -> None:
    entry = FAILING.settled(credential)
    assert (entry.spent, entry.intent.end if entry.intent else None) == (("0123456789ab",), End.ROTATED)


def test_an_exchange_without_rotation_spends_no_token() -> None:
    credential = Credential.parse(World().document(refresh_token="stays"))
    entry = replace(NEW, intent=ExchangeIntent.begin("version-1", Base.of(credential), START, None)).settled(credential)
    assert (entry.spent, entry.intent) == ((), None)


def test_a_rotation_that_is_settled_twice_adds_one_spent_token(credential: Credential) -> None:
    assert FAILING.settled(credential).settled(credential).spent == ("0123456789ab",)


def test_a_consent_spends_no_token(credential: Credential) -> None:
    intent = ExchangeIntent.begin("version-1", Base("0123456789ab", START), START, None, is_consent=True)
    assert replace(NEW, intent=intent).settled(credential).spent == ()


def test_only_the_last_spent_tokens_are_remembered(credential: Credential) -> None:
    """The DynamoDB item must not grow with every refresh."""
    entry, before = NEW, credential
    for number in range(100):
        after = Credential.parse(World().document(refresh_token=f"token-{number}"))
        entry = entry.intending(ExchangeIntent.begin("version-1", Base.of(before), START, None)).settled(after)
        before = after
    assert entry.lineage[-1] == before.fingerprint
    assert 2 <= len(entry.lineage) < 20


def test_the_tokens_that_followed_each_other_are_a_lineage(credential: Credential) -> None:
    documents = [Credential.parse(World().document(refresh_token=token)) for token in ("first", "second", "third")]
    entry = NEW
    for before, after in pairwise(documents):
        entry = entry.intending(ExchangeIntent.begin("version-1", Base.of(before), START, None)).settled(after)
    first, second, third = (document.fingerprint for document in documents)
    assert (entry.lineage, entry.spent) == ((first, second, third), (first, second))


def test_a_token_that_was_imported_begins_another_lineage(credential: Credential) -> None:
    imported = Credential.parse(World().document(refresh_token="imported"))
    after = Credential.parse(World().document(refresh_token="after"))
    entry = replace(NEW, lineage=("00112233aabb", "0123456789ab"))
    entry = entry.intending(ExchangeIntent.begin("version-1", Base.of(imported), START, None)).settled(after)
    assert entry.lineage == (imported.fingerprint, after.fingerprint)


def test_a_credential_that_is_held_back_for_its_versions_stays_healthy() -> None:
    entry = replace(NEW, status=Status.HEALTHY).too_often("version-2", too_many_versions(LATER), LATER)
    assert (entry.status, entry.version_id, entry.next_action_at, entry.is_too_often) == (
        Status.HEALTHY,
        "version-2",
        LATER,
        True,
    )


@pytest.mark.parametrize(
    ("status", "notified"),
    [
        pytest.param(Status.HEALTHY, True, id="that is healthy: people are to be notified"),
        pytest.param(Status.RETRYING, False, id="that is being retried: its failure is reported"),
        pytest.param(Status.NEEDS_OPERATOR, False, id="that needs its operator: its failure is reported"),
        pytest.param(Status.NEEDS_CONSENT, False, id="that needs a sign-in: its failure is reported"),
    ],
)
def test_holding_back_a_credential(status: Status, *, notified: bool) -> None:
    entry = replace(FAILING, status=status).too_often("version-2", too_many_versions(LATER), LATER)
    assert (entry.is_too_often, entry.diagnosis == FAILING.diagnosis) == (notified, not notified)


def test_an_edit_does_not_end_the_diagnosis_of_too_many_versions() -> None:
    """Frequent edits can be the reason why it was held back."""
    slowed = replace(NEW, status=Status.HEALTHY).too_often("version-2", too_many_versions(LATER), LATER)
    assert slowed.changed("version-3", LATER).is_too_often


def test_a_pardon_ends_the_diagnosis_of_too_many_versions() -> None:
    slowed = replace(FAILING, status=Status.HEALTHY).too_often("version-2", too_many_versions(LATER), LATER)
    pardoned = slowed.pardoned()
    assert (pardoned.is_too_often, pardoned.diagnosis, pardoned.alert) == (False, None, None)


def test_another_failure_is_no_diagnosis_of_too_many_versions() -> None:
    assert not FAILING.is_too_often


def test_the_same_failure_counts_up() -> None:
    assert FAILING.retrying("version-1", diagnose(NO_ANSWER), LATER).failures == 3


def test_another_failure_counts_from_one() -> None:
    assert FAILING.retrying("version-1", diagnose(unavailable()), LATER).failures == 1


def test_a_passing_failure_keeps_the_intent() -> None:
    assert FAILING.retrying("version-1", diagnose(NO_ANSWER), LATER).intent == FAILING.intent


def test_a_passing_failure_keeps_the_open_alert() -> None:
    assert FAILING.retrying("version-1", diagnose(unavailable()), LATER).alert == FAILING.alert


def test_after_a_failure_for_a_person_the_next_attempt_is_due_for_the_reminder() -> None:
    entry = NEW.needing_a_person("version-1", diagnose(REVOKED), Status.NEEDS_CONSENT).reminded_at(LATER)
    assert (entry.status, entry.next_action_at) == (Status.NEEDS_CONSENT, LATER)


@pytest.mark.parametrize(
    ("entry", "version_id", "now", "waits"),
    [
        pytest.param(replace(NEW, next_action_at=LATER), "version-1", START, True, id="before its time: waits"),
        pytest.param(replace(NEW, next_action_at=LATER), "version-1", LATER, False, id="at its time: does not"),
        pytest.param(replace(NEW, next_action_at=LATER), "version-2", START, False, id="on a change: does not"),
        pytest.param(replace(NEW, next_action_at=None), "version-1", START, False, id="without a next time: does not"),
    ],
)
def test_a_late_message_waits(entry: RegistryEntry, version_id: str, now: datetime, waits: bool) -> None:
    assert entry.waits(version_id, now) is waits


def test_a_late_notification_is_not_pending_any_more() -> None:
    alert = OpenAlert(Event.REFRESH_AT_RISK, "at_risk", LATER, START)
    notified = FAILING.not_notified(LATER).alerted(alert)
    assert (notified.alert, notified.notification_pending) == (alert, False)


def test_a_notification_that_failed_is_pending_for_the_next_attempt() -> None:
    entry = FAILING.not_notified(LATER)
    assert (entry.notification_pending, entry.next_action_at, entry.alert) == (True, LATER, FAILING.alert)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(lambda entry: entry.changed("version-2", LATER), id="a change of the secret"),
        pytest.param(lambda entry: entry.fresh("version-2", CREDENTIAL, LATER), id="a good refresh"),
    ],
)
def test_a_notification_is_not_pending_any_more_after(after: Callable[[RegistryEntry], RegistryEntry]) -> None:
    assert after(FAILING.not_notified(LATER)).notification_pending is False


def test_the_first_of_the_failures_in_a_row_is_remembered() -> None:
    assert FAILING.failing(START).failing(LATER).failing_since == START


def test_a_good_refresh_ends_the_failures_in_a_row() -> None:
    assert FAILING.failing(START).fresh("version-2", CREDENTIAL, LATER).failing_since is None


def test_an_incident_can_be_left_open() -> None:
    assert NEW.still_notifying(FAILING.alert, LATER).alert == FAILING.alert


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
def test_a_status_tells_whether_a_person_has_to_act(status: Status, needs: bool) -> None:
    assert status.needs_a_person is needs
