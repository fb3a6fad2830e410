"""Expiry warnings come on their days, each once, and never stop a refresh."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.kind import Kind
from tests.fakes.world import DUE_AGE, World
from token_refresher.base.clock import to_rfc3339
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

DAY = timedelta(days=1)
NAMES = ("ads-a", "ads-b", "ads-c")


def refreshed(world: World, *names: str) -> None:
    for name in names:
        assert world.refresh(name).result in {Result.REFRESHED, Result.NOT_DUE}


def a_world(left: timedelta, *names: str, kind: Kind = Kind.MICROSOFT) -> World:
    """Return a world whose credentials share an application with a client secret that ends after this time."""
    world = World(kind)
    for name in names:
        world.manage(name, client_secret_expires_at=to_rfc3339(world.clock() + left))
    return world


def days_pass(world: World, days: int, *names: str) -> None:
    """Refresh every day, as the schedule does more often."""
    for _ in range(days):
        world.clock.advance(DAY)
        refreshed(world, *names)


def warned_of(world: World) -> list[str]:
    return [alert.code for alert in world.topic.alerts if alert.event is Event.EXPIRY_WARNING]


def warned_at(world: World) -> list[datetime]:
    return [alert.at for alert in world.topic.alerts if alert.event is Event.EXPIRY_WARNING]


def test_people_are_warned_of_a_client_secret_four_times() -> None:
    world = a_world(40 * DAY, "ads-a")
    end = world.clock() + 40 * DAY
    days_pass(world, 40, "ads-a")
    assert [(end - at).days for at in warned_at(world)] == [30, 14, 7, 1]


def test_the_credentials_of_one_application_share_a_warning() -> None:
    world = a_world(40 * DAY, *NAMES)
    days_pass(world, 40, *NAMES)
    assert len(world.topic.alerts) == 4


def test_a_warning_names_all_credentials_of_the_application() -> None:
    world = a_world(20 * DAY, *NAMES)
    refreshed(world, *NAMES)
    world.clock.advance(7 * DAY)
    refreshed(world, *NAMES)
    assert world.topic.alerts[1].credentials == NAMES


def test_a_client_secret_that_is_first_seen_late_has_one_warning_for_that_day() -> None:
    world = a_world(5 * DAY, "ads-a")
    refreshed(world, "ads-a", "ads-a", "ads-a")
    assert len(world.topic.alerts) == 1


def test_a_new_client_secret_has_its_own_warnings() -> None:
    world = a_world(5 * DAY, "ads-a")
    refreshed(world, "ads-a")
    world.edit("ads-a", client_secret_expires_at=to_rfc3339(world.clock() + 6 * DAY))
    refreshed(world, "ads-a")
    assert len(world.topic.alerts) == 2


def test_there_is_no_warning_of_a_secret_without_a_known_end() -> None:
    world = World()
    world.manage("ads-a")
    days_pass(world, 3, "ads-a")
    assert world.topic.alerts == []


def test_a_warning_has_the_day_of_the_end() -> None:
    world = a_world(5 * DAY, "ads-a")
    end = world.clock() + 5 * DAY
    refreshed(world, "ads-a")
    assert (world.topic.alerts[0].event, world.topic.alerts[0].expires_at) == (Event.EXPIRY_WARNING, end)


def test_a_warning_that_could_not_be_published_is_published_with_the_next_attempt() -> None:
    world = a_world(5 * DAY, "ads-a")
    world.topic.out_of_order = True
    refreshed(world, "ads-a")
    world.topic.out_of_order = False
    world.clock.advance(DUE_AGE)
    refreshed(world, "ads-a")
    assert len(world.topic.alerts) == 1


def test_a_warning_is_no_incident() -> None:
    world = a_world(5 * DAY, "ads-a")
    refreshed(world, "ads-a")
    assert (world.entry("ads-a").alert, world.entry("ads-a").diagnosis) == (None, None)


def test_there_is_no_warning_of_a_refresh_token_that_is_replaced() -> None:
    world = World(Kind.MICROSOFT)
    world.manage("ads-a")
    days_pass(world, 100, "ads-a")
    assert world.topic.alerts == []


def test_people_are_warned_of_a_refresh_token_that_is_never_replaced_after_a_day_and_long_before_its_end() -> None:
    world = World(Kind.NONE)
    world.manage("ads-a")
    began = world.clock() - DUE_AGE
    days_pass(world, 89, "ads-a")
    assert [(at - began).days for at in warned_at(world)] == [1, 30, 60, 80]
    assert set(warned_of(world)) == {"refresh_token_age"}


@pytest.mark.parametrize("kind", [pytest.param(Kind.NONE, id="is never replaced")])
def test_each_refresh_token_has_its_own_warning(kind: Kind) -> None:
    """Two credentials of one application have two refresh tokens, that may have to be replaced by two people."""
    world = World(kind)
    for name in NAMES:
        world.manage(name)
    days_pass(world, 2, *NAMES)
    assert [alert.credential for alert in world.topic.alerts] == list(NAMES)
