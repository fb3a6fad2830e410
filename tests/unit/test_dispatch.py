from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED
from tests.fakes.outages import down
from tests.fakes.rotations import a_grant
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.dispatch import Plan
from token_refresher.errors import ServiceUnavailableError
from token_refresher.escrow import EscrowedGrant
from token_refresher.fleet import Fleet
from token_refresher.intent import Base
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import MOVED_TO_TAG, NO_VERSION
from token_refresher.status import Status
from token_refresher.work import RefreshRequest

YOUNG = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


def test_a_stack_without_secrets_has_nothing_to_do(world: World) -> None:
    assert world.dispatcher.tick() == Plan(0, 0, 0, 0, 0, 0, 0.0, Fleet.of([], world.clock()))


def test_a_new_secret_is_discovered_and_enqueued(world: World) -> None:
    version_id = world.store.create(NAME, "{}")
    plan = world.dispatcher.tick()
    assert (plan.managed, plan.discovered, plan.enqueued) == (1, 1, 1)
    assert world.queue.messages == [RefreshRequest(NAME, version_id, world.clock())]


def test_a_new_secret_is_recorded(world: World) -> None:
    version_id = world.store.create(NAME, "{}")
    world.dispatcher.tick()
    assert world.entry() == replace(RegistryEntry.discovered(NAME, version_id, world.clock()), revision=1)


def test_a_new_secret_that_shows_a_pause_is_born_paused(world: World) -> None:
    """It was made so on purpose, or the registry was lost."""
    world.store.create(NAME, "{}")
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    plan = world.dispatcher.tick()
    assert (plan.discovered, plan.enqueued, world.entry().is_paused) == (1, 0, True)


def test_a_pause_outlives_the_registry_tick_after_tick(world: World) -> None:
    world.manage()
    world.registry.save(world.entry().paused())
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.registry.entries.clear()
    for _ in range(3):
        world.dispatcher.tick()
        world.clock.advance(timedelta(hours=1))
    assert (world.queue.messages, world.entry().is_paused) == ([], True)


def test_one_that_is_retried_and_still_shows_a_pause_is_looked_at(world: World) -> None:
    world.manage()
    world.set_entry(status=Status.RETRYING, next_action_at=world.clock() + MINUTE)
    world.store.tag(NAME, **{"token-refresher:status": "paused"})
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_a_secret_that_points_to_another_is_forgotten_with_the_next_tick(world: World) -> None:
    world.manage()
    world.store.tag(NAME, **{MOVED_TO_TAG: "another"})
    plan = world.dispatcher.tick()
    assert (plan.managed, plan.forgotten, plan.enqueued, world.registry.entries) == (0, 1, 0, {})


def test_a_new_secret_without_a_value_is_enqueued_too(world: World) -> None:
    world.store.create_without_value(NAME)
    world.dispatcher.tick()
    assert (world.queue.names, world.entry().version_id) == ([NAME], NO_VERSION)


def test_a_secret_without_a_value_is_discovered_once(world: World) -> None:
    world.store.create_without_value(NAME)
    world.dispatcher.tick()
    plan = world.dispatcher.tick()
    assert (plan.discovered, plan.changed) == (0, 0)


def test_a_healthy_credential_is_left_in_peace(world: World) -> None:
    world.manage(age=YOUNG)
    fleet = Fleet.of(world.registry.overview(), world.clock())
    assert world.dispatcher.tick() == Plan(1, 0, 0, 0, 0, 0, 0.0, fleet)


def test_a_due_credential_is_enqueued(world: World) -> None:
    world.manage()
    plan = world.dispatcher.tick()
    assert (plan.discovered, plan.changed, plan.enqueued) == (0, 0, 1)


def test_a_credential_is_enqueued_from_the_very_second(world: World) -> None:
    world.manage(age=YOUNG)
    next_action_at = world.entry().next_action_at
    assert next_action_at is not None
    world.clock.now = next_action_at
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_an_edit_is_noticed_and_enqueued(world: World) -> None:
    world.manage(age=YOUNG)
    version_id = world.edit(note="of the operator")
    plan = world.dispatcher.tick()
    assert (plan.changed, world.queue.messages) == (1, [RefreshRequest(NAME, version_id, world.clock())])


def test_what_was_known_of_an_edited_credential_is_kept(world: World) -> None:
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
    world.manage()
    world.store.delete(NAME)
    plan = world.dispatcher.tick()
    assert (plan.forgotten, plan.enqueued, world.registry.entries) == (1, 0, {})


def test_a_secret_that_was_removed_for_good_is_forgotten(world: World) -> None:
    world.manage()
    world.store.purge(NAME)
    assert world.dispatcher.tick().forgotten == 1


def test_the_most_urgent_comes_first(world: World) -> None:
    for name, minutes in (("second", 50), ("first", 58), ("third", 45)):
        world.manage(name, age=minutes * MINUTE)
    world.dispatcher.tick()
    assert world.queue.names == ["first", "second", "third"]


def test_what_is_overdue_comes_before_what_is_new(world: World) -> None:
    world.store.create("new", "{}")
    world.manage("overdue")
    world.dispatcher.tick()
    assert world.queue.names == ["overdue", "new"]


def test_the_plan_says_for_how_long_the_most_urgent_one_was_due(world: World) -> None:
    world.manage(age=YOUNG)
    world.set_entry(next_action_at=world.clock() - 7 * MINUTE)
    assert world.dispatcher.tick().most_overdue_seconds == 420


def test_the_plan_says_how_all_credentials_are(world: World) -> None:
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


def test_a_tick_asks_only_for_what_the_list_says_otherwise_than_the_registry(world: World) -> None:
    for name in ("same", "other"):
        world.manage(name, age=YOUNG)
    world.dispatcher.tick()
    world.calls.forget()
    world.edit("other", note="of the operator")
    world.dispatcher.tick()
    assert world.calls.count("store.describe") == 1


def test_a_list_that_is_behind_changes_nothing(world: World) -> None:
    """ListSecrets may be five minutes behind, and that is a whole tick."""
    world.manage(age=YOUNG)
    world.dispatcher.tick()
    stale = list(world.store.managed())
    world.consenting()()
    before = world.entry()
    world.store.managed = lambda: iter(stale)  # type: ignore[method-assign] # The list as it was.
    assert world.dispatcher.tick().enqueued == 0
    assert world.entry() == before


def test_what_is_due_is_enqueued_although_the_list_is_behind(world: World) -> None:
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
    world.store.managed = lambda: iter([])  # type: ignore[method-assign] # The list of before it was created.
    assert world.dispatcher.tick().forgotten == 0
    assert world.entry() == before


def test_a_credential_that_is_both_due_and_changed_is_enqueued_once(world: World) -> None:
    world.manage()
    world.edit(note="of the operator")
    assert world.dispatcher.tick().enqueued == 1


def test_a_tick_that_comes_again_enqueues_nothing_twice(world: World) -> None:
    world.manage()
    world.dispatcher.tick()
    world.clock.advance(MINUTE)
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


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


def park(world: World) -> None:
    world.manage()
    world.authority.failures.append(REVOKED)
    world.refresh()


def test_a_parked_credential_is_not_enqueued_before_its_reminder(world: World) -> None:
    park(world)
    world.clock.advance(REMINDER - MINUTE)
    assert world.dispatcher.tick().enqueued == 0


def test_a_parked_credential_is_enqueued_for_its_reminder(world: World) -> None:
    park(world)
    world.clock.advance(REMINDER)
    assert world.dispatcher.tick().enqueued == 1


def test_a_parked_credential_is_enqueued_when_its_secret_changes(world: World) -> None:
    park(world)
    world.edit(note="of the operator")
    assert world.dispatcher.tick().enqueued == 1


@pytest.mark.parametrize(
    "edit", [pytest.param({}, id="as it is"), pytest.param({"note": "of the operator"}, id="with an edit")]
)
def test_a_paused_credential_is_never_enqueued(world: World, edit: dict[str, Any]) -> None:
    world.manage()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    if edit:
        world.edit(**edit)
    world.clock.advance(timedelta(days=365))
    assert world.dispatcher.tick().enqueued == 0


def test_a_paused_credential_stays_paused_through_an_edit(world: World) -> None:
    world.manage()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    version_id = world.edit(note="of the operator")
    world.dispatcher.tick()
    assert (world.entry().status, world.entry().version_id) == (Status.PAUSED, version_id)


def test_a_consent_that_is_faster_than_the_tick_stands(world: World) -> None:
    world.manage(age=YOUNG)
    world.edit(note="of the operator")
    world.calls.at("before", "registry.save", world.consenting())
    world.dispatcher.tick()
    assert (world.entry().status, world.entry().version_id) == (Status.HEALTHY, world.current_version())
    assert world.entry().identity is not None


def test_a_rotation_that_is_recorded_during_the_tick_is_no_change(world: World) -> None:
    world.manage()
    world.calls.at("after", "registry.overview", world.refresh)
    assert world.dispatcher.tick().enqueued == 0


def test_an_entry_that_is_lost_during_the_tick_is_discovered_again(world: World) -> None:
    world.manage(age=YOUNG)
    world.edit(note="of the operator")
    world.calls.at("after", "store.managed", world.registry.entries.clear)
    world.dispatcher.tick()
    # Discovered again, since the secret is still there: nothing of the forgotten entry is left in it.
    assert world.entry().expires_at is None


def test_many_credentials_are_enqueued_each_once(world: World) -> None:
    names = [f"credential-{number:02}" for number in range(25)]
    for name in names:
        world.manage(name)
    world.dispatcher.tick()
    assert sorted(world.queue.names) == names


def keep(world: World, name: str) -> None:
    """Put tokens of a credential into escrow."""
    base = Base("0123456789ab", world.clock())
    world.escrow.put(EscrowedGrant(name, "arn:one", "attempt-1", base, a_grant("escrowed")))


def test_what_is_in_escrow_is_looked_for_although_nothing_is_due(world: World) -> None:
    world.manage(age=YOUNG)
    keep(world, NAME)
    plan = world.dispatcher.tick()
    assert (plan.enqueued, plan.escrowed) == (1, 1)
    assert world.queue.messages == [RefreshRequest(NAME, world.current_version(), world.clock(), escrowed=True)]


def test_what_is_in_escrow_is_enqueued_at_every_tick_until_it_is_gone(world: World) -> None:
    world.manage(age=YOUNG)
    keep(world, NAME)
    for _ in range(2):
        world.dispatcher.tick()
        world.clock.advance(5 * MINUTE)
    assert world.queue.names == [NAME, NAME]


def test_what_is_in_escrow_comes_before_what_is_due(world: World) -> None:
    """Its credential must not be refreshed with a token that is spent."""
    world.manage("a")
    world.manage("z", age=YOUNG)
    keep(world, "z")
    world.dispatcher.tick()
    assert world.queue.names == ["z", "a"]


def test_a_credential_that_is_due_and_in_escrow_is_sent_once(world: World) -> None:
    world.manage()
    keep(world, NAME)
    plan = world.dispatcher.tick()
    assert (plan.enqueued, plan.escrowed) == (1, 1)
    assert [message.escrowed for message in world.queue.messages] == [True]


def leave_unfinished(world: World) -> None:
    """Let a refresh die between its two writes."""
    world.manage()
    world.calls.at("after", "store.put_pending", kill)
    with pytest.raises(KilledError):
        world.refresh()


def test_a_version_that_was_stored_and_not_promoted_is_looked_at_before_its_time(world: World) -> None:
    leave_unfinished(world)
    world.set_entry(next_action_at=world.clock() + 30 * MINUTE)
    plan = world.dispatcher.tick()
    assert (world.queue.names, plan.enqueued, plan.most_overdue_seconds) == ([NAME], 1, 0)


def test_a_version_that_was_stored_and_not_promoted_is_enqueued_once(world: World) -> None:
    leave_unfinished(world)
    world.dispatcher.tick()
    assert world.queue.names == [NAME]


def test_a_paused_credential_is_not_enqueued_for_a_version_that_was_not_promoted(world: World) -> None:
    leave_unfinished(world)
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    assert world.dispatcher.tick().enqueued == 0


def test_what_is_in_escrow_of_a_secret_that_is_gone_is_nobody_s(world: World) -> None:
    keep(world, "deleted")
    plan = world.dispatcher.tick()
    assert (plan.escrowed, world.queue.messages) == (0, [])


def test_a_tick_reads_no_value_of_the_escrow(world: World) -> None:
    world.manage()
    keep(world, NAME)
    world.calls.log.clear()
    world.dispatcher.tick()
    assert [call for call in world.calls.log if call.startswith("escrow.")] == ["escrow.credentials"]


def test_an_escrow_that_cannot_be_listed_does_not_hold_up_what_is_due(world: World) -> None:
    world.manage()
    down(world, "escrow.credentials")
    with pytest.raises(ServiceUnavailableError):
        world.dispatcher.tick()
    assert world.queue.names == [NAME]
