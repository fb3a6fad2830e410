from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED
from tests.fakes.outages import down, failing
from tests.fakes.rotations import a_grant
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.dispatch.fleet import Fleet
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.dispatch.service import TickResult
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import Result
from token_refresher.rotation.escrow import EscrowedGrant
from token_refresher.rotation.intent import Base
from token_refresher.rotation.secret_store import MOVED_TO_TAG, NO_VERSION

YOUNG = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


def test_a_stack_without_secrets_has_nothing_to_do(world: World) -> None:
    assert world.dispatcher.tick() == TickResult(0, 0, 0, 0, 0, 0, 0.0, Fleet.of([], world.clock()))


def test_a_new_secret_is_discovered_and_enqueued(world: World) -> None:
    version_id = world.store.create(NAME, "{}")
    result = world.dispatcher.tick()
    assert (result.managed, result.discovered, result.enqueued) == (1, 1, 1)
    assert world.queue.messages == [RefreshRequest(NAME, version_id, world.clock())]


def test_a_new_secret_gets_an_entry(world: World) -> None:
    version_id = world.store.create(NAME, "{}")
    world.dispatcher.tick()
    assert world.entry() == replace(RegistryEntry.discovered(NAME, version_id, world.clock()), revision=1)


def test_a_new_secret_whose_status_tag_says_paused_gets_a_paused_entry(world: World) -> None:
    """An operator created it so, or the registry was lost."""
    world.store.create(NAME, "{}")
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    result = world.dispatcher.tick()
    assert (result.discovered, result.enqueued, world.entry().is_paused) == (1, 0, True)


def test_a_pause_survives_the_loss_of_the_registry(world: World) -> None:
    world.manage()
    world.registry.save(world.entry().paused())
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.registry.entries.clear()
    for _ in range(3):
        world.dispatcher.tick()
        world.clock.advance(timedelta(hours=1))
    assert (world.queue.messages, world.entry().is_paused) == ([], True)


def test_a_credential_that_is_retried_while_its_tag_says_paused_is_enqueued(world: World) -> None:
    world.manage()
    world.set_entry(status=Status.RETRYING, next_action_at=world.clock() + MINUTE)
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_a_secret_that_became_a_pointer_is_forgotten_with_the_next_tick(world: World) -> None:
    world.manage(age=YOUNG)
    world.store.tag(NAME, **{MOVED_TO_TAG: "another"})
    result = world.dispatcher.tick()
    assert (result.managed, result.forgotten, result.enqueued, world.registry.entries) == (0, 1, 0, {})


def test_a_new_secret_without_a_value_is_enqueued_too(world: World) -> None:
    world.store.create_without_value(NAME)
    world.dispatcher.tick()
    assert (world.queue.names, world.entry().version_id) == ([NAME], NO_VERSION)


def test_a_secret_without_a_value_is_discovered_once(world: World) -> None:
    world.store.create_without_value(NAME)
    world.dispatcher.tick()
    result = world.dispatcher.tick()
    assert (result.discovered, result.changed) == (0, 0)


def test_a_healthy_credential_that_is_not_due_is_not_enqueued(world: World) -> None:
    world.manage(age=YOUNG)
    fleet = Fleet.of(world.registry.overview(), world.clock())
    assert world.dispatcher.tick() == TickResult(1, 0, 0, 0, 0, 0, 0.0, fleet)


def test_a_due_credential_is_enqueued(world: World) -> None:
    world.manage()
    result = world.dispatcher.tick()
    assert (result.discovered, result.changed, result.enqueued) == (0, 0, 1)


def test_a_credential_is_enqueued_from_the_second_at_which_it_is_due(world: World) -> None:
    world.manage(age=YOUNG)
    next_action_at = world.entry().next_action_at
    assert next_action_at is not None
    world.clock.now = next_action_at
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_an_edit_is_noticed_and_enqueued(world: World) -> None:
    world.manage(age=YOUNG)
    version_id = world.edit(note="of the operator")
    result = world.dispatcher.tick()
    assert (result.changed, world.queue.messages) == (1, [RefreshRequest(NAME, version_id, world.clock())])


def test_the_entry_of_an_edited_credential_is_kept(world: World) -> None:
    world.manage()
    world.authority.failures.append(REVOKED)
    world.refresh()
    before = world.entry()
    version_id = world.edit(note="of the operator")
    world.dispatcher.tick()
    assert world.entry() == replace(
        before, version_id=version_id, next_action_at=world.clock(), failures=0, revision=before.revision + 1
    )


def test_a_deleted_secret_is_forgotten(world: World) -> None:
    world.manage(age=YOUNG)
    world.store.delete(NAME)
    result = world.dispatcher.tick()
    assert (result.forgotten, result.enqueued, world.registry.entries) == (1, 0, {})


def test_a_deleted_secret_that_was_due_is_forgotten_by_refresh(world: World) -> None:
    """It is enqueued before the secrets are listed, and two writers of one entry would overtake each other."""
    world.manage()
    world.store.delete(NAME)
    result = world.dispatcher.tick()
    assert (result.forgotten, world.queue.names) == (0, [NAME])
    assert (world.refresh().result, world.registry.entries) == (Result.FORGOTTEN, {})


def test_a_secret_that_was_deleted_without_recovery_is_forgotten(world: World) -> None:
    world.manage(age=YOUNG)
    world.store.purge(NAME)
    assert world.dispatcher.tick().forgotten == 1


def test_the_most_urgent_credential_comes_first(world: World) -> None:
    for name, minutes in (("second", 50), ("first", 58), ("third", 45)):
        world.manage(name, age=minutes * MINUTE)
    world.dispatcher.tick()
    assert world.queue.names == ["first", "second", "third"]


def test_an_overdue_credential_comes_before_a_new_one(world: World) -> None:
    world.store.create("new", "{}")
    world.manage("overdue")
    world.dispatcher.tick()
    assert world.queue.names == ["overdue", "new"]


def test_the_result_has_the_time_for_which_the_most_urgent_credential_was_due(world: World) -> None:
    world.manage(age=YOUNG)
    world.set_entry(next_action_at=world.clock() - 7 * MINUTE)
    assert world.dispatcher.tick().most_overdue_seconds == 420


def test_the_result_has_the_state_of_all_credentials(world: World) -> None:
    world.manage("young", age=YOUNG)
    world.manage("old", age=3 * YOUNG)
    world.dispatcher.tick()
    fleet = world.dispatcher.tick().fleet
    assert (fleet.worst, fleet.worst_minutes_left, fleet.by_status["healthy"]) == ("old", 30, 2)


def test_a_credential_whose_secret_is_gone_is_not_the_worst(world: World) -> None:
    world.manage()
    world.store.delete(NAME)
    assert world.dispatcher.tick().fleet == Fleet.of([], world.clock())


def test_a_tick_never_reads_a_value(world: World) -> None:
    world.manage("due")
    world.manage("edited", age=YOUNG)
    world.edit("edited", note="of the operator")
    world.store.create("new", "{}")
    world.dispatcher.tick()
    assert {call for call in world.calls.log if call.startswith("store.")} == {"store.managed", "store.describe"}


def test_a_tick_describes_only_secrets_that_differ_from_the_registry(world: World) -> None:
    for name in ("same", "other"):
        world.manage(name, age=YOUNG)
    world.dispatcher.tick()
    world.calls.forget()
    world.edit("other", note="of the operator")
    world.dispatcher.tick()
    assert world.calls.count("store.describe") == 1


def test_an_outdated_list_changes_nothing(world: World) -> None:
    """ListSecrets may be five minutes behind, which is the period of the ticks."""
    world.manage(age=YOUNG)
    world.dispatcher.tick()
    stale = list(world.store.managed())
    world.consenting()()
    before = world.entry()
    world.store.managed = lambda: iter(stale)  # type: ignore[method-assign] # The list as it was.
    assert world.dispatcher.tick().enqueued == 0
    assert world.entry() == before


def test_a_due_credential_is_enqueued_although_the_list_is_outdated(world: World) -> None:
    world.manage(age=YOUNG)
    world.dispatcher.tick()
    stale = list(world.store.managed())
    world.consenting()()
    world.clock.advance(timedelta(hours=1))
    world.store.managed = lambda: iter(stale)  # type: ignore[method-assign] # The list as it was.
    assert world.dispatcher.tick().enqueued == 1


def test_a_secret_that_is_missing_from_the_list_is_not_forgotten(world: World) -> None:
    world.manage(age=YOUNG)
    world.dispatcher.tick()
    before = world.entry()
    world.store.managed = lambda: iter([])  # type: ignore[method-assign] # The list before it was created.
    assert world.dispatcher.tick().forgotten == 0
    assert world.entry() == before


def test_a_credential_that_is_both_due_and_changed_is_enqueued_once(world: World) -> None:
    world.manage()
    world.edit(note="of the operator")
    assert world.dispatcher.tick().enqueued == 1


def test_a_tick_that_comes_again_enqueues_again_and_costs_no_second_exchange(world: World) -> None:
    """The first attempt may have failed; SQS delivers the second request after the first."""
    world.manage()
    world.dispatcher.tick()
    world.clock.advance(MINUTE)
    world.dispatcher.tick()
    assert [world.refresh(name).result for name in world.queue.names] == [Result.REFRESHED, Result.NOT_DUE]
    assert len(world.authority.presented) == 1


def test_a_lost_registry_is_rebuilt(world: World) -> None:
    names = {"one", "two", "three"}
    for name in names:
        world.manage(name, age=YOUNG)
    world.registry.entries.clear()
    world.dispatcher.tick()
    for name in world.queue.names:
        world.refresh(name)
    assert {name: entry.status for name, entry in world.registry.entries.items()} == dict.fromkeys(
        names, Status.HEALTHY
    )


def test_a_lost_registry_costs_no_exchange(world: World) -> None:
    world.manage(age=YOUNG)
    world.registry.entries.clear()
    world.dispatcher.tick()
    world.refresh()
    assert world.authority.presented == []


def reject(world: World) -> None:
    """Let the provider reject the refresh token, so that a person must act."""
    world.manage()
    world.authority.failures.append(REVOKED)
    world.refresh()


def test_a_rejected_credential_is_not_enqueued_before_its_reminder(world: World) -> None:
    reject(world)
    world.clock.advance(REMINDER - MINUTE)
    assert world.dispatcher.tick().enqueued == 0


def test_a_rejected_credential_is_enqueued_for_its_reminder(world: World) -> None:
    reject(world)
    world.clock.advance(REMINDER)
    assert world.dispatcher.tick().enqueued == 1


def test_a_rejected_credential_is_enqueued_when_its_secret_changes(world: World) -> None:
    reject(world)
    world.edit(note="of the operator")
    assert world.dispatcher.tick().enqueued == 1


@pytest.mark.parametrize(
    "edit", [pytest.param({}, id="without an edit"), pytest.param({"note": "of the operator"}, id="with an edit")]
)
def test_a_paused_credential_is_never_enqueued(world: World, edit: dict[str, Any]) -> None:
    world.manage()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    if edit:
        world.edit(**edit)
    world.clock.advance(timedelta(days=365))
    assert world.dispatcher.tick().enqueued == 0


def test_an_edit_does_not_end_a_pause(world: World) -> None:
    world.manage()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    version_id = world.edit(note="of the operator")
    world.dispatcher.tick()
    assert (world.entry().status, world.entry().version_id) == (Status.PAUSED, version_id)


def test_a_tick_does_not_overwrite_the_entry_of_a_consent_that_was_faster(world: World) -> None:
    world.manage(age=YOUNG)
    world.edit(note="of the operator")
    world.calls.at("before", "registry.save", world.consenting())
    world.dispatcher.tick()
    assert (world.entry().status, world.entry().version_id) == (Status.HEALTHY, world.current_version())
    assert world.entry().identity is not None


def test_a_refresh_during_the_tick_does_not_count_as_a_change(world: World) -> None:
    world.manage()
    world.calls.at("after", "registry.overview", world.refresh)
    result = world.dispatcher.tick()
    assert (result.changed, world.queue.names) == (0, [NAME])
    assert world.entry().version_id == world.current_version()


def test_a_refresh_on_demand_during_the_tick_does_not_count_as_a_change(world: World) -> None:
    world.manage(age=YOUNG)
    world.calls.at("after", "registry.overview", lambda: world.refresh(request_id="of-the-operator"))
    result = world.dispatcher.tick()
    assert (result.changed, result.enqueued) == (0, 0)


def test_due_credentials_are_sent_before_secrets_are_listed_or_described(world: World) -> None:
    world.manage("due")
    world.store.create("new", "{}")
    world.dispatcher.tick()
    first = [call for call in world.calls.log if call in {"queue.send", "registry.overview"} or call[:6] == "store."]
    assert first[0] == "queue.send"
    assert world.queue.names == ["due", "new"]


@pytest.mark.parametrize("call", ["registry.overview", "store.managed"])
def test_a_list_that_cannot_be_read_does_not_delay_due_credentials(world: World, call: str) -> None:
    world.manage()
    down(world, call)
    with pytest.raises(ServiceUnavailableError):
        world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_a_queue_error_for_due_credentials_does_not_stop_discovery(world: World) -> None:
    world.manage("due")
    world.store.create("new", "{}")
    world.calls.at("before", "queue.send", failing(world, "queue.send"))
    with pytest.raises(ServiceUnavailableError):
        world.dispatcher.tick()
    assert world.queue.names == ["new"]
    world.dispatcher.tick()
    assert world.queue.names == ["new", "due", "new"]


def test_with_too_little_time_the_most_urgent_are_sent_and_the_rest_is_put_off(world: World) -> None:
    for minutes in range(25):
        world.manage(f"due-{minutes:02}", age=timedelta(hours=1, minutes=minutes))
    world.calls.at("after", "queue.send", lambda: world.clock.advance(timedelta(seconds=100)))
    result = world.dispatcher.tick(world.time_left(timedelta(seconds=120)))
    assert world.queue.names == [f"due-{minutes:02}" for minutes in range(24, 14, -1)]
    # There was no time for discovery either, which counts too.
    assert result.put_off >= 15
    assert world.dispatcher.tick().put_off == 0


def test_if_only_half_of_the_registry_was_read_nothing_counts_as_new(world: World) -> None:
    for number in range(3):
        world.manage(f"known-{number}", age=YOUNG)
    world.calls.at("after", "registry.overview", lambda: world.clock.advance(timedelta(seconds=111)))
    result = world.dispatcher.tick(world.time_left(timedelta(seconds=120)))
    assert (result.discovered, result.put_off > 0, world.calls.count("store.managed")) == (0, True, 0)


def test_an_entry_that_is_lost_during_the_tick_is_discovered_again(world: World) -> None:
    world.manage(age=YOUNG)
    world.edit(note="of the operator")
    world.calls.at("after", "store.managed", world.registry.entries.clear)
    world.dispatcher.tick()
    # The secret is still there, so it is discovered: its entry has nothing of the lost one.
    assert world.entry().expires_at is None


def test_many_credentials_are_enqueued_once_each(world: World) -> None:
    names = [f"credential-{number:02}" for number in range(25)]
    for name in names:
        world.manage(name)
    world.dispatcher.tick()
    assert sorted(world.queue.names) == names


def put_into_escrow(world: World, name: str) -> None:
    """Put tokens of a credential into escrow."""
    base = Base("0123456789ab", world.clock())
    world.escrow.put(EscrowedGrant(name, "arn:one", "attempt-1", base, a_grant("escrowed")))


def test_a_credential_with_tokens_in_escrow_is_enqueued_although_it_is_not_due(world: World) -> None:
    world.manage(age=YOUNG)
    put_into_escrow(world, NAME)
    result = world.dispatcher.tick()
    assert (result.enqueued, result.escrowed) == (1, 1)
    assert world.queue.messages == [RefreshRequest(NAME, world.current_version(), world.clock(), escrowed=True)]


def test_a_credential_is_enqueued_at_every_tick_while_it_has_tokens_in_escrow(world: World) -> None:
    world.manage(age=YOUNG)
    put_into_escrow(world, NAME)
    for _ in range(2):
        world.dispatcher.tick()
        world.clock.advance(5 * MINUTE)
    assert world.queue.names == [NAME, NAME]


def test_a_credential_with_tokens_in_escrow_comes_before_due_ones(world: World) -> None:
    """The refresh token in its secret may be spent, so the one in escrow must be stored first."""
    world.manage("a")
    world.manage("z", age=YOUNG)
    put_into_escrow(world, "z")
    world.dispatcher.tick()
    assert world.queue.names == ["z", "a"]


def test_a_credential_that_is_due_and_in_escrow_is_sent_once(world: World) -> None:
    world.manage()
    put_into_escrow(world, NAME)
    result = world.dispatcher.tick()
    assert (result.enqueued, result.escrowed) == (1, 1)
    assert [message.escrowed for message in world.queue.messages] == [True]


def leave_unfinished(world: World) -> None:
    """Let a refresh die between its two writes."""
    world.manage()
    world.calls.at("after", "store.put_pending", kill)
    with pytest.raises(KilledError):
        world.refresh()


def test_a_credential_with_an_unpromoted_version_is_enqueued_before_it_is_due(world: World) -> None:
    leave_unfinished(world)
    world.set_entry(next_action_at=world.clock() + 30 * MINUTE)
    result = world.dispatcher.tick()
    assert (world.queue.names, result.enqueued, result.most_overdue_seconds) == ([NAME], 1, 0)


def test_a_credential_with_an_unpromoted_version_is_enqueued_once(world: World) -> None:
    leave_unfinished(world)
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_a_paused_credential_is_not_enqueued_for_an_unpromoted_version(world: World) -> None:
    leave_unfinished(world)
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    assert world.dispatcher.tick().enqueued == 0


def test_tokens_in_escrow_of_a_secret_that_is_gone_are_ignored(world: World) -> None:
    put_into_escrow(world, "deleted")
    result = world.dispatcher.tick()
    assert (result.escrowed, world.queue.messages) == (0, [])


def test_a_tick_reads_no_value_in_escrow(world: World) -> None:
    world.manage()
    put_into_escrow(world, NAME)
    world.calls.log.clear()
    world.dispatcher.tick()
    assert [call for call in world.calls.log if call.startswith("escrow.")] == ["escrow.credentials"]


def test_an_escrow_that_cannot_be_listed_does_not_delay_due_credentials(world: World) -> None:
    world.manage()
    down(world, "escrow.credentials")
    with pytest.raises(ServiceUnavailableError):
        world.dispatcher.tick()
    assert world.queue.names == [NAME]
