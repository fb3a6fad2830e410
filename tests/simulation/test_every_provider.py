"""The protocol at every provider of the catalogue: a credential lives, dies at a call, is revoked, and comes back."""

from datetime import timedelta
from typing import ClassVar, Final
from unittest import TestCase

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.fakes.calls import KilledError, kill
from tests.fakes.kind import Kind
from tests.fakes.world import World
from tests.simulation.kill_points import Consequence, Journey, KillPoint
from tests.simulation.simulation import Simulation
from tests.simulation.test_kill_points import REFRESHES, begun, dying, next_attempt
from tests.simulation.test_rotation_in_every_order import MANY, RotationInEveryOrder, proof
from token_refresher.consent.result import ConsentOutcome
from token_refresher.credential.status import Status
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.registry.outcome import Result

EVERY_PROVIDER = pytest.mark.parametrize("entry", [pytest.param(builtin(name), id=name) for name in builtin_names()])
EXAMPLES: Final = 20
"""For each provider in `make check`; together they are as many as for each kind."""


def a_world(entry: ProviderEntry) -> World:
    world = World(entry=entry)
    world.manage()
    return world


def due(world: World) -> World:
    """Let time pass until the next refresh is due."""
    world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
    return world


def dead(entry: ProviderEntry, point: KillPoint) -> World:
    """Return a world in which a process has just died."""
    world = World(entry=entry)
    journey = begun(point.journey, world)
    world.calls.at(point.moment, point.call, kill, number=point.number)
    with pytest.raises(KilledError):
        journey()
    world.calls.forget()
    return world


@EVERY_PROVIDER
def test_a_credential_lives_a_day_and_presents_each_replaced_token_once(entry: ProviderEntry) -> None:
    world = a_world(entry)
    ends_at = world.clock() + timedelta(days=1)
    while world.clock() < ends_at:
        assert due(world).refresh().result is Result.REFRESHED
        assert world.current_refresh_token() == world.authority.newest
    presented = world.authority.presented
    assert len(presented) > 20
    if Kind.of(entry).replaces(0):
        assert len(set(presented)) == len(presented)
    assert world.topic.events == []


@EVERY_PROVIDER
def test_a_revoked_sign_in_asks_the_person_and_the_link_brings_it_back(entry: ProviderEntry) -> None:
    world = a_world(entry)
    due(world).refresh()
    world.authority.revoke(world.current_refresh_token())
    while world.entry().status is not Status.NEEDS_CONSENT:  # A refusal without a certain code is confirmed first.
        assert world.authority.presented[20:] == [], "attempts without an end"
        due(world).attempt_all()
    assert world.topic.events == ["reconsent_required"]
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED
    assert world.entry().status is Status.HEALTHY
    assert world.topic.events == ["reconsent_required", "recovered"]
    assert due(world).refresh().result is Result.REFRESHED


@EVERY_PROVIDER
@dying(REFRESHES, *set(Consequence) - {Consequence.IN_DOUBT})
@pytest.mark.exhaustive
def test_no_death_loses_a_token_that_was_issued(entry: ProviderEntry, point: KillPoint) -> None:
    world = dead(entry, point)
    next_attempt(world)
    assert world.current_refresh_token() == world.authority.newest
    assert world.entry().status is Status.HEALTHY


@EVERY_PROVIDER
@dying((Journey.CONSENT,), Consequence.STORED, Consequence.CURRENT, Consequence.TAGS_MISSING, Consequence.DONE)
@pytest.mark.exhaustive
def test_a_stored_sign_in_is_current_after_the_next_attempt(entry: ProviderEntry, point: KillPoint) -> None:
    world = dead(entry, point)
    next_attempt(world)
    assert world.current_refresh_token() in world.authority.consents


@EVERY_PROVIDER
def test_a_lost_answer_costs_the_sign_in_only_where_a_reuse_does(entry: ProviderEntry) -> None:
    """The process died with the answer in its hands, so that the old token is presented once more."""
    world, kind = a_world(entry), Kind.of(entry)
    world.calls.at("after", "authority.refresh", kill)
    with pytest.raises(KilledError):
        world.refresh()
    world.calls.forget()
    result = next_attempt(world)
    is_accepted = not kind.replaces(0) or kind.accepts(world.clock() - timedelta(minutes=5), world.clock())
    assert (result is Result.REFRESHED) is is_accepted
    assert (world.current_refresh_token() == world.authority.newest) is is_accepted


class AtAProvider(RotationInEveryOrder):
    """Any order of events, at a provider of the catalogue."""

    names: ClassVar[tuple[str, ...]] = builtin_names()

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.names))
        self.simulation = Simulation(entry=builtin(name), publishes=data.draw(st.booleans()))


TestAtAnyProvider = proof(AtAProvider, EXAMPLES)


def _at(name: str) -> type[TestCase]:
    machine = type(f"At{name.title().replace('-', '')}", (AtAProvider,), {"names": (name,)})
    return pytest.mark.exhaustive(proof(machine, MANY // 10))


for _name in builtin_names():
    globals()[f"TestAt{_name.title().replace('-', '')}"] = _at(_name)
