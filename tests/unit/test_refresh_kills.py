"""A refresh that dies, and what else goes wrong before the next run: no token is lost.

That the next run ends well wherever it dies is in tests/simulation/test_kill_points.py.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.failures import NO_ANSWER
from tests.fakes.outages import outvoted
from tests.fakes.world import NAME, TIMING, World
from tests.simulation.kill_points import Fortune, Journey, KillPoint, points_of
from token_refresher.intent import End
from token_refresher.outcome import Result
from token_refresher.retry import BASE
from token_refresher.status import Status

BOUNDARIES = [pytest.param(point, id=point.sentence) for point in points_of(Journey.REFRESH)]
STORED = [
    pytest.param(point, id=point.sentence)
    for point in points_of(Journey.REFRESH)
    if point.fortune in {Fortune.STORED, Fortune.CURRENT, Fortune.UNSHOWN, Fortune.RECORDED}
]
"""Where the successor is stored already."""

RETRY_AFTER = BASE
"""The first pause, at the longest."""


def killed(world: World, call: str, moment: Moment, *, number: int = 1) -> None:
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
    world.manage(is_labelled=False)
    return world


@pytest.mark.parametrize("point", BOUNDARIES)
def test_the_next_run_records_what_is_current(world: World, point: KillPoint) -> None:
    killed(world, point.call, point.moment, number=point.number)
    world.refresh()
    entry = world.entry()
    assert entry.intent is not None
    assert (entry.status, entry.version_id, entry.intent.end) == (Status.HEALTHY, world.current_version(), End.ROTATED)


@pytest.mark.parametrize("point", STORED)
def test_once_a_successor_is_stored_a_failure_before_it_is_no_reason_to_ask_again(
    world: World, point: KillPoint
) -> None:
    retrying(world)
    killed(world, point.call, point.moment, number=point.number)
    world.refresh()
    assert len(world.authority.presented) == 1


def test_an_orphan_is_carried_over_without_asking_the_provider(world: World) -> None:
    killed(world, "store.put_pending", "after")
    world.edit(note="of the operator")
    assert world.refresh().result is Result.RECOVERED
    assert len(world.authority.presented) == 1


def test_a_tick_before_the_next_run_does_not_cost_the_orphan(world: World) -> None:
    killed(world, "store.put_pending", "after")
    world.edit(note="of the operator")
    world.dispatcher.tick()
    assert world.refresh().result is Result.RECOVERED


def test_what_was_pending_before_the_refresh_began_is_no_orphan(world: World) -> None:
    old = world.document(age=timedelta(hours=2), refresh_token="of somebody else")
    world.store.put_pending(NAME, "00000000-0000-4000-8000-000000000009", old)
    killed(world, "registry.save", "after")
    world.edit(note="of the operator")
    assert world.refresh().result is Result.REFRESHED
    assert world.current_refresh_token() == world.authority.newest


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        pytest.param("store.put_pending", "after", id="after it was stored again"),
        pytest.param("store.promote", "before", id="before it was promoted"),
    ],
)
def test_an_orphan_survives_a_second_kill_and_a_second_edit(world: World, call: str, moment: Moment) -> None:
    killed(world, "store.put_pending", "after")
    world.edit(note="first")
    killed(world, call, moment)
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
    killed(world, "store.put_pending", "after")
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
    killed(world, "store.put_pending", "after")
    world.registry.entries.clear()
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_an_entry_that_moves_on_stops_the_refresh_before_the_exchange(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of somebody else"))
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.authority.presented, world.entry().version_id) == ([], "of somebody else")
