"""Discovery does what it has time for, goes on with the next tick, and no secret keeps another one from its turn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.world import World
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status_tags import STATUS_TAG
from token_refresher.dispatch.discovery import Discovery
from token_refresher.dispatch.fleet import Fleet
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.dispatch.service import DispatchService, TickResult
from token_refresher.rotation.secret_store import NAMELESS, SecretInventory, SecretState

YOUNG = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
TIMEOUT = timedelta(seconds=120)
"""The timeout of the dispatch function in the template."""


class Queue:
    """A queue that only keeps the messages: `FakeQueue` would log each call of a large import."""

    def __init__(self) -> None:
        self.messages: list[RefreshRequest] = []

    def send(self, requests: list[RefreshRequest]) -> None:
        self.messages += requests


class SlowInventory:
    """The secrets of a world, where each page of the list and each description takes time."""

    page, description = timedelta(seconds=2), timedelta(milliseconds=600)

    def __init__(self, world: World) -> None:
        self._world = world

    def managed(self) -> Iterator[SecretState]:
        for number, state in enumerate(list(self._world.store.managed())):
            if number % 100 == 0:
                self._world.clock.advance(self.page)
            yield state

    def describe(self, name: str) -> SecretState:
        self._world.clock.advance(self.description)
        return self._world.store.describe(name)


@pytest.fixture
def world() -> World:
    return World()


def slow_dispatcher(world: World, queue: Queue) -> DispatchService:
    """Return a dispatcher whose process lives on from tick to tick."""
    return dispatcher_of(world, queue, SlowInventory(world))


def dispatcher_of(world: World, queue: Queue, inventory: SecretInventory) -> DispatchService:
    discovery = Discovery(inventory, world.registry, lambda name, error: world.faults.append((name, error)))
    return DispatchService(discovery, world.escrow, world.registry, queue, world.clock)


def tick_in_time(world: World, dispatcher: DispatchService) -> TickResult:
    """Run a tick, which must end before the function's timeout, and let the schedule's period pass."""
    began_at = world.clock()
    result = dispatcher.tick(world.time_left(TIMEOUT))
    assert world.clock() < began_at + TIMEOUT
    world.clock.now = began_at + 5 * MINUTE
    return result


# --- More secrets than one tick has time for ------------------------------------------------------------------------


@pytest.mark.parametrize("lives_on", [pytest.param(True, id="warm"), pytest.param(False, id="cold at every tick")])
def test_a_large_import_is_discovered_tick_by_tick_and_delays_nothing_else(world: World, lives_on: bool) -> None:
    """The same as 12,000 secrets, each of which takes a tenth of the time that it takes here."""
    imported = {f"imported-{number:05}" for number in range(1_200)}
    for name in imported:
        world.store.create(name, "{}")
    world.manage("edited", age=YOUNG)
    world.edit("edited", note="of the operator")
    queue = Queue()
    dispatcher, put_off, discovered = slow_dispatcher(world, queue), [1_201], set[str]()
    while put_off[-1]:
        known = f"due-{len(put_off)}"
        world.manage(known)
        queue.messages.clear()
        result = tick_in_time(world, dispatcher if lives_on else slow_dispatcher(world, queue))
        names = [message.credential for message in queue.messages]
        # The due credential is first, an edit does not wait for the import, and no secret is discovered twice.
        assert (names[0], len(names)) == (known, len(set(names)))
        assert ("edited" in names) == (len(put_off) == 1)
        assert not discovered & (set(names) - {known})
        discovered |= set(names) & imported
        assert (result.discovered, result.failed) == (len(set(names) & imported), 0)
        for name in names:  # As if refresh had made an attempt at each.
            world.registry.entries[name] = replace(world.entry(name), next_action_at=None)
            world.store.tag(name, **{STATUS_TAG: world.entry(name).status})
        put_off.append(result.put_off)
        assert put_off[-1] < put_off[-2]
    assert discovered == imported
    assert len(put_off) < 20


def test_without_time_discovery_starts_nothing_and_puts_all_off(world: World) -> None:
    world.manage("due")
    world.store.create("new", "{}")
    result = world.dispatcher.tick(world.time_left(timedelta(seconds=44)))
    assert (world.queue.names, result.discovered, result.put_off) == (["due"], 0, 1)


def test_the_next_ticks_read_the_rest_of_a_list_that_is_too_long_for_one(world: World) -> None:
    names = [f"new-{number}" for number in range(900)]
    for name in names:
        world.store.create(name, "{}")
    queue, inventory = Queue(), SlowInventory(world)
    inventory.page, inventory.description = timedelta(seconds=11), timedelta(0)
    dispatcher = dispatcher_of(world, queue, inventory)
    for _ in range(4):
        tick_in_time(world, dispatcher)
    assert {message.credential for message in queue.messages} == set(names)


def test_a_secret_that_is_missing_from_half_a_list_is_neither_forgotten_nor_described(world: World) -> None:
    for number in range(300):
        world.manage(f"known-{number:03}", age=timedelta(0))
    inventory = SlowInventory(world)
    inventory.page = timedelta(seconds=31)
    result = dispatcher_of(world, Queue(), inventory).tick(world.time_left(TIMEOUT))
    assert (result.forgotten, result.put_off) == (0, 299)
    assert world.calls.count("store.describe") == 0
    assert result.fleet.by_status["healthy"] == 300


# --- An error with one secret does not stop the others --------------------------------------------------------------


def denied() -> ServiceUnavailableError:
    return ServiceUnavailableError("secretsmanager.DescribeSecret", "AccessDeniedException", passing=False)


ERROR_CASES = [
    pytest.param(denied(), id="a policy that denies the call"),
    pytest.param(
        ServiceUnavailableError("secretsmanager.DescribeSecret", "ValidationException", passing=False),
        id="a name that AWS does not accept",
    ),
    pytest.param(KeyError("surprise"), id="an unexpected error"),
]
ERRORS: list[Exception] = [case.values[0] for case in ERROR_CASES]  # type: ignore[misc] # Each has one value.


@given(
    st.lists(
        st.tuples(st.sampled_from(["due", "edited", "new", "gone"]), st.sampled_from([None, *ERRORS])),
        min_size=1,
        max_size=30,
    )
)
def test_an_error_with_some_secrets_does_not_keep_the_others_from_being_enqueued(
    secrets: list[tuple[str, Exception | None]],
) -> None:
    world = World()
    for number, (kind, error) in enumerate(secrets):
        name = f"{number:02}"
        if kind == "new":
            world.store.create(name, "{}")
        else:
            world.manage(name, age=timedelta(hours=1) if kind == "due" else timedelta(0))
        if kind == "edited":
            world.edit(name, note="of the operator")
        if kind == "gone":
            world.store.delete(name)
        if error is not None:
            world.store.refuse(name, "describe", error)
    result = world.dispatcher.tick()
    numbered = [(f"{number:02}", kind, error) for number, (kind, error) in enumerate(secrets)]
    # A secret that cannot be described is enqueued too: refresh meets the same error and notifies the right person.
    assert set(world.queue.names) == {name for name, kind, error in numbered if kind != "gone" or error}
    assert [name for name, _ in world.faults] == [name for name, kind, error in in_order_of_reads(numbered) if error]
    assert result.failed == len(world.faults)


def in_order_of_reads(numbered: list[tuple[str, str, Exception | None]]) -> list[tuple[str, str, Exception | None]]:
    order = ["edited", "new", "gone"]
    return sorted((one for one in numbered if one[1] != "due"), key=lambda one: (order.index(one[1]), one[0]))


@pytest.mark.parametrize("error", ERROR_CASES)
def test_a_secret_that_cannot_be_described_is_reported_by_its_name(world: World, error: Exception) -> None:
    world.store.create("broken", "{}")
    world.store.refuse("broken", "describe", error)
    result = world.dispatcher.tick()
    assert (world.faults, result.failed) == ([("broken", error)], 1)


def test_secrets_that_could_not_be_described_come_after_all_others(world: World) -> None:
    """Otherwise they would take the time of every tick."""
    for number in range(4):
        world.manage(f"broken-{number}", age=YOUNG)
        world.edit(f"broken-{number}", note="of the operator")
        world.store.refuse(f"broken-{number}", "describe", denied())
    dispatcher = world.dispatcher
    dispatcher.tick()
    world.store.create("z-new", "{}")
    world.queue.messages.clear()
    dispatcher.tick()
    assert world.queue.names[0] == "z-new"


def test_if_no_tag_can_be_set_each_tick_enqueues_other_secrets(world: World) -> None:
    names = {f"credential-{number:02}" for number in range(50)}
    for name in names:
        world.manage(name, age=timedelta(0), is_tagged=False)
    dispatcher = world.dispatcher
    for _ in range(3):
        assert dispatcher.tick().enqueued <= 20
    assert set(world.queue.names) == names


def test_a_secret_with_no_name_after_the_prefix_is_enqueued_like_every_other(world: World) -> None:
    world.manage("due")
    world.store.create(NAMELESS, "{}")
    world.dispatcher.tick()
    assert world.queue.names == ["due", NAMELESS]
    assert RefreshRequest.parse(world.queue.messages[1].dump()).credential == NAMELESS


def test_after_an_error_the_list_is_read_from_its_beginning(world: World) -> None:
    world.manage(age=YOUNG)
    dispatcher = world.dispatcher
    states = list(world.store.managed())

    def breaking_off() -> Iterator[SecretState]:
        yield from states
        raise ServiceUnavailableError("secretsmanager.ListSecrets", "ThrottlingException")

    world.store.managed = breaking_off  # type: ignore[method-assign] # For one tick.
    with pytest.raises(ServiceUnavailableError):
        dispatcher.tick()
    del world.store.managed
    assert dispatcher.tick() == TickResult(1, 0, 0, 0, 0, 0, 0.0, Fleet.of(world.registry.overview(), world.clock()))
