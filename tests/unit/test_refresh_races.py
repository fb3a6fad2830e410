"""What others write while a refresh is on its way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.calls import Moment
from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, REVOKED
from tests.fakes.fake_authority import DEPUTY, Kind
from tests.fakes.world import NAME, World
from token_refresher.alert import Event
from token_refresher.clock import to_rfc3339
from token_refresher.failure import ProviderFailure
from token_refresher.outcome import Result
from token_refresher.registry import Status

CALLS_BEFORE_THE_SWAP = ["registry.save", "authority.refresh", "store.put_pending", "store.promote"]


@pytest.fixture
def world() -> World:
    world = World()
    world.manage()
    return world


@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_an_edit_before_any_step_is_kept(world: World, call: str) -> None:
    world.calls.at("before", call, world.editing(note="of the operator"))
    world.refresh()
    world.refresh()
    assert '"note": "of the operator"' in world.store.current_text(NAME)


@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_an_edit_before_any_step_does_not_cost_the_newest_refresh_token(world: World, call: str) -> None:
    world.calls.at("before", call, world.editing(note="of the operator"))
    world.refresh()
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest


@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_an_import_before_any_step_stands(world: World, call: str) -> None:
    world.calls.at("before", call, world.editing(refresh_token="imported"))
    world.refresh()
    assert world.current_refresh_token() == "imported"


def test_a_refresh_that_an_import_was_faster_than_says_so(world: World) -> None:
    world.calls.at("before", "store.promote", world.editing(refresh_token="imported"))
    assert world.refresh().result is Result.OVERTAKEN


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", CALLS_BEFORE_THE_SWAP)
def test_a_consent_at_any_step_wins(world: World, call: str, moment: Moment) -> None:
    world.calls.at(moment, call, world.consenting(person=DEPUTY))
    world.refresh()
    consented = next(result for _, result, _ in world.consents.ended.values())
    identity = world.current().identity
    family = world.authority.family_of(world.current_refresh_token())
    assert (consented.username, identity.username if identity else None) == (DEPUTY.username, DEPUTY.username)
    assert family == 1, "the family of the consent, and not of the refresh"


def test_a_consent_during_the_exchange_wins_although_the_answer_comes_later(world: World) -> None:
    consent = world.consenting(person=DEPUTY)

    def consent_then_wait() -> None:
        consent()
        world.clock.advance(timedelta(seconds=5))

    world.calls.at("before", "authority.refresh", consent_then_wait)
    world.refresh()
    assert world.authority.family_of(world.current_refresh_token()) == 1


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(REVOKED, id="a revocation"),
        pytest.param(AMBIGUOUS, id="an uncertain refusal"),
        pytest.param(NO_ANSWER, id="a timeout"),
    ],
)
def test_a_late_failure_cannot_overwrite_a_fresh_consent(world: World, failure: ProviderFailure) -> None:
    world.calls.at("before", "authority.refresh", world.consenting())
    world.calls.at("before", "authority.refresh", lambda: world.authority.failures.append(failure))
    assert world.refresh().result is Result.OVERTAKEN
    assert (world.entry().status, world.entry().version_id) == (Status.HEALTHY, world.current_version())


def test_a_late_failure_tells_nobody_once_somebody_has_consented(world: World) -> None:
    """Nobody has to act any more, so nobody is told to."""
    world.calls.at("before", "authority.refresh", world.consenting())
    world.calls.at("before", "authority.refresh", lambda: world.authority.failures.append(REVOKED))
    world.refresh()
    assert Event.RECONSENT_REQUIRED not in world.topic.events


def test_a_tick_that_notices_the_rotation_first_does_no_harm(world: World) -> None:
    world.calls.at("after", "store.promote", world.dispatcher.tick)
    assert world.refresh().result is Result.REFRESHED
    assert world.entry().status is Status.HEALTHY


def test_a_malformed_secret_that_was_mended_meanwhile_is_left_to_whoever_mended_it(world: World) -> None:
    mended = world.store.current_text(NAME)
    world.store.edit(NAME, "{}")

    def mend() -> None:
        version_id = world.store.edit(NAME, mended)
        world.registry.entries[NAME] = replace(world.entry(), version_id=version_id)

    world.calls.at("before", "registry.save", mend)
    assert world.refresh().result is Result.OVERTAKEN


def test_a_rival_whose_token_is_older_is_replaced(world: World) -> None:
    def rival() -> None:
        world.refresher.refresh(NAME, lambda: timedelta(minutes=1))
        world.clock.advance(timedelta(seconds=5))

    world.calls.at("before", "authority.refresh", rival)
    world.refresh()
    assert world.current().refreshed_at == world.clock()
    assert world.current_refresh_token() == world.authority.newest


def test_a_rival_whose_token_is_newer_stands() -> None:
    world = World(Kind.MICROSOFT)
    world.manage()

    def rival() -> None:
        world.clock.advance(timedelta(seconds=5))
        world.refresher.refresh(NAME, lambda: timedelta(minutes=1))

    world.calls.at("after", "authority.refresh", rival)
    assert world.refresh().result is Result.OVERTAKEN
    assert world.current().refreshed_at == world.clock()
    assert world.current_refresh_token() == world.authority.newest


def test_an_edit_back_to_an_old_text_does_not_bring_a_spent_token_back(world: World) -> None:
    """An operator whose page was open for a while saves the refresh token of before."""
    old = world.store.current_text(NAME)
    world.calls.at("after", "store.put_pending", lambda: world.store.edit(NAME, old))
    world.refresh()
    assert world.current_refresh_token() == world.authority.newest


def test_the_entry_tells_who_consented_whatever_the_refresh_ends_in(world: World) -> None:
    identity = {"username": "ads-owner@example.com", "consented_at": to_rfc3339(world.clock())}
    world.edit(identity=identity)
    world.authority.failures.append(NO_ANSWER)
    world.refresh()
    known = world.entry().identity
    assert known is not None
    assert known.username == "ads-owner@example.com"
