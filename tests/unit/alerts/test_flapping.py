"""A failure that comes and goes makes two alerts: when it comes, and when it comes back."""

from datetime import timedelta

import pytest

from tests.fakes.failures import NO_ANSWER
from tests.fakes.world import NAME, World
from token_refresher.registry.open_alert import AGAIN, CALM, Event

TICK = timedelta(minutes=5)
RISK, OVER = Event.REFRESH_AT_RISK, Event.RECOVERED


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


def pass_by(world: World, length: timedelta, *, up: bool) -> None:
    """Tick for a while, with Microsoft up or down."""
    until = world.clock() + length
    while world.clock() < until:
        due = world.entry().next_action_at
        if due is not None and due <= world.clock():
            world.authority.failures.extend([] if up else [NO_ANSWER])
            world.refresh()
            world.authority.failures.clear()
        world.clock.now += TICK


def fail_for_long(world: World) -> None:
    """Let Microsoft fail until the access token has expired."""
    pass_by(world, timedelta(minutes=65), up=False)


def test_the_first_failure_is_over_as_soon_as_a_refresh_works(world: World) -> None:
    fail_for_long(world)
    pass_by(world, 4 * TICK, up=True)
    assert world.topic.events == [RISK, OVER]


def test_the_second_alert_says_that_the_failure_comes_and_goes(world: World) -> None:
    fail_for_long(world)
    pass_by(world, 4 * TICK, up=True)
    fail_for_long(world)
    assert world.topic.events == [RISK, OVER, RISK]
    assert "It comes and goes" in world.topic.alerts[-1].stopped


def test_a_failure_that_came_back_is_over_once_it_has_stayed_away(world: World) -> None:
    fail_for_long(world)
    pass_by(world, 4 * TICK, up=True)
    fail_for_long(world)
    pass_by(world, 4 * TICK, up=True)
    assert world.topic.events == [RISK, OVER, RISK]
    pass_by(world, CALM + timedelta(hours=1), up=True)
    assert world.topic.events == [RISK, OVER, RISK, OVER]


def test_a_day_of_flapping_is_four_messages(world: World) -> None:
    for _ in range(16):
        fail_for_long(world)
        pass_by(world, 4 * TICK, up=True)
    pass_by(world, timedelta(hours=4), up=True)
    assert world.topic.events == [RISK, OVER, RISK, OVER]


def test_a_failure_that_comes_back_much_later_is_another_incident(world: World) -> None:
    fail_for_long(world)
    pass_by(world, AGAIN + timedelta(hours=1), up=True)
    fail_for_long(world)
    pass_by(world, 4 * TICK, up=True)
    assert world.topic.events == [RISK, OVER, RISK, OVER]
    assert "It comes and goes" not in world.topic.alerts[2].stopped


def test_a_sign_in_ends_the_incident_at_once(world: World) -> None:
    fail_for_long(world)
    pass_by(world, 4 * TICK, up=True)
    fail_for_long(world)
    world.consenting()()
    assert world.registry.entries[NAME].alert is None
