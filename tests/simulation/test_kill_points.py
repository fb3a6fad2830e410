"""A refresh and a consent die at every call, and the consequence is the documented one."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.kind import KINDS, Kind
from tests.fakes.world import DUE_AGE, HEALTHY, NAME, TIMING, World
from tests.simulation.kill_points import KILL_POINTS, Consequence, Journey, KillPoint, points_of, table
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.consent.result import ConsentOutcome
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result

TICK = timedelta(minutes=5)

EVERY_KIND = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])


REFRESHES = (Journey.REFRESH, Journey.STEADY, Journey.OUTAGE, Journey.SETTLING)


def dying(journeys: tuple[Journey, ...], *consequences: Consequence) -> pytest.MarkDecorator:
    """Run a test for each kill point of these journeys that has one of these fortunes."""
    points = [
        point
        for point in KILL_POINTS
        if point.journey in journeys and point.consequence in (consequences or Consequence)
    ]
    return pytest.mark.parametrize("point", [pytest.param(point, id=_id(point)) for point in points])


def _id(point: KillPoint) -> str:
    return f"{point.journey}, {point.sentence}"


def a_world(point: KillPoint, kind: Kind = Kind.MICROSOFT) -> World:
    """Return a world in which the process has just died at a kill point."""
    world = World(kind)
    journey = begun(point.journey, world)
    world.calls.at(point.moment, point.call, kill, number=point.number)
    with pytest.raises(KilledError):
        journey()
    world.calls.forget()
    return world


def begun(journey: Journey, world: World) -> Callable[[], object]:
    """Prepare a world for a journey, and return the journey."""

    def take_no_tokens() -> None:
        raise ServiceUnavailableError("secretsmanager.PutSecretValue", "AccessDeniedException", passing=False)

    age = timedelta(minutes=1) if journey is Journey.CONSENT else DUE_AGE
    world.manage(age=age, is_tagged=False, note="of the operator")
    going: Callable[[], object] = world.refresh
    match journey:
        case Journey.CONSENT:
            arrival = world.go_and_return()
            going = partial(world.complete, arrival)
        case Journey.STEADY:
            assert world.refresh().result is Result.REFRESHED
            world.clock.now = max(world.clock.now, world.entry().next_action_at or world.clock.now)
            world.authority.presented.clear()
        case Journey.OUTAGE:
            world.calls.at("before", "store.put_pending", take_no_tokens)
        case Journey.SETTLING:
            world.calls.at("before", "store.put_pending", take_no_tokens)
            assert world.refresh().result is Result.KEPT
            world.clock.advance(TICK)
        case _:
            pass
    world.calls.log.clear()
    return going


def next_attempt(world: World) -> Result:
    """Let the lease and the next tick pass; return the result of the next attempt."""
    world.clock.advance(TICK)
    world.dispatcher.tick()
    results = [world.refresh(escrowed=message.escrowed).result for message in world.queue.messages]
    world.queue.messages.clear()
    assert len(results) <= 1
    return results[0] if results else Result.NOT_DUE


# --- The list of kill points is complete ---------------------------------------------------------------------------


@pytest.mark.parametrize("journey", [pytest.param(journey, id=journey.value) for journey in Journey])
def test_the_kill_points_are_all_the_calls_there_are(journey: Journey) -> None:
    world = World()
    begun(journey, world)()
    named = [point.call for point in points_of(journey) if point.moment == "before"]
    assert world.calls.log[-len(named) :] == named
    # Before the failing write, a refresh in an outage makes the calls of any refresh.
    assert len(world.calls.log) == len(named) or journey is Journey.OUTAGE


@pytest.mark.parametrize("journey", [pytest.param(journey, id=journey.value) for journey in Journey])
def test_the_documentation_says_what_follows_at_every_kill_point(journey: Journey) -> None:
    page = Path(__file__).parents[2] / "docs" / "rotation.md"
    assert table(journey) in page.read_text("utf-8")


# --- A refresh -----------------------------------------------------------------------------------------------------


@EVERY_KIND
@dying(REFRESHES, *set(Consequence) - {Consequence.IN_DOUBT})
def test_the_next_attempt_ends_with_the_newest_token_current(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    next_attempt(world)
    assert world.current_refresh_token() == world.authority.newest
    assert world.entry().status is Status.HEALTHY


@dying(REFRESHES)
def test_with_microsoft_no_death_costs_a_sign_in(point: KillPoint) -> None:
    world = a_world(point)
    next_attempt(world)
    assert (world.current_refresh_token(), world.topic.events) == (world.authority.newest, [])
    assert world.current().expires_at == world.entry().expires_at


@EVERY_KIND
@dying(
    REFRESHES, Consequence.STORED, Consequence.ESCROWED, Consequence.CURRENT, Consequence.TAGS_MISSING, Consequence.DONE
)
def test_stored_tokens_become_current_without_a_call_to_the_provider(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    world.authority.presented.clear()
    next_attempt(world)
    assert world.authority.presented == []


EVERY_JOURNEY = (*REFRESHES, Journey.CONSENT)


@EVERY_KIND
@dying(EVERY_JOURNEY, Consequence.STORED)
def test_a_stored_successor_is_promoted_and_not_written_once_more(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    before = world.store.versions(NAME)
    next_attempt(world)
    assert world.store.versions(NAME) == before


@dying(EVERY_JOURNEY, Consequence.TAGS_MISSING)
def test_missing_status_tags_are_set_by_the_next_attempt_and_cost_no_version(point: KillPoint) -> None:
    world = a_world(point)
    before, tags = world.store.versions(NAME), world.store.status_tags(NAME)
    world.refresh()
    assert (tags, world.store.status_tags(NAME), world.store.versions(NAME)) == (None, HEALTHY, before)


@EVERY_KIND
@dying(REFRESHES, Consequence.NOTHING_BEGAN, Consequence.NOT_SENT)
def test_a_token_that_was_not_presented_is_presented_by_the_next_attempt(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    assert (next_attempt(world), len(world.authority.presented)) == (Result.REFRESHED, 1)


@dying(REFRESHES, Consequence.IN_DOUBT)
def test_a_token_in_doubt_is_presented_once_more_and_a_strict_provider_ends_the_sign_in(point: KillPoint) -> None:
    world = a_world(point, Kind.STRICT)
    world.authority.presented.clear()
    assert next_attempt(world) in {Result.NEEDS_A_PERSON, Result.RETRY_LATER}
    assert len(world.authority.presented) == 1
    diagnosis = world.entry().diagnosis
    assert diagnosis is not None
    assert "got no answer" in diagnosis.cause


@dying(REFRESHES, Consequence.NOT_SENT, Consequence.IN_DOUBT)
def test_no_other_worker_begins_before_the_lease_is_over(point: KillPoint) -> None:
    world = a_world(point)
    world.authority.presented.clear()
    world.clock.advance(TIMING.lease - timedelta(seconds=1))
    assert (world.refresh().result, world.authority.presented) == (Result.UNDER_WAY, [])
    world.clock.advance(timedelta(seconds=1))
    assert world.refresh().result is Result.REFRESHED


# --- A consent -----------------------------------------------------------------------------------------------------


@EVERY_KIND
@dying((Journey.CONSENT,), Consequence.STORED, Consequence.CURRENT, Consequence.TAGS_MISSING, Consequence.DONE)
def test_a_stored_sign_in_is_current_after_the_next_attempt(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    next_attempt(world)
    assert world.current_refresh_token() in world.authority.consents
    assert world.entry().status is Status.HEALTHY


@EVERY_KIND
@dying((Journey.CONSENT,), Consequence.SIGN_IN_AGAIN, Consequence.SIGN_IN_LOST)
def test_a_sign_in_that_is_not_stored_changes_nothing_and_the_next_one_connects(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    before = world.current_refresh_token()
    next_attempt(world)
    assert world.current_refresh_token() == before
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED
    assert world.current_refresh_token() == world.authority.newest


# --- Both ----------------------------------------------------------------------------------------------------------

EVERY_POINT = pytest.mark.parametrize("point", [pytest.param(point, id=_id(point)) for point in KILL_POINTS])


@EVERY_KIND
@EVERY_POINT
def test_an_edit_right_after_the_death_is_kept_and_costs_no_stored_token(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    stored = set(world.tokens())
    world.edit(note="after the death")
    next_attempt(world)
    assert '"after the death"' in world.store.current_text(NAME)
    newest = max(stored, key=world.authority.issued.index)
    order = world.authority.issued.index
    assert order(world.current_refresh_token()) >= order(newest)


@EVERY_KIND
@EVERY_POINT
def test_an_import_right_after_the_death_stands(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    imported = world.authority.open_family()
    world.edit(refresh_token=imported)
    next_attempt(world)
    assert world.authority.family_of(world.current_refresh_token()) == world.authority.family_of(imported)


@EVERY_KIND
@EVERY_POINT
def test_two_ticks_later_nothing_is_pending_and_nothing_is_in_escrow(kind: Kind, point: KillPoint) -> None:
    world = a_world(point, kind)
    next_attempt(world)
    next_attempt(world)
    assert world.store.describe(NAME).unfinished_successor is None
    assert world.escrow.kept == {}
