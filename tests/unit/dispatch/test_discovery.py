"""Discovery finds each change soon and each difference within the hour; no secret keeps another one from its turn."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import memory_store
from tests.fakes.world import HEALTHY, TIMING, World
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.dispatch.backlog import Backlog
from token_refresher.dispatch.changes import LAG
from token_refresher.dispatch.discovery import Discovery
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.dispatch.service import DispatchService, TickResult
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.secret_store import NAMELESS, SecretInventory, SecretPage, SecretState

YOUNG = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
PERIOD = TIMING.schedule_period
HOUR = timedelta(hours=1)
TIMEOUT = timedelta(seconds=120)
"""The timeout of the dispatch function in the template."""


class Queue:
    """A queue that only keeps the messages: `FakeQueue` would log each call of a large import."""

    def __init__(self) -> None:
        self.messages: list[RefreshRequest] = []

    def send(self, requests: list[RefreshRequest]) -> None:
        self.messages += requests


class SlowInventory:
    """The secrets of a world, where each page of the list takes time."""

    def __init__(self, world: World, page: timedelta = timedelta(0)) -> None:
        self._world = world
        self._page = page

    def pages(self, changed_since: datetime | None = None) -> Iterator[SecretPage]:
        for page in self._world.store.pages(changed_since):
            self._world.clock.advance(self._page)
            yield page


class LaggingInventory(SlowInventory):
    """The secrets of a world as they were five minutes ago."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._seen: list[tuple[datetime, list[SecretState]]] = []

    def pages(self, changed_since: datetime | None = None) -> Iterator[SecretPage]:
        now = self._world.clock()
        self._seen.append((now, [one for page in self._world.store.pages(changed_since) for one in page.secrets]))
        old = [states for moment, states in self._seen if moment <= now - timedelta(minutes=5)]
        yield SecretPage(old[-1] if old else [], is_last=True)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_store, "PAGE", 2)


def dispatcher_of(world: World, queue: Queue, inventory: SecretInventory) -> DispatchService:
    """Return a dispatcher whose process lives on from tick to tick."""
    return DispatchService(
        Discovery(inventory, world.registry, PERIOD), Backlog(PERIOD), world.escrow, world.registry, queue, world.clock
    )


def tick_in_time(world: World, dispatcher: DispatchService) -> TickResult:
    """Run a tick, which must end before the function's timeout, and let the schedule's period pass."""
    began_at = world.clock()
    result = dispatcher.tick(world.time_left(TIMEOUT))
    assert world.clock() < began_at + TIMEOUT
    world.clock.now = began_at + PERIOD
    return result


def work_off(world: World, queue: Queue) -> list[str]:
    """Let refresh look at every message, and return the names in their order."""
    names = [message.credential for message in queue.messages]
    for name in names:
        world.refresh(name)
    queue.messages.clear()
    return names


def record(world: World, name: str) -> None:
    """Write the entry and the tags of a secret as its attempt does, which costs less than an attempt."""
    state = world.store.describe(name)
    entry = RegistryEntry.of_secret(state, world.clock())
    world.registry.entries[name] = replace(entry, next_action_at=None, revision=1)
    world.store.tag(name, **replace(HEALTHY, status=str(entry.status)).to_tags())


# --- More secrets than one tick may send ----------------------------------------------------------------------------


@pytest.mark.parametrize("lives_on", [pytest.param(True, id="warm"), pytest.param(False, id="cold at every tick")])
def test_a_large_import_is_discovered_tick_by_tick_and_delays_nothing_else(world: World, lives_on: bool) -> None:
    imported = {f"imported-{number:05}" for number in range(12_000)}
    for name in imported:
        world.store.create(name, "{}")
    world.manage("edited", age=YOUNG)
    world.edit("edited", note="of the operator")
    queue, ticks, discovered = Queue(), 0, set[str]()
    dispatcher = dispatcher_of(world, queue, SlowInventory(world))
    while discovered != imported:
        ticks += 1
        known = f"due-{ticks}"
        world.manage(known)
        inventory = SlowInventory(world)
        result = tick_in_time(world, dispatcher if lives_on else dispatcher_of(world, queue, inventory))
        names = [message.credential for message in queue.messages]
        # The due credential is first, an edit does not wait for the import, and no secret is discovered twice.
        assert (names[0], len(names)) == (known, len(set(names)))
        assert ("edited" in names[:2]) == (ticks == 1)
        new = set(names) & imported
        assert new
        assert not discovered & new
        discovered |= new
        assert result.put_off == len(imported - discovered)
        # The due credentials of the next tick find an empty queue, even at the quota of Secrets Manager.
        assert len(names) <= 25 * PERIOD.total_seconds()
        for name in names:
            record(world, name)
        queue.messages.clear()
    assert ticks == 3


def test_without_time_discovery_starts_nothing_and_puts_all_off(world: World) -> None:
    world.manage("due")
    world.store.create("new", "{}")
    result = world.dispatcher.tick(world.time_left(timedelta(seconds=29)))
    assert (world.calls.count("store.pages"), result.found["new"], result.put_off >= 1) == (0, 0, True)


def test_the_rest_of_a_list_that_is_too_long_for_one_tick_is_read_within_the_hour(world: World) -> None:
    names = {f"new-{number}" for number in range(900)}
    for name in names:
        world.store.create(name, "{}")
    queue = Queue()
    dispatcher = dispatcher_of(world, queue, SlowInventory(world, page=timedelta(seconds=15)))
    for _ in range(12):
        tick_in_time(world, dispatcher)
        for message in queue.messages:
            record(world, message.credential)
    assert {message.credential for message in queue.messages} == names


def test_a_secret_that_is_missing_from_half_a_list_does_not_count_as_gone(world: World) -> None:
    for number in range(300):
        world.manage(f"known-{number:03}", age=timedelta(0))
    queue = Queue()
    result = dispatcher_of(world, queue, SlowInventory(world, page=timedelta(seconds=61))).tick(
        world.time_left(TIMEOUT)
    )
    assert (queue.messages, result.put_off > 0) == ([], True)


# --- What changed is seen at once, what is gone or outdated within the hour -----------------------------------------


@pytest.mark.usefixtures("_small_pages")
def test_what_changed_is_seen_with_the_next_tick_however_many_there_are(world: World) -> None:
    for number in range(60):
        world.manage(f"known-{number:02}", age=timedelta(0))
    queue = Queue()
    dispatcher = dispatcher_of(world, queue, SlowInventory(world))
    world.clock.advance(LAG)
    tick_in_time(world, dispatcher)
    for name in ("known-07", "known-31", "known-55"):
        world.edit(name, note="of the operator")
    world.store.create("new", "{}")
    tick_in_time(world, dispatcher)
    assert {message.credential for message in queue.messages} == {"known-07", "known-31", "known-55", "new"}


@pytest.mark.usefixtures("_small_pages")
def test_secrets_that_changed_in_the_same_second_are_all_seen(world: World) -> None:
    queue = Queue()
    dispatcher = dispatcher_of(world, queue, SlowInventory(world))
    world.manage("known", age=timedelta(0))
    world.clock.advance(HOUR)
    world.registry.entries["known"] = replace(world.entry("known"), next_action_at=world.clock() + HOUR)
    tick_in_time(world, dispatcher)
    names = {f"new-{number}" for number in range(9)}
    for name in names:
        world.store.create(name, "{}")
    tick_in_time(world, dispatcher)
    assert {message.credential for message in queue.messages} == names


@pytest.mark.usefixtures("_small_pages")
def test_the_refreshes_of_a_tick_cost_the_next_one_no_second_look(world: World) -> None:
    for number in range(40):
        world.manage(f"known-{number:02}", age=timedelta(0) if number % 2 else timedelta(minutes=50))
    queue = Queue()
    dispatcher = dispatcher_of(world, queue, SlowInventory(world))
    tick_in_time(world, dispatcher)
    assert len(work_off(world, queue)) == 20
    world.calls.log.clear()
    assert tick_in_time(world, dispatcher).enqueued == 0
    assert world.calls.count("registry.get") == 0
    # The slice of the reconciliation asks for its own entries, and nobody for those that were refreshed.
    assert world.calls.count("registry.summaries") <= 2


def quiet_tick_calls(credentials: int) -> Counter[str]:
    """Return the calls of a tick that has nothing to do, after the first round of the reconciliation."""
    world = World()
    for number in range(credentials):
        name = f"known-{number:05}"
        world.manage(name, age=timedelta(0))
        world.registry.entries[name] = replace(world.entry(name), next_action_at=world.clock() + 24 * HOUR)
    world.clock.advance(HOUR)
    dispatcher = dispatcher_of(world, Queue(), SlowInventory(world))
    for _ in range(2):
        world.calls.log.clear()
        assert tick_in_time(world, dispatcher).enqueued == 0
    return Counter(world.calls.log)


def test_a_quiet_tick_makes_the_same_calls_for_a_fleet_that_is_five_times_as_large() -> None:
    """A slice of the reconciliation is a tenth of the fleet, and a page at least: so both fleets have one of a page."""
    assert quiet_tick_calls(1_000) == quiet_tick_calls(200)


@pytest.mark.parametrize("credentials", [1, 100])
def test_a_quiet_tick_of_a_small_fleet_makes_four_calls(credentials: int) -> None:
    """Each shard of the index is one more call on AWS."""
    assert quiet_tick_calls(credentials) == Counter(
        ["escrow.credentials", "registry.next_actions", "registry.overview", "store.pages"]
    )


events = st.lists(
    st.tuples(st.sampled_from(["create", "edit", "refresh", "delete", "tag", "wait"]), st.integers(0, 5)),
    max_size=12,
)


@given(st.lists(events, min_size=1, max_size=4), st.booleans())
def test_the_registry_agrees_with_the_secrets_within_the_hour_whatever_happens(
    rounds: list[list[tuple[str, int]]], lags: bool
) -> None:
    world, queue = World(), Queue()
    dispatcher = dispatcher_of(world, queue, LaggingInventory(world) if lags else SlowInventory(world))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_store, "PAGE", 2)
        for happening in rounds:
            for event, number in happening:
                happen(world, event, f"credential-{number}")
            tick_in_time(world, dispatcher)
            work_off(world, queue)
        for _ in range(HOUR // PERIOD):
            tick_in_time(world, dispatcher)
            work_off(world, queue)
        states = {state.name: state for state in world.store.managed()}
    assert world.registry.entries.keys() == states.keys()
    for name, state in states.items():
        entry = world.entry(name)
        assert (entry.version_id, state.status_tags and state.status_tags.status) == (state.current, entry.status)


def happen(world: World, event: str, name: str) -> None:
    """Let something happen to a credential, if it can."""
    there = {state.name for state in world.store.managed()}
    if event == "wait":
        world.clock.advance(MINUTE)
    elif event == "create" and name not in there and name not in world.store.deleted:
        world.store.create(name, world.document(age=YOUNG, refresh_token=world.authority.open_family()))
    elif name in there:
        match event:
            case "edit":
                world.edit(name, note="of the operator")
            case "refresh":
                world.refresh(name)
            case "delete":
                world.store.delete(name)
            case "tag":
                world.store.tag(name, **replace(HEALTHY, status="needs_consent").to_tags())


# --- What cannot be read --------------------------------------------------------------------------------------------


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


def test_after_an_error_the_list_is_read_from_its_beginning(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.manage(age=YOUNG)
    dispatcher = world.dispatcher
    whole = list(world.store.pages())

    def breaking_off(changed_since: datetime | None = None) -> Iterator[SecretPage]:
        yield replace(whole[0], is_last=False)
        raise ServiceUnavailableError("secretsmanager.ListSecrets", "ThrottlingException")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "pages", breaking_off)
        with pytest.raises(ServiceUnavailableError):
            dispatcher.tick()
    result = dispatcher.tick()
    assert (result.managed, result.enqueued, result.put_off) == (1, 0, 0)
