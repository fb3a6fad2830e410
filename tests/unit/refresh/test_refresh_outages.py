"""A refresh while calls to AWS fail: no token is lost, and none is presented twice."""

from datetime import timedelta

import pytest

from tests.fakes.calls import Moment
from tests.fakes.kind import Kind
from tests.fakes.memory_store import PENDING
from tests.fakes.outages import down, failing
from tests.fakes.rotations import a_grant, a_rival
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.backoff import BASE
from token_refresher.base.errors import CredentialNotFoundError, ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.registry.outcome import Result
from token_refresher.rotation.intent import End
from token_refresher.rotation.rotation import ESCROW_RESERVE, RECORD_RESERVE

PAUSE = BASE
"""The longest first pause after a failure."""


@pytest.fixture
def world() -> World:
    """A credential of a provider that revokes the sign-in if a spent token is presented again."""
    world = World(Kind.STRICT)
    world.manage()
    return world


def end(world: World) -> End | None:
    intent = world.entry().intent
    return intent.end if intent else None


def slow(world: World, *calls: str) -> None:
    """Let each of these calls take as long as a successful call may take."""

    def delay(call: str) -> None:
        def take_long() -> None:
            world.clock.advance(timedelta(seconds=3.9))
            delay(call)

        world.calls.at("before", call, take_long)

    for call in calls:
        delay(call)


def kept_tokens_become_current(world: World) -> None:
    """End the outage, and check that the next message makes the kept tokens current without an exchange."""
    world.calls.forget()
    world.clock.advance(PAUSE)
    assert world.refresh().result is Result.RECOVERED
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)
    assert (world.escrow.kept, world.entry().status, end(world)) == ({}, Status.HEALTHY, End.ROTATED)


# --- The store refuses all writes ---------------------------------------------------------------------------------


def test_tokens_that_cannot_be_stored_go_into_escrow(world: World) -> None:
    down(world, "store.put_pending")
    assert world.refresh().result is Result.KEPT
    [kept] = world.escrow.of(NAME)
    assert kept.grant.refresh_token is not None
    assert (kept.grant.refresh_token.reveal(), end(world)) == (world.authority.newest, End.KEPT)


def test_the_store_is_tried_until_little_time_is_left(world: World) -> None:
    began_at = world.clock.now
    down(world, "store.put_pending")
    world.refresh()
    left = began_at + TIMING.longest_run - world.clock.now
    assert timedelta(0) < left <= ESCROW_RESERVE


def test_tokens_in_escrow_are_made_current_by_the_next_run_without_an_exchange(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    kept_tokens_become_current(world)


def test_a_store_that_denies_access_is_called_once(world: World) -> None:
    down(world, "store.put_pending", passing=False)
    assert world.refresh().result is Result.KEPT
    assert world.calls.count("store.put_pending") == 1
    kept_tokens_become_current(world)


def test_while_tokens_are_in_escrow_no_token_is_presented(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    for _ in range(3):
        world.clock.advance(timedelta(minutes=5))
        with pytest.raises(ServiceUnavailableError):
            world.refresh()
    assert len(world.authority.presented) == 1
    kept_tokens_become_current(world)


def test_tokens_in_escrow_are_found_although_the_registry_was_lost(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    world.calls.forget()
    world.registry.entries.clear()
    world.dispatcher.tick()
    [request] = [message for message in world.queue.messages if message.escrowed]
    assert world.refresh(request.credential, escrowed=request.escrowed).result is Result.RECOVERED
    assert (world.current_refresh_token(), len(world.authority.presented)) == (world.authority.newest, 1)


def test_an_edit_while_tokens_are_in_escrow_is_kept(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    world.edit(note="of the operator")
    kept_tokens_become_current(world)
    assert '"note": "of the operator"' in world.store.current_text(NAME)


def test_an_entry_that_cannot_be_written_does_not_lose_the_tokens_in_escrow(world: World) -> None:
    down(world, "store.put_pending")
    world.calls.at("after", "escrow.put", lambda: down(world, "registry.save"))
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    kept_tokens_become_current(world)


@pytest.mark.parametrize("moment", [pytest.param("before", id="before it"), pytest.param("after", id="after it")])
def test_an_escrow_that_fails_once_is_called_again(world: World, moment: Moment) -> None:
    down(world, "store.put_pending", passing=False)
    world.calls.at(moment, "escrow.put", failing(world, "escrow.put"))
    assert world.refresh().result is Result.KEPT
    kept_tokens_become_current(world)


def test_if_store_and_escrow_fail_the_message_comes_again(world: World) -> None:
    began_at = world.clock.now
    down(world, "store.put_pending")
    down(world, "escrow.put")
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert began_at + TIMING.longest_run - world.clock.now <= RECORD_RESERVE


def test_an_escrow_that_cannot_be_emptied_does_not_stop_the_refreshes(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    world.calls.forget()
    down(world, "escrow.remove", passing=False)
    world.clock.advance(PAUSE)
    assert world.refresh(escrowed=True).result is Result.RECOVERED
    for _ in range(3):
        world.clock.advance(timedelta(minutes=45))
        assert world.refresh(escrowed=True).result is Result.REFRESHED


def test_tokens_in_escrow_are_kept_during_a_pause(world: World) -> None:
    """A paused credential is left alone; once it is resumed, the kept tokens become current first."""
    down(world, "store.put_pending")
    world.refresh()
    world.calls.forget()
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    world.clock.advance(timedelta(hours=3))
    world.set_entry(status=Status.HEALTHY, next_action_at=world.clock())
    for _ in range(2):
        world.refresh()
    assert world.current_refresh_token() == world.authority.newest
    assert len(world.authority.presented) == len(set(world.authority.presented))


@pytest.mark.parametrize("seconds", range(12))
def test_a_store_that_is_slow_at_every_call_leaves_time_for_the_escrow(world: World, seconds: int) -> None:
    """Another worker was faster, the store refuses further writes, and reading the current version takes the time."""
    write = a_rival(world, a_grant("of-the-rival", seconds=-9), promoted=True)

    def come_first() -> None:
        write()
        world.calls.at("before", "store.read", lambda: down(world, "store.put_pending"))

    slow(world, "store.describe", "store.read", "store.put_pending", "store.promote", "escrow.put")
    world.calls.at("after", "authority.refresh", lambda: world.clock.advance(timedelta(seconds=seconds)))
    world.calls.at("before", "store.put_pending", come_first)
    ends_at = world.clock() + TIMING.longest_run
    assert world.refresh().result is Result.KEPT
    assert (len(world.escrow.kept), world.clock.now < ends_at) == (1, True)


def test_a_secret_that_is_deleted_while_its_tokens_are_in_escrow_is_forgotten(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    world.calls.forget()
    world.store.delete(NAME)
    assert world.refresh(escrowed=True).result is Result.FORGOTTEN


# --- The store keeps the tokens, and does not make them current -----------------------------------------------------


def test_stored_tokens_that_cannot_be_promoted_stay_pending(world: World) -> None:
    down(world, "store.promote")
    assert world.refresh().result is Result.KEPT
    assert (world.escrow.kept, end(world), PENDING in world.store.labels(NAME)) == ({}, End.KEPT, True)
    kept_tokens_become_current(world)


def test_a_denied_promotion_is_tried_once(world: World) -> None:
    down(world, "store.promote", passing=False)
    assert world.refresh().result is Result.KEPT
    assert world.calls.count("store.promote") == 1
    kept_tokens_become_current(world)


@pytest.mark.parametrize("moment", [pytest.param("before", id="before it"), pytest.param("after", id="after it")])
@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_a_write_that_fails_once_is_repeated(world: World, call: str, moment: Moment) -> None:
    world.calls.at(moment, call, failing(world, call))
    assert world.refresh().result is Result.REFRESHED
    assert (world.current_refresh_token(), world.escrow.kept) == (world.authority.newest, {})


def test_nobody_is_notified_of_kept_tokens_while_pipelines_have_valid_ones(world: World) -> None:
    down(world, "store.promote")
    world.refresh()
    assert (world.entry().status, world.topic.alerts) == (Status.RETRYING, [])


# --- The store does not answer before the exchange ------------------------------------------------------------------


@pytest.mark.parametrize("call", ["registry.get", "registry.save", "store.describe", "store.read"])
def test_if_aws_fails_before_the_exchange_no_token_is_presented(world: World, call: str) -> None:
    down(world, call)
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert world.authority.presented == []


@pytest.mark.parametrize("call", ["store.describe", "store.read"])
def test_a_read_that_fails_once_is_repeated(world: World, call: str) -> None:
    world.calls.at("before", call, failing(world, call))
    assert world.refresh().result is Result.REFRESHED


def test_an_escrow_that_cannot_be_read_after_an_interrupted_refresh_stops_the_exchange(world: World) -> None:
    down(world, "store.put_pending")
    world.refresh()
    world.calls.forget()
    down(world, "escrow.of")
    world.clock.advance(timedelta(hours=1))
    with pytest.raises(ServiceUnavailableError):
        world.refresh()
    assert len(world.authority.presented) == 1


def test_a_secret_that_is_deleted_during_the_exchange_is_forgotten(world: World) -> None:
    world.calls.at("after", "authority.refresh", lambda: world.store.delete(NAME))
    assert world.refresh().result is Result.FORGOTTEN
    with pytest.raises(CredentialNotFoundError):
        world.store.current_text(NAME)
