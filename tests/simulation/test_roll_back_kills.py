"""A process that finds a roll-back or an older copy may die at any call: the operator's decision still stands."""

import json
from collections.abc import Callable
from typing import Final

import pytest

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.memory_store import CURRENT
from tests.fakes.world import DUE_AGE, NAME, TIMING, World
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.status import Status
from token_refresher.providers.authorization import SignInOptions

TAKING_OVER: Final = SignInOptions(accepted_person=f"{DEPUTY.tenant_id}/{DEPUTY.object_id}")


def a_take_over_that_was_undone(world: World) -> None:
    """The owner's tokens are due when AWSCURRENT is moved back to them."""
    before = world.current_version()
    world.complete(world.go_and_return(TAKING_OVER, person=DEPUTY))
    world.store.move(NAME, CURRENT, before)
    world.clock.advance(DUE_AGE)


def a_roll_back_over_two_refreshes(world: World) -> None:
    before = world.current_version()
    for _ in range(2):
        world.clock.advance(DUE_AGE)
        world.refresh()
    world.store.move(NAME, CURRENT, before)
    world.clock.advance(DUE_AGE)


def an_older_copy(world: World) -> None:
    text = world.store.current_text(NAME)
    for _ in range(2):
        world.clock.advance(DUE_AGE)
        world.refresh()
    world.store.edit(NAME, json.dumps({**json.loads(text), "note": "of the operator"}))
    world.clock.advance(DUE_AGE)


PLOTS: Final = (a_take_over_that_was_undone, a_roll_back_over_two_refreshes, an_older_copy)


def world_after(plot: Callable[[World], None]) -> World:
    world = World()
    world.manage()
    world.complete(world.go_and_return(SignInOptions(accepted_person=f"{OWNER.tenant_id}/{OWNER.object_id}")))
    plot(world)
    world.calls.log.clear()
    return world


def calls_of(plot: Callable[[World], None]) -> list[tuple[str, int]]:
    """Return every call of the next refresh, with its position among the calls of the same name."""
    world = world_after(plot)
    world.refresh()
    log = world.calls.log
    return [(call, log[: place + 1].count(call)) for place, call in enumerate(log)]


DEATHS: Final = [
    pytest.param(plot, call, number, moment, id=f"{plot.__name__.replace('_', ' ')}: {moment} {call} {number}")
    for plot in PLOTS
    for call, number in calls_of(plot)
    for moment in ("before", "after")
]


@pytest.mark.parametrize(("plot", "call", "number", "moment"), DEATHS)
def test_the_decision_stands_and_no_token_is_presented_once_a_newer_one_is_stored(
    plot: Callable[[World], None], call: str, number: int, moment: Moment
) -> None:
    world = world_after(plot)
    stored_before: list[str] = []
    world.authority.on_present = lambda token: stored_before.extend(_newer_than(world, token))
    world.calls.at(moment, call, kill, number=number)
    with pytest.raises(KilledError):
        world.refresh()
    for _ in range(3):
        world.clock.advance(max(TIMING.lease, TIMING.schedule_period))
        world.dispatcher.tick()
        world.refresh()
    identity, entry = world.current().identity, world.entry()
    assert identity is not None
    assert (identity.username, entry.status, stored_before) == (OWNER.username, Status.HEALTHY, [])
    newest = max((one for one in world.tokens() if _is_kin(world, one)), key=world.authority.issued.index)
    assert world.current_refresh_token() == newest


def _is_kin(world: World, token: str) -> bool:
    return world.authority.family_of(token) == world.authority.family_of(world.current_refresh_token())


def _newer_than(world: World, token: str) -> list[str]:
    order, family = world.authority.issued.index, world.authority.family_of(token)
    return [one for one in world.tokens() if world.authority.family_of(one) == family and order(one) > order(token)]


def test_after_an_undone_take_over_the_refresh_skips_the_version_with_the_successor_id() -> None:
    """So the kill points above include the important one: the successor id is already in use."""
    world = world_after(a_take_over_that_was_undone)
    taken_back = world.store.describe(NAME).previous
    world.refresh()
    assert world.current_version() != taken_back
    assert Sensitive(world.current_refresh_token()).fingerprint == world.entry().lineage[-1]
