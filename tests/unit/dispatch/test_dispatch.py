from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED
from tests.fakes.memory_store import CURRENT, MemorySecretStore
from tests.fakes.outages import down, failing
from tests.fakes.rotations import a_grant
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.timing import SETTLING
from token_refresher.credential.status import Status
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.dispatch.service import Due, TickResult
from token_refresher.registry.outcome import Result
from token_refresher.rotation.escrow import EscrowedGrant
from token_refresher.rotation.intent import Base
from token_refresher.rotation.secret_store import MOVED_TO_TAG, NO_VERSION, SecretPage

YOUNG = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


def found(result: TickResult) -> dict[str, int]:
    """Return what differed from the registry."""
    return {difference: number for difference, number in result.found.items() if number}


def nothing(credentials: int, due: Due = Due(), **by_status: int) -> TickResult:  # noqa: B008 - It is frozen.
    """Return the result of a tick that enqueues nothing."""
    none = dict.fromkeys(["changed", "new", "gone", "tags"], 0)
    statuses = {**dict.fromkeys(map(str, Status), 0), **by_status}
    return TickResult(
        credentials, enqueued=0, escrowed=0, due=due, found=none, by_status=statuses, refresh_tokens_ending_soon=0
    )


def test_a_stack_without_secrets_has_nothing_to_do(world: World) -> None:
    assert world.dispatcher.tick() == nothing(0)


def test_a_new_secret_is_discovered_and_enqueued(world: World) -> None:
    version_id = world.store.create(NAME, "{}")
    result = world.dispatcher.tick()
    assert (result.managed, found(result), result.enqueued) == (1, {"new": 1}, 1)
    assert world.queue.messages == [RefreshRequest(NAME, version_id, world.clock())]


def test_a_tick_writes_nothing(world: World) -> None:
    """The attempt finds out what is true, and writes it."""
    world.manage("due")
    world.manage("edited", age=YOUNG)
    world.edit("edited", note="of the operator")
    world.manage("deleted", age=YOUNG)
    world.store.delete("deleted")
    world.store.create("new", "{}")
    before = dict(world.registry.entries)
    world.dispatcher.tick()
    assert sorted(world.queue.names) == ["deleted", "due", "edited", "new"]
    assert (world.registry.entries, world.calls.count("registry.save")) == (before, 0)


def test_a_new_secret_gets_its_entry_from_its_first_attempt(world: World) -> None:
    version_id = world.store.create(NAME, "{}")
    world.attempt_all()
    assert (world.entry().version_id, world.entry().status) == (version_id, Status.NEEDS_OPERATOR)


def test_a_new_secret_whose_status_tag_says_paused_gets_a_paused_entry(world: World) -> None:
    """An operator created it so, or the registry was lost."""
    world.store.create(NAME, "{}")
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.attempt_all()
    assert world.entry().is_paused
    assert found(world.dispatcher.tick()) == {}


def test_a_pause_survives_the_loss_of_the_registry(world: World) -> None:
    world.manage()
    world.registry.save(world.entry().paused())
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.registry.entries.clear()
    for _ in range(3):
        world.attempt_all()
        world.clock.advance(timedelta(hours=1))
    assert (world.authority.presented, world.entry().is_paused) == ([], True)


def test_a_credential_that_is_retried_while_its_tag_says_paused_is_enqueued(world: World) -> None:
    world.manage()
    world.set_entry(status=Status.RETRYING, next_action_at=world.clock() + MINUTE)
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_a_secret_that_became_a_pointer_is_forgotten_with_the_next_tick(world: World) -> None:
    world.manage(age=YOUNG)
    world.store.tag(NAME, **{MOVED_TO_TAG: "another"})
    result = world.attempt_all()
    assert (result.managed, found(result), world.registry.entries) == (0, {"gone": 1}, {})


def test_a_new_secret_without_a_value_is_enqueued_too(world: World) -> None:
    world.store.create_without_value(NAME)
    assert world.attempt_all().enqueued == 1
    assert world.entry().version_id == NO_VERSION


def test_a_secret_without_a_value_is_discovered_once(world: World) -> None:
    world.store.create_without_value(NAME)
    world.attempt_all()
    assert found(world.dispatcher.tick()) == {}


def test_a_healthy_credential_that_is_not_due_is_not_enqueued(world: World) -> None:
    world.manage(age=YOUNG)
    assert world.dispatcher.tick() == replace(
        nothing(1, Due(worst=NAME, worst_minutes_left=50), healthy=1),
        oldest_refresh_token_days=YOUNG / timedelta(days=1),
        refresh_tokens_ending_soon=0,
    )


def test_a_due_credential_is_enqueued(world: World) -> None:
    world.manage()
    result = world.dispatcher.tick()
    assert (found(result), result.enqueued) == ({}, 1)


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
    assert found(result) == {"changed": 1}
    assert world.queue.messages == [RefreshRequest(NAME, version_id, world.clock())]


@pytest.mark.parametrize("end", [MemorySecretStore.delete, MemorySecretStore.purge], ids=["with recovery", "without"])
@pytest.mark.parametrize(
    "status",
    [pytest.param({}, id="healthy"), pytest.param({"status": Status.PAUSED, "next_action_at": None}, id="paused")],
)
def test_a_deleted_secret_is_forgotten_by_its_attempt(
    world: World, end: Callable[[MemorySecretStore, str], None], status: dict[str, Any]
) -> None:
    world.manage(age=YOUNG)
    world.set_entry(**status)
    end(world.store, NAME)
    result = world.attempt_all()
    assert (found(result), world.registry.entries) == ({"gone": 1}, {})


def test_a_deleted_secret_that_was_due_is_enqueued_once(world: World) -> None:
    world.manage()
    world.store.delete(NAME)
    result = world.dispatcher.tick()
    assert (found(result), world.queue.names) == ({}, [NAME])
    assert (world.refresh().result, world.registry.entries) == (Result.FORGOTTEN, {})


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
    assert world.dispatcher.tick().due.most_overdue_seconds == 420


def test_the_result_has_the_state_of_all_credentials(world: World) -> None:
    world.manage("young", age=YOUNG)
    world.manage("old", age=3 * YOUNG)
    result = world.dispatcher.tick()
    assert (result.due.worst, result.due.worst_minutes_left, result.by_status["healthy"]) == ("old", 30, 2)


def test_a_tick_never_reads_a_value_and_looks_at_no_single_secret(world: World) -> None:
    world.manage("due")
    world.manage("edited", age=YOUNG)
    world.edit("edited", note="of the operator")
    world.store.create("new", "{}")
    world.dispatcher.tick()
    assert {call for call in world.calls.log if call.startswith("store.")} == {"store.pages"}


@pytest.fixture
def stale(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that keeps the list as it is now: it may be five minutes behind, the period of the ticks."""

    def freeze() -> None:
        pages = list(world.store.pages())
        monkeypatch.setattr(world.store, "pages", lambda changed_since=None: iter(pages))

    return freeze


@pytest.mark.parametrize("writer", ["consent", "refresh"])
def test_a_list_from_before_our_own_write_changes_nothing(world: World, stale: Callable[[], None], writer: str) -> None:
    world.manage()
    assert world.refresh().result is Result.REFRESHED
    world.clock.advance(SETTLING)
    stale()
    if writer == "consent":
        world.consenting()()
    else:
        world.refresh(request_id="of-the-operator")
    assert world.dispatcher.tick().enqueued == 0


def test_a_roll_back_by_label_is_noticed(world: World) -> None:
    """The list then has the version before that of the entry, as it has when it is behind."""
    world.manage()
    before = world.current_version()
    world.refresh()
    world.clock.advance(SETTLING)
    world.store.move(NAME, CURRENT, before)
    assert found(world.dispatcher.tick()) == {"changed": 1}


def test_a_roll_back_over_an_edit_that_no_tick_has_seen_is_noticed(world: World) -> None:
    world.manage()
    before = world.current_version()
    world.refresh()
    world.edit(note="of the operator")
    world.clock.advance(SETTLING)
    world.store.move(NAME, CURRENT, before)
    assert found(world.dispatcher.tick()) == {"changed": 1}


def test_a_due_credential_is_enqueued_although_the_list_is_outdated(world: World, stale: Callable[[], None]) -> None:
    world.manage(age=YOUNG)
    stale()
    world.consenting()()
    world.clock.advance(timedelta(hours=1))
    assert world.dispatcher.tick().enqueued == 1


def test_a_secret_that_is_missing_from_an_outdated_list_is_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.manage(age=YOUNG)
    before = world.entry()
    empty = SecretPage([], is_last=True)
    monkeypatch.setattr(world.store, "pages", lambda changed_since=None: iter([empty]))
    world.attempt_all()
    assert (world.entry().expires_at, world.entry().status) == (before.expires_at, before.status)


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
    world.attempt_all()
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


def test_a_refresh_during_the_tick_does_not_count_as_a_change(world: World) -> None:
    world.manage(age=YOUNG)
    world.calls.at("after", "registry.overview", lambda: world.refresh(request_id="of-the-operator"))
    result = world.dispatcher.tick()
    assert (found(result), result.enqueued) == ({}, 0)


def test_due_credentials_are_sent_before_secrets_are_listed_or_described(world: World) -> None:
    world.manage("due")
    world.store.create("new", "{}")
    world.dispatcher.tick()
    first = [call for call in world.calls.log if call in {"queue.send", "registry.overview"} or call[:6] == "store."]
    assert first[0] == "queue.send"
    assert world.queue.names == ["due", "new"]


@pytest.mark.parametrize("call", ["registry.overview", "store.pages"])
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
    for number in range(200):
        world.manage(f"due-{number:03}", age=timedelta(hours=1, minutes=200 - number))
    world.calls.at("after", "queue.send", lambda: world.clock.advance(timedelta(seconds=100)))
    result = world.dispatcher.tick(world.time_left(timedelta(seconds=120)))
    assert world.queue.names == [f"due-{number:03}" for number in range(80)]
    # There was no time for discovery either, which counts too.
    assert (result.due.unsent, result.put_off) == (120, 121)
    assert world.dispatcher.tick().put_off == 0


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
    assert (world.queue.names, found(result)) == ([NAME], {"changed": 1})


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
