"""Which credential events follow from a consent, and that none is lost."""

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.fake_bus import FakeBus
from tests.fakes.world import TIMING, World
from token_refresher.alerts.credential_event import Kind
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result


@pytest.fixture
def world() -> World:
    return World.with_bus(World.waiting())[0]


@pytest.fixture
def bus(world: World) -> FakeBus:
    assert world.bus is not None
    return world.bus


def held_back(world: World, bus: FakeBus) -> None:
    """Let the event be sent that the first consent is missing."""
    world.clock.now = world.entry().next_action_at or world.clock()
    world.refresh()
    assert bus.kinds == [Kind.NEEDS_CONSENT]
    bus.events.clear()


def test_a_first_consent_is_a_new_token_and_releases_the_pipelines_that_were_held_back(
    world: World, bus: FakeBus
) -> None:
    held_back(world, bus)
    world.complete(world.go_and_return())
    assert bus.kinds == [Kind.REFRESHED, Kind.RECOVERED]
    assert {event.entry.version_id for event in bus.events} == {world.current_version()}
    assert world.entry().status is Status.HEALTHY


def test_a_consent_of_a_paused_credential_says_that_it_is_paused(world: World, bus: FakeBus) -> None:
    held_back(world, bus)
    world.registry.save(world.entry().paused())
    world.complete(world.go_and_return())
    assert [(event.kind, event.entry.status) for event in bus.events] == [
        (Kind.REFRESHED, Status.PAUSED),
        (Kind.RECOVERED, Status.PAUSED),
    ]
    assert world.entry().next_action_at is None


def test_a_bus_that_is_down_stops_no_consent_and_the_next_tick_sends_the_events(world: World, bus: FakeBus) -> None:
    held_back(world, bus)
    bus.is_down = True
    world.complete(world.go_and_return())
    assert world.entry().status is Status.HEALTHY
    bus.is_down = False
    world.clock.now = world.entry().next_action_at or world.clock()
    assert world.refresh().result is Result.NOT_DUE
    assert bus.kinds == [Kind.REFRESHED, Kind.RECOVERED]


def test_a_callback_that_dies_after_the_promotion_loses_no_event(world: World, bus: FakeBus) -> None:
    held_back(world, bus)
    arrival = world.go_and_return()
    world.calls.at("after", "store.promote", kill)
    with pytest.raises(KilledError):
        world.complete(arrival)
    world.clock.advance(TIMING.lease)
    world.attempt_all()
    assert bus.kinds == [Kind.REFRESHED, Kind.RECOVERED]
