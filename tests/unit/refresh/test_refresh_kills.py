"""A refresh dies, and something else goes wrong before the next run: no token is lost.

tests/simulation/test_kill_points.py shows that the next run succeeds after a kill at any step.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.failures import NO_ANSWER
from tests.fakes.outages import outvoted
from tests.fakes.world import NAME, TIMING, World
from tests.simulation.kill_points import Consequence, Journey, KillPoint, points_of
from token_refresher.base.backoff import BASE
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result
from token_refresher.rotation.intent import End

BOUNDARIES = [pytest.param(point, id=point.sentence) for point in points_of(Journey.REFRESH)]
STORED = [
    pytest.param(point, id=point.sentence)
    for point in points_of(Journey.REFRESH)
    if point.consequence in {Consequence.STORED, Consequence.CURRENT, Consequence.TAGS_MISSING, Consequence.DONE}
]
"""The points at which the successor is stored already."""

RETRY_AFTER = BASE
"""The longest first pause."""


def killed(world: World, call: str, moment: Moment, *, number: int = 1) -> None:
    """Let a refresh die, and its lease end."""
    world.calls.at(moment, call, kill, number=number)
    with pytest.raises(KilledError):
        world.refresh()
    world.clock.advance(TIMING.lease)


def retrying(world: World) -> None:
    """Let an attempt fail, so that only another attempt ends the failure."""
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    world.clock.advance(timedelta(minutes=1))
    world.authority.presented.clear()


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(is_tagged=False)
    return world


@pytest.mark.parametrize("point", BOUNDARIES)
def test_the_next_run_writes_the_current_version_into_the_entry(world: World, point: KillPoint) -> None:
    killed(world, point.call, point.moment, number=point.number)
    world.refresh()
    entry = world.entry()
    assert entry.intent is not None
    assert (entry.status, entry.version_id, entry.intent.end) == (Status.HEALTHY, world.current_version(), End.ROTATED)


@pytest.mark.parametrize("point", STORED)
def test_an_earlier_failure_causes_no_second_exchange_once_the_successor_is_stored(
    world: World, point: KillPoint
) -> None:
    retrying(world)
    killed(world, point.call, point.moment, number=point.number)
    world.refresh()
    assert len(world.authority.presented) == 1


def test_an_orphaned_successor_becomes_current_without_a_second_exchange(world: World) -> None:
    killed(world, "store.put_pending", "after")
    world.edit(note="of the operator")
    assert world.refresh().result is Result.RECOVERED
    assert len(world.authority.presented) == 1


def test_a_tick_before_the_next_run_does_not_lose_the_orphan(world: World) -> None:
    killed(world, "store.put_pending", "after")
    world.edit(note="of the operator")
    world.dispatcher.tick()
    assert world.refresh().result is Result.RECOVERED


def test_a_version_that_was_pending_before_the_refresh_began_is_no_orphan(world: World) -> None:
    old = world.document(age=timedelta(hours=2), refresh_token="of another process")
    world.store.put_pending(NAME, "00000000-0000-4000-8000-000000000009", old)
    killed(world, "registry.save", "after")
    world.edit(note="of the operator")
    assert world.refresh().result is Result.REFRESHED
    assert world.current_refresh_token() == world.authority.newest


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        pytest.param("store.put_pending", "after", id="after the orphan was stored again"),
        pytest.param("store.promote", "before", id="before the orphan was promoted"),
    ],
)
def test_an_orphan_survives_a_second_kill_and_a_second_edit(world: World, call: str, moment: Moment) -> None:
    killed(world, "store.put_pending", "after")
    world.edit(note="first")
    killed(world, call, moment)
    world.edit(note="second")
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_the_token_of_a_promotion_that_was_given_up_is_not_lost(world: World) -> None:
    outvoted(world, "store.promote")
    assert world.refresh().result is Result.KEPT
    world.calls.forget()
    world.clock.advance(RETRY_AFTER)
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"tenant": "no tenant at all"}, id="it breaks the document"),
        pytest.param({"refresh_token": None}, id="it removes the refresh token"),
    ],
)
def test_an_edit_after_the_kill_that_is_undone_loses_no_token(world: World, broken: dict[str, Any]) -> None:
    before = world.store.current_text(NAME)
    killed(world, "store.put_pending", "after")
    world.edit(**broken)
    world.refresh()
    world.store.edit(NAME, before)
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_an_edit_between_the_writes_that_breaks_the_document_loses_no_token(world: World) -> None:
    before = world.store.current_text(NAME)
    world.calls.at("before", "store.promote", lambda: world.store.edit(NAME, "{}"))
    world.refresh()
    world.store.edit(NAME, before)
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_a_lost_registry_does_not_lose_a_stored_successor(world: World) -> None:
    killed(world, "store.put_pending", "after")
    world.registry.entries.clear()
    world.refresh()
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_a_change_of_the_entry_stops_the_refresh_before_the_exchange(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of another process"))
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.authority.presented, world.entry().version_id) == ([], "of another process")
