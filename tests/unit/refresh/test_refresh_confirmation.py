"""An uncertain refusal of a good token notifies nobody; a confirmed one does before the access token expires."""

import random
from datetime import timedelta

import pytest

from tests.fakes.failures import AMBIGUOUS, REVOKED, refused, throughout_an_attempt, unavailable
from tests.fakes.world import NAME, REMINDER, World
from token_refresher.base.backoff import CALLS_PER_ATTEMPT, CONFIRMATION_PAUSE
from token_refresher.credential.status import Status
from token_refresher.registry.lasting import PATIENCE
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result

TICK = timedelta(minutes=5)
EXPECTED = [Event.RECONSENT_REQUIRED]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage(age=timedelta(minutes=38))
    return world


def tick(world: World, *failures: object) -> Result:
    """Make one attempt, and let five minutes pass."""
    world.authority.failures.extend(failures)  # type: ignore[arg-type] # Failures, of which the tables are made.
    result = world.refresh().result
    world.clock.advance(TICK)
    return result


@pytest.mark.parametrize("refusals", range(1, CALLS_PER_ATTEMPT))
def test_a_good_token_that_is_refused_for_a_moment_is_refreshed_in_the_same_attempt(
    world: World, refusals: int
) -> None:
    assert tick(world, *[AMBIGUOUS] * refusals) is Result.REFRESHED


def test_an_attempt_makes_a_limited_number_of_calls(world: World) -> None:
    tick(world, *throughout_an_attempt(AMBIGUOUS))
    assert len(world.authority.presented) == CALLS_PER_ATTEMPT


def test_a_certain_refusal_ends_the_attempt_after_one_call(world: World) -> None:
    tick(world, REVOKED)
    assert len(world.authority.presented) == 1


def test_a_refusal_that_becomes_certain_notifies_the_user_at_once(world: World) -> None:
    tick(world, AMBIGUOUS, AMBIGUOUS, REVOKED)
    assert (world.topic.events, len(world.authority.presented)) == (EXPECTED, 3)


def test_an_attempt_without_time_for_another_exchange_makes_one_call(world: World) -> None:
    world.authority.failures.extend(throughout_an_attempt(AMBIGUOUS))
    world.refresh(time_left=timedelta(seconds=49))
    assert len(world.authority.presented) == 1


def test_an_attempt_with_several_calls_is_followed_by_a_pause_whatever_the_last_answer(world: World) -> None:
    world.authority.failures.extend([AMBIGUOUS, AMBIGUOUS, unavailable(503)])
    world.refresh()
    assert (world.entry().next_action_at or world.clock()) >= world.clock() + CONFIRMATION_PAUSE


def test_a_token_that_is_saved_between_two_calls_overtakes_the_attempt(world: World) -> None:
    world.authority.failures.extend(throughout_an_attempt(AMBIGUOUS))
    world.calls.at("before", "authority.refresh", world.editing(refresh_token="planted-other-token"), number=2)
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.topic.events, len(world.authority.presented)) == ([], 2)


def test_a_rejected_token_notifies_the_user_with_the_third_attempt(world: World) -> None:
    for _ in range(2):
        tick(world, *throughout_an_attempt(AMBIGUOUS))
        assert world.topic.events == []
    tick(world, *throughout_an_attempt(AMBIGUOUS))
    assert world.topic.events == EXPECTED


def test_a_rejected_token_notifies_the_user_before_the_access_token_expires(world: World) -> None:
    for _ in range(3):
        tick(world, *throughout_an_attempt(AMBIGUOUS))
    alert = world.topic.alerts[0]
    assert alert.expires_at is not None
    assert alert.at < alert.expires_at


def test_a_refusal_notifies_the_user_at_once_if_there_is_no_time_to_confirm_it() -> None:
    world = World()
    world.manage(age=timedelta(minutes=57))
    tick(world, *throughout_an_attempt(AMBIGUOUS))
    assert world.topic.events == EXPECTED


def test_the_refusal_of_an_imported_token_without_an_access_token_is_confirmed_too() -> None:
    world = World()
    world.manage(access_token=None, expires_at=None, refreshed_at=None)
    for expected in ([], [], EXPECTED):
        tick(world, *throughout_an_attempt(AMBIGUOUS))
        assert world.topic.events == expected


@pytest.mark.exhaustive  # Months of refreshes.
@pytest.mark.parametrize("seed", range(3))
def test_a_good_token_that_is_refused_one_time_in_three_notifies_nobody_in_a_month(seed: int) -> None:
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


# --- An unknown code ------------------------------------------------------------------------------------------------

UNHEARD_OF = refused(999_999, "something_new")


def test_an_unknown_code_is_retried_for_an_hour_before_the_operator_is_notified(world: World) -> None:
    began_at = world.clock()
    for _ in range(12 * 5):
        tick(world, UNHEARD_OF)
    assert world.topic.events == [Event.REFRESH_AT_RISK, Event.OPERATOR_ACTION_REQUIRED]
    asked = world.topic.alerts[-1]
    assert (asked.since, asked.code) == (began_at, "999999")
    assert PATIENCE <= asked.at - began_at <= PATIENCE + timedelta(minutes=30)


def test_an_unknown_code_is_retried_after_the_operator_was_notified(world: World) -> None:
    for _ in range(12 * 5):
        tick(world, UNHEARD_OF)
    assert (world.entry().status, world.entry().is_tried_on) == (Status.NEEDS_OPERATOR, True)
    while tick(world) is not Result.REFRESHED:
        pass
    assert world.topic.events[-1] is Event.RECOVERED


def test_a_rejected_grant_that_is_refused_with_an_unknown_code_keeps_its_diagnosis(world: World) -> None:
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
