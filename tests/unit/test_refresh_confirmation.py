"""An uncertain refusal of a good token tells nobody; that of a dead one is told before its access token ends."""

import random
from datetime import timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, REVOKED, refused, throughout_a_look, unavailable
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.alert import Event
from token_refresher.outcome import Result
from token_refresher.retry import ASKS, CONFIRMATION
from token_refresher.status import Status
from token_refresher.verdict import PATIENCE_WITH_THE_UNKNOWN

TICK = timedelta(minutes=5)
EXPECTED = [Event.RECONSENT_REQUIRED]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(age=timedelta(minutes=38))
    return world


def tick(world: World, *failures: object) -> Result:
    """Look at the credential once, and let five minutes go by."""
    world.authority.failures.extend(failures)  # type: ignore[arg-type] # Failures, of which the tables are made.
    result = world.refresh().result
    world.clock.advance(TICK)
    return result


@pytest.mark.parametrize("refusals", range(1, ASKS))
def test_a_good_token_that_is_refused_for_a_moment_is_refreshed_in_the_same_look(world: World, refusals: int) -> None:
    assert tick(world, *[AMBIGUOUS] * refusals) is Result.REFRESHED


def test_a_look_asks_no_more_than_it_may(world: World) -> None:
    tick(world, *throughout_a_look(AMBIGUOUS))
    assert len(world.authority.presented) == ASKS


def test_a_certain_refusal_is_asked_once(world: World) -> None:
    tick(world, REVOKED)
    assert len(world.authority.presented) == 1


def test_a_refusal_that_turns_certain_is_told_at_once(world: World) -> None:
    tick(world, AMBIGUOUS, AMBIGUOUS, REVOKED)
    assert (world.topic.events, len(world.authority.presented)) == (EXPECTED, 3)


def test_a_look_without_time_for_another_exchange_asks_once(world: World) -> None:
    world.authority.failures.extend(throughout_a_look(AMBIGUOUS))
    world.refresh(time_left=timedelta(seconds=49))
    assert len(world.authority.presented) == 1


def test_who_asked_several_times_waits_whatever_came_last(world: World) -> None:
    world.authority.failures.extend([AMBIGUOUS, AMBIGUOUS, unavailable(503)])
    world.refresh()
    assert (world.entry().next_action_at or world.clock()) >= world.clock() + CONFIRMATION


def test_a_token_that_is_put_there_between_two_calls_is_what_counts(world: World) -> None:
    world.authority.failures.extend(throughout_a_look(AMBIGUOUS))
    world.calls.at("before", "authority.refresh", world.editing(refresh_token="planted-other-token"), number=2)
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.topic.events, len(world.authority.presented)) == ([], 2)


def test_a_dead_token_is_told_with_the_third_look(world: World) -> None:
    for _ in range(2):
        tick(world, *throughout_a_look(AMBIGUOUS))
        assert world.topic.events == []
    tick(world, *throughout_a_look(AMBIGUOUS))
    assert world.topic.events == EXPECTED


def test_a_dead_token_is_told_before_its_access_token_ends(world: World) -> None:
    for _ in range(3):
        tick(world, *throughout_a_look(AMBIGUOUS))
    alert = world.topic.alerts[0]
    assert alert.expires_at is not None
    assert alert.at < alert.expires_at


def test_who_has_no_time_to_confirm_is_told_at_once() -> None:
    world = World()
    world.manage(age=timedelta(minutes=57))
    tick(world, *throughout_a_look(AMBIGUOUS))
    assert world.topic.events == EXPECTED


def test_an_imported_token_without_an_access_token_is_confirmed_too() -> None:
    world = World()
    world.manage(access_token=None, expires_at=None, refreshed_at=None)
    for expected in ([], [], EXPECTED):
        tick(world, *throughout_a_look(AMBIGUOUS))
        assert world.topic.events == expected


@pytest.mark.parametrize("seed", range(3))
def test_a_good_token_that_is_refused_one_time_in_three_tells_nobody_in_a_month(seed: int) -> None:
    """BingAds-Python-SDK, issue 279: the same token works at one time and is refused at another."""
    drawn = random.Random(seed)  # noqa: S311 - Weather, no secret.
    world = World()
    world.manage()
    for _ in range(30 * 24 * 12):
        due = world.entry().next_action_at
        if due is not None and due <= world.clock():
            world.authority.failures.clear()
            while drawn.random() < 1 / 3:
                world.authority.failures.append(AMBIGUOUS)
            world.refresh()
        world.clock.now += TICK
    assert (world.topic.events, world.entry().status) == ([], Status.HEALTHY)
    assert len(world.authority.presented) > 30 * 24


# --- A code that nobody knows ---------------------------------------------------------------------------------------

UNHEARD_OF = refused(999_999, "something_new")


def test_an_unknown_code_is_tried_again_for_hours_and_then_somebody_has_to_find_out(world: World) -> None:
    began_at = world.clock()
    for _ in range(12 * 5):
        tick(world, UNHEARD_OF)
    assert world.topic.events == [Event.REFRESH_AT_RISK, Event.OPERATOR_ACTION_REQUIRED]
    asked = world.topic.alerts[-1]
    assert (asked.since, asked.code) == (began_at, "999999")
    assert PATIENCE_WITH_THE_UNKNOWN <= asked.at - began_at <= PATIENCE_WITH_THE_UNKNOWN + timedelta(minutes=30)


def test_an_unknown_code_is_tried_on_while_somebody_finds_out(world: World) -> None:
    for _ in range(12 * 5):
        tick(world, UNHEARD_OF)
    assert world.entry().status is Status.RETRYING
    while tick(world) is not Result.REFRESHED:
        pass
    assert world.topic.events[-1] is Event.RECOVERED


def test_a_dead_grant_that_is_refused_with_an_unknown_code_is_as_dead_as_people_know(world: World) -> None:
    tick(world, REVOKED)
    world.clock.advance(REMINDER)
    assert tick(world, UNHEARD_OF) is Result.NEEDS_A_PERSON
    assert [alert.code for alert in world.topic.alerts] == ["50173", "50173"]


def test_an_unknown_code_that_passes_is_forgotten(world: World) -> None:
    for _ in range(3):
        tick(world, UNHEARD_OF)
    while world.entry(NAME).status is not Status.HEALTHY:
        tick(world)
    assert Event.OPERATOR_ACTION_REQUIRED not in world.topic.events
