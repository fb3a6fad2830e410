"""Whatever dies, whenever: the next run ends with the newest issued token."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.failures import NO_ANSWER
from tests.fakes.fake_authority import Kind
from tests.fakes.outages import down, outvoted
from tests.fakes.world import NAME, TIMING, World
from token_refresher.errors import ServiceUnavailableError
from token_refresher.intent import End
from token_refresher.outcome import Result
from token_refresher.registry import Status

STEPS = [
    ("registry.get", 1),
    ("store.describe", 1),
    ("store.read", 1),
    ("registry.save", 1),
    ("authority.refresh", 1),
    ("store.put_pending", 1),
    ("store.promote", 1),
    ("registry.save", 2),
]
"""Every call of one refresh, and its how-many-eth of that name it is."""
BOUNDARIES = [
    pytest.param(call, number, moment, id=f"{moment} {call} {number}")
    for call, number in STEPS
    for moment in ("before", "after")
]
STORED = [
    pytest.param(call, number, moment, id=f"{moment} {call} {number}")
    for call, number, moment in [
        ("store.put_pending", 1, "after"),
        ("store.promote", 1, "before"),
        ("store.promote", 1, "after"),
        ("registry.save", 2, "before"),
        ("registry.save", 2, "after"),
    ]
]
"""Where the successor is stored already."""


RETRY_AFTER = timedelta(seconds=30)
"""The first pause, at the longest."""


def killed(world: World, call: str, number: int, moment: Moment) -> None:
    """Let a refresh die, and its lease pass."""
    world.calls.at(moment, call, kill, number=number)
    with pytest.raises(KilledError):
        world.refresh()
    world.clock.advance(TIMING.lease)


def retrying(world: World) -> None:
    """Bring the credential into a state that only an attempt ends."""
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    world.clock.advance(timedelta(minutes=1))
    world.authority.presented.clear()


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def test_the_steps_are_all_the_calls_there_are(world: World) -> None:
    world.refresh()
    assert world.calls.log == [call for call, _ in STEPS]


@pytest.mark.parametrize(("call", "number", "moment"), BOUNDARIES)
def test_the_next_run_ends_with_the_newest_issued_token(world: World, call: str, number: int, moment: Moment) -> None:
    killed(world, call, number, moment)
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest


@pytest.mark.parametrize(("call", "number", "moment"), BOUNDARIES)
def test_the_next_run_ends_with_a_fresh_access_token(world: World, call: str, number: int, moment: Moment) -> None:
    began_at = world.clock()
    killed(world, call, number, moment)
    world.refresh()
    refreshed_at = world.current().refreshed_at
    assert refreshed_at is not None
    assert refreshed_at >= began_at


@pytest.mark.parametrize(("call", "number", "moment"), BOUNDARIES)
def test_the_next_run_records_what_is_current(world: World, call: str, number: int, moment: Moment) -> None:
    killed(world, call, number, moment)
    world.refresh()
    entry = world.entry()
    assert entry.intent is not None
    assert (entry.status, entry.version_id, entry.intent.end) == (Status.HEALTHY, world.current_version(), End.ROTATED)


@pytest.mark.parametrize(("call", "number", "moment"), STORED)
def test_once_a_successor_is_stored_the_provider_is_not_asked_again(
    world: World, call: str, number: int, moment: Moment
) -> None:
    killed(world, call, number, moment)
    world.refresh()
    assert len(world.authority.presented) == 1


@pytest.mark.parametrize(("call", "number", "moment"), STORED)
def test_once_a_successor_is_stored_a_failure_before_it_is_no_reason_to_ask_again(
    world: World, call: str, number: int, moment: Moment
) -> None:
    retrying(world)
    killed(world, call, number, moment)
    world.refresh()
    assert len(world.authority.presented) == 1


@pytest.mark.parametrize(("call", "number", "moment"), STORED)
def test_a_strict_provider_never_sees_a_spent_token(call: str, number: int, moment: Moment) -> None:
    world = World(Kind.STRICT)
    world.manage()
    killed(world, call, number, moment)
    world.refresh()
    world.clock.advance(timedelta(minutes=45))
    assert world.refresh().result is Result.REFRESHED


@pytest.mark.parametrize(("call", "number", "moment"), BOUNDARIES)
def test_an_edit_after_the_kill_is_kept_and_costs_no_token(
    world: World, call: str, number: int, moment: Moment
) -> None:
    killed(world, call, number, moment)
    world.edit(note="of the operator")
    world.refresh()
    assert (world.current_refresh_token(), '"note"' in world.store.current_text(NAME)) == (
        world.authority.newest,
        True,
    )


def test_an_orphan_is_carried_over_without_asking_the_provider(world: World) -> None:
    killed(world, "store.put_pending", 1, "after")
    world.edit(note="of the operator")
    assert world.refresh().result is Result.RECOVERED
    assert len(world.authority.presented) == 1


def test_a_tick_before_the_next_run_does_not_cost_the_orphan(world: World) -> None:
    killed(world, "store.put_pending", 1, "after")
    world.edit(note="of the operator")
    world.dispatcher.tick()
    assert world.refresh().result is Result.RECOVERED


def test_what_was_pending_before_the_refresh_began_is_no_orphan(world: World) -> None:
    old = world.document(age=timedelta(hours=2), refresh_token="of somebody else")
    world.store.put_pending(NAME, "00000000-0000-4000-8000-000000000009", old)
    killed(world, "registry.save", 1, "after")
    world.edit(note="of the operator")
    assert world.refresh().result is Result.REFRESHED
    assert world.current_refresh_token() == world.authority.newest


def test_an_import_after_the_kill_stands(world: World) -> None:
    killed(world, "store.put_pending", 1, "after")
    world.edit(refresh_token=world.authority.open_family(), note="imported")
    world.refresh()
    assert world.authority.family_of(world.current_refresh_token()) == 1


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        pytest.param("store.put_pending", "after", id="after it was stored again"),
        pytest.param("store.promote", "before", id="before it was promoted"),
    ],
)
def test_an_orphan_survives_a_second_kill_and_a_second_edit(world: World, call: str, moment: Moment) -> None:
    killed(world, "store.put_pending", 1, "after")
    world.edit(note="first")
    killed(world, call, 1, moment)
    world.edit(note="second")
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_the_token_of_a_fight_that_was_given_up_is_not_lost(world: World) -> None:
    outvoted(world, "store.promote")
    assert world.refresh().result is Result.KEPT
    world.calls.forget()
    world.clock.advance(RETRY_AFTER)
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"tenant": "no tenant at all"}, id="one that breaks the document"),
        pytest.param({"refresh_token": None}, id="one that removes the refresh token"),
    ],
)
def test_an_edit_after_the_kill_that_is_taken_back_costs_no_token(world: World, broken: dict[str, Any]) -> None:
    before = world.store.current_text(NAME)
    killed(world, "store.put_pending", 1, "after")
    world.edit(**broken)
    world.refresh()
    world.store.edit(NAME, before)
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_an_edit_between_the_writes_that_breaks_the_document_costs_no_token(world: World) -> None:
    before = world.store.current_text(NAME)
    world.calls.at("before", "store.promote", lambda: world.store.edit(NAME, "{}"))
    world.refresh()
    world.store.edit(NAME, before)
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_a_lost_registry_does_not_cost_a_stored_successor(world: World) -> None:
    killed(world, "store.put_pending", 1, "after")
    world.registry.entries.clear()
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_an_entry_that_moves_on_stops_the_refresh_before_the_exchange(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of somebody else"))
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.authority.presented, world.entry().version_id) == ([], "of somebody else")


def test_a_table_that_cannot_be_written_stops_the_refresh_before_the_exchange(world: World) -> None:
    down(world, "registry.save")
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert world.authority.presented == []
