"""A refresh on demand: made even if it is not due, with its answer in the registry."""

from datetime import timedelta

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED, throughout_an_attempt, unavailable
from tests.fakes.fake_authority import LIFETIME
from tests.fakes.outages import down
from tests.fakes.world import AUTHORITY_URL, NAME, TIMING, World
from token_refresher.base.errors import NotEnoughTimeError, ServiceUnavailableError
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.status import Status
from token_refresher.refresh.circuit import PROBES, THRESHOLD
from token_refresher.refresh.circuit_breaker import CircuitBreaker
from token_refresher.refresh.policy import CONFIRMATIONS
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.secret_store import successor
from token_refresher.rotation.version_budget import VERSIONS_AT_ONCE

YOUNG = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    """A credential whose token is not due for a while."""
    world = World()
    world.manage(age=YOUNG)
    return world


def answer(world: World) -> LastRequest:
    known = world.entry().answer
    assert known is not None
    return known


def ask(world: World, request_id: str = "request-1") -> Result:
    """Request a refresh, and return the result that the entry has for it."""
    outcome = world.refresh(request_id=request_id)
    assert (answer(world).request_id, answer(world).outcome.result) == (request_id, outcome.result)
    return outcome.result


def test_a_token_that_is_not_due_is_exchanged(world: World) -> None:
    assert ask(world) is Result.REFRESHED
    assert world.current_refresh_token() == world.authority.newest


def test_the_answer_has_the_expiry_and_the_fingerprints_of_both_tokens(world: World) -> None:
    token = world.current_refresh_token()
    ask(world)
    outcome = Outcome(
        NAME,
        Result.REFRESHED,
        expires_at=world.clock() + LIFETIME,
        presented=Sensitive(token).fingerprint,
        issued=Sensitive(world.authority.newest).fingerprint,
        request_id="request-1",
    )
    assert answer(world) == LastRequest(world.clock(), outcome)


def test_a_refresh_on_demand_costs_one_write_more_than_one_that_was_due(world: World) -> None:
    ask(world)
    assert world.calls.log == [
        "registry.get",
        "store.describe",
        "store.read",
        "circuits.get",
        "registry.save",
        "authority.refresh",
        "store.put_pending",
        "store.promote",
        "registry.save",
        "registry.get",
        "registry.save",
    ]


def test_the_next_refresh_is_planned_from_the_new_token(world: World) -> None:
    ask(world)
    assert world.entry().next_action_at == world.clock() + LIFETIME - TIMING.margin - TIMING.jitter


def test_a_credential_that_waits_for_its_next_attempt_is_tried(world: World) -> None:
    world.authority.failures.append(NO_ANSWER)
    ask(world, "request-1")
    assert world.entry().status is Status.RETRYING
    world.clock.advance(TIMING.lease)
    assert ask(world, "request-2") is Result.REFRESHED


def test_a_rejected_grant_is_tried_and_nobody_is_notified_again(world: World) -> None:
    world.authority.failures.append(REVOKED)
    ask(world, "request-1")
    world.authority.failures.append(REVOKED)
    assert ask(world, "request-2") is Result.NEEDS_A_PERSON
    assert (len(world.authority.presented), len(world.topic.alerts)) == (2, 1)


def test_a_request_does_not_move_the_reminder_of_a_rejected_grant(world: World) -> None:
    world.authority.failures.append(REVOKED)
    ask(world, "request-1")
    reminder = world.entry().next_action_at
    world.clock.advance(MINUTE)
    world.authority.failures.append(REVOKED)
    ask(world, "request-2")
    assert world.entry().next_action_at == reminder


def test_a_rejected_grant_that_works_again_is_notified_as_recovered(world: World) -> None:
    world.authority.failures.append(REVOKED)
    ask(world, "request-1")
    assert ask(world, "request-2") is Result.REFRESHED
    assert [alert.event for alert in world.topic.alerts] == ["reconsent_required", "recovered"]


def test_a_credential_whose_alert_was_not_sent_is_tried_first(world: World) -> None:
    world.authority.failures.append(REVOKED)
    down(world, "topic.publish")
    ask(world, "request-1")
    world.calls.forget()
    assert world.entry().notification_pending
    assert ask(world, "request-2") is Result.REFRESHED
    assert not world.topic.alerts


def test_an_uncertain_refusal_is_in_the_answer_and_notifies_nobody(world: World) -> None:
    world.authority.failures.extend(throughout_an_attempt(AMBIGUOUS))
    assert ask(world) is Result.RETRY_LATER
    assert answer(world).outcome.diagnosis is not None
    assert not world.topic.alerts


def test_repeated_requests_do_not_confirm_an_uncertain_refusal(world: World) -> None:
    """Confirmations need time between them: three requests within a minute may meet one short error of Microsoft."""
    for number in range(CONFIRMATIONS):
        world.authority.failures.extend(throughout_an_attempt(AMBIGUOUS))
        assert ask(world, f"request-{number}") is Result.RETRY_LATER
        world.clock.advance(timedelta(seconds=20))
    assert (world.entry().failures, world.entry().status) == (1, Status.RETRYING)
    assert not world.topic.alerts


def test_a_request_at_the_time_of_the_next_attempt_confirms_a_refusal(world: World) -> None:
    for number in range(CONFIRMATIONS):
        world.authority.failures.extend(throughout_an_attempt(AMBIGUOUS))
        ask(world, f"request-{number}")
        world.clock.advance((world.entry().next_action_at or world.clock()) - world.clock())
    assert [alert.event for alert in world.topic.alerts] == ["reconsent_required"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param('{"client_id": ""}', "malformed_credential.client_id", id="a document that is malformed"),
        pytest.param('{"client_id": "of-the-operator"}', "first_consent", id="a credential without a refresh token"),
    ],
)
def test_each_request_gets_an_answer_for(world: World, document: str, code: str) -> None:
    world.never_connect(document)
    for request_id in ("request-1", "request-2"):
        assert ask(world, request_id) is Result.NEEDS_A_PERSON
        diagnosis = answer(world).outcome.diagnosis
        assert diagnosis is not None
        assert diagnosis.code == code
    assert len(world.topic.alerts) == 1


# --- What holds a request back ------------------------------------------------------------------------------------


def test_a_paused_credential_is_not_exchanged(world: World) -> None:
    world.registry.save(world.entry().paused())
    assert ask(world) is Result.PAUSED
    assert world.authority.presented == []


def test_no_second_exchange_begins_while_one_is_under_way(world: World) -> None:
    intent = ExchangeIntent.begin(world.current_version(), Base.of(world.current()), world.clock(), None)
    world.set_entry(intent=intent)
    assert ask(world) is Result.UNDER_WAY
    assert world.authority.presented == []


def test_an_answer_is_kept_when_the_exchange_under_way_ends(world: World) -> None:
    world.clock.advance(LIFETIME)
    world.calls.at("after", "authority.refresh", lambda: world.refresh(request_id="meanwhile"))
    assert world.refresh().result is Result.REFRESHED
    assert (answer(world).request_id, answer(world).outcome.result) == ("meanwhile", Result.UNDER_WAY)


def spend_all_versions(world: World) -> None:
    for number in range(VERSIONS_AT_ONCE):
        assert ask(world, f"request-{number}") is Result.REFRESHED
        world.clock.advance(timedelta(seconds=1))


def test_no_number_of_requests_writes_more_versions_than_a_secret_may_get(world: World) -> None:
    spend_all_versions(world)
    assert ask(world, "one too many") is Result.TOO_OFTEN
    assert len(world.authority.presented) == VERSIONS_AT_ONCE


def test_one_request_too_many_does_not_change_the_credential_s_status(world: World) -> None:
    spend_all_versions(world)
    before = world.entry()
    ask(world, "one too many")
    assert world.entry().answered(answer(world)) == world.entry()
    after = world.entry()
    assert (after.status, after.diagnosis, after.next_action_at) == (before.status, None, before.next_action_at)
    assert not world.topic.alerts


def break_the_authority(world: World) -> None:
    """Let the authority fail for one credential after the other, until the circuit is open and has no probe left."""
    for number in range(THRESHOLD + PROBES):
        breaker = CircuitBreaker(world.circuits, AUTHORITY_URL, TIMING.schedule_period, world.clock)
        if breaker.admits(f"another-{number}"):
            breaker.failed(f"another-{number}")


def test_while_the_authority_is_down_a_request_is_held_back_and_changes_nothing(world: World) -> None:
    break_the_authority(world)
    before = world.entry()
    assert ask(world) is Result.HELD_BACK
    after = world.entry()
    assert (after.status, after.diagnosis, after.next_action_at) == (before.status, None, before.next_action_at)


def test_without_enough_time_the_request_is_delivered_again_and_has_no_answer(world: World) -> None:
    with pytest.raises(NotEnoughTimeError):
        world.refresh(time_left=TIMING.exchange - timedelta(seconds=1), request_id="request-1")
    assert world.entry().answer is None


# --- What comes first ---------------------------------------------------------------------------------------------


def test_stored_tokens_are_made_current_before_the_exchange(world: World) -> None:
    stored = world.document(age=MINUTE, refresh_token=world.authority.open_family())
    state = world.store.describe(NAME)
    world.store.put_pending(NAME, successor(state.arn, world.current_version()), stored)
    ask(world)
    assert world.authority.presented == [Sensitive("refresh-2").fingerprint]


def test_no_exchange_begins_within_the_lease_of_an_interrupted_one(world: World) -> None:
    world.calls.at("after", "authority.refresh", kill)
    with pytest.raises(KilledError):
        world.refresh(request_id="request-1")
    assert ask(world, "request-1") is Result.UNDER_WAY


# --- The answer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [pytest.param(None, id="that worked"), pytest.param(REVOKED, id="that found a revoked grant")]
)
def test_a_second_delivery_of_a_request_gets_the_answer_of_the_first(world: World, failure: object) -> None:
    if failure:
        world.authority.failures.append(REVOKED)
    first = world.refresh(request_id="request-1")
    entry = world.entry()
    second = world.refresh(request_id="request-1")
    assert (second.result, second.expires_at, second.diagnosis) == (first.result, first.expires_at, first.diagnosis)
    assert (len(world.authority.presented), world.entry()) == (1, entry)


def test_a_message_from_dispatch_is_no_request_and_has_no_answer(world: World) -> None:
    world.refresh()
    assert world.entry().answer is None


def test_a_message_from_dispatch_keeps_the_answer_to_a_request(world: World) -> None:
    ask(world)
    world.clock.advance(LIFETIME)
    world.refresh()
    assert answer(world).request_id == "request-1"


def test_an_answer_does_not_overwrite_what_another_attempt_writes_at_the_same_time(world: World) -> None:
    def attempt() -> None:
        world.edit(note="of the operator")
        world.refresh()

    world.calls.at("before", "registry.save", attempt, number=3)
    assert ask(world) is Result.REFRESHED
    assert world.entry().version_id == world.current_version()


def test_a_refresh_works_although_its_answer_cannot_be_written(world: World) -> None:
    world.calls.at("after", "registry.save", lambda: down(world, "registry.get"), number=2)
    assert world.refresh(request_id="request-1").result is Result.REFRESHED
    assert (world.entry().answer, world.entry().status) == (None, Status.HEALTHY)


def test_an_answer_that_other_writers_always_overtake_is_given_up(world: World) -> None:
    def overtake() -> None:
        world.set_entry(client_id="another")
        world.calls.at("before", "registry.save", overtake)

    world.calls.at("before", "registry.save", overtake, number=3)
    assert world.refresh(request_id="request-1").result is Result.REFRESHED
    assert world.entry().answer is None


def test_a_request_for_a_deleted_credential_leaves_no_entry(world: World) -> None:
    world.store.delete(NAME)
    assert world.refresh(request_id="request-1").result is Result.FORGOTTEN
    assert world.registry.entries == {}


def test_a_request_that_another_writer_overtakes_gets_an_answer(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(client_id="another"))
    assert ask(world) is Result.OVERTAKEN


def test_the_answer_during_an_outage_has_its_diagnosis(world: World) -> None:
    world.authority.failures.append(unavailable())
    assert ask(world) is Result.RETRY_LATER
    diagnosis = answer(world).outcome.diagnosis
    assert diagnosis is not None
    assert diagnosis.meaning == "server_error"


def test_if_aws_does_not_answer_the_request_is_delivered_again(world: World) -> None:
    down(world, "store.describe")
    with pytest.raises(ServiceUnavailableError):
        world.refresh(request_id="request-1")
    assert world.entry().answer is None


# --- A pause ------------------------------------------------------------------------------------------------------


def test_an_exchange_that_is_under_way_at_a_pause_is_stored_and_the_credential_stays_paused(world: World) -> None:
    world.calls.at("after", "authority.refresh", lambda: world.registry.save(world.entry().paused()))
    assert ask(world) is Result.OVERTAKEN
    entry = world.entry()
    assert (entry.is_paused, entry.next_action_at) == (True, None)
    assert entry.intent is not None
    assert entry.intent.end is End.ROTATED
    assert world.current_refresh_token() == world.authority.newest


def test_nobody_is_notified_of_a_failure_after_the_pause(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.calls.at("before", "authority.refresh", lambda: world.registry.save(world.entry().paused()))
    assert ask(world) is Result.OVERTAKEN
    assert (world.entry().is_paused, world.topic.alerts) == (True, [])


def test_resuming_a_good_token_costs_no_exchange(world: World) -> None:
    world.registry.save(world.entry().paused())
    world.registry.save(world.entry().resumed(world.clock()))
    assert world.refresh().result is Result.NOT_DUE
    assert (world.entry().status, world.authority.presented) == (Status.HEALTHY, [])


def test_a_rejected_grant_that_is_resumed_is_tried_and_notified_anew(world: World) -> None:
    world.authority.failures.extend([REVOKED, REVOKED])
    ask(world)
    world.registry.save(world.entry().paused())
    world.registry.save(world.entry().resumed(world.clock()))
    assert world.refresh().result is Result.NEEDS_A_PERSON
    assert [(alert.event, alert.notifications) for alert in world.topic.alerts] == [("reconsent_required", 1)] * 2


def test_a_pause_outlives_the_registry(world: World) -> None:
    world.store.tag(NAME, **{"token-refresher:status": "paused", "token-refresher:reason": "-"})
    world.registry.entries.clear()
    world.clock.advance(LIFETIME)
    assert ask(world) is Result.PAUSED
    assert (world.entry().is_paused, world.authority.presented) == (True, [])


def test_the_status_tag_of_a_retried_credential_is_no_longer_paused(world: World) -> None:
    """Otherwise the credential would be paused again if the registry is lost."""
    world.store.tag(NAME, **{"token-refresher:status": "paused", "token-refresher:reason": "-"})
    world.authority.failures.append(NO_ANSWER)
    assert ask(world) is Result.RETRY_LATER
    shown = world.store.status_tags(NAME)
    assert shown is not None
    assert shown.status == "healthy"


# --- A pointer ----------------------------------------------------------------------------------------------------


def test_a_secret_that_points_to_another_is_not_refreshed(world: World) -> None:
    world.store.tag(NAME, **{"token-refresher:moved-to": "another"})
    assert world.refresh(request_id="request-1").result is Result.FORGOTTEN
    assert (world.registry.entries, world.authority.presented) == ({}, [])
