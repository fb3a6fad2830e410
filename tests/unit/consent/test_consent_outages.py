"""Outages of AWS during a consent: what the page says, and where the tokens are."""

from datetime import timedelta
from typing import NoReturn

import pytest

from tests.fakes.calls import KilledError, kill
from tests.fakes.failures import REVOKED, refused
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.outages import down
from tests.fakes.world import NAME, TIMING, World
from token_refresher.base.errors import ServiceUnavailableError, VersionNotFoundError
from token_refresher.base.failure import ProviderFailure
from token_refresher.consent.result import ConsentOutcome
from token_refresher.credential.status import Status
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result
from token_refresher.rotation.intent import End

PAUSE = timedelta(seconds=30)


@pytest.fixture
def world() -> World:
    """A credential that works, and whose token is due."""
    world = World()
    world.manage()
    return world


def user(world: World) -> str:
    identity = world.current().identity
    return identity.username if identity else ""


# --- The intent -----------------------------------------------------------------------------------------------------


def test_the_intent_is_recorded_before_the_code_is_used_up(world: World) -> None:
    seen = []
    world.calls.at("before", "authority.redeem", lambda: seen.append(world.entry().intent))
    world.complete(world.go_and_return())
    assert seen[0] is not None
    assert (seen[0].is_consent, seen[0].end) == (True, End.OPEN)


@pytest.mark.parametrize("failure", [REVOKED, refused(70008)], ids=["revoked", "an expired code"])
def test_the_intent_of_a_code_that_was_refused_is_taken_back(world: World, failure: ProviderFailure) -> None:
    back = world.go_and_return()
    world.authority.failures.append(failure)
    world.complete(back)
    assert world.entry().intent is None


def test_the_intent_of_a_grant_that_is_not_to_be_stored_is_taken_back(world: World) -> None:
    world.consenting(person=OWNER)()
    before = world.entry().intent
    result = world.complete(world.go_and_return(person=DEPUTY))
    assert (result.ending, world.entry().intent) == (ConsentOutcome.OTHER_PERSON, before)


def test_a_refusal_by_microsoft_records_no_intent(world: World) -> None:
    before = world.entry()
    back = world.go_and_return()
    world.complete(type(back)(back.state, back.cookie, None, refused(None, "access_denied")))
    assert world.entry().intent == before.intent


def test_a_refresh_waits_while_a_code_is_exchanged(world: World) -> None:
    results = []
    world.calls.at("before", "authority.redeem", lambda: results.append(world.refresh().result))
    world.complete(world.go_and_return())
    assert (results, world.authority.presented) == ([Result.UNDER_WAY], [])


def test_a_refresh_goes_on_once_a_code_was_refused(world: World) -> None:
    back = world.go_and_return()
    world.authority.failures.append(refused(70008))
    world.complete(back)
    assert world.refresh().result is Result.REFRESHED


# --- The store takes nothing ----------------------------------------------------------------------------------------


def test_a_consent_that_the_store_does_not_take_is_connected_soon(world: World) -> None:
    down(world, "store.put_pending")
    result = world.complete(world.go_and_return())
    assert (result.ending, result.username, len(world.escrow.kept)) == (
        ConsentOutcome.CONNECTED_SOON,
        OWNER.username,
        1,
    )


def test_a_consent_that_was_stored_and_not_promoted_is_connected_soon(world: World) -> None:
    down(world, "store.promote")
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED_SOON


@pytest.mark.parametrize("call", ["store.put_pending", "store.promote"])
def test_the_next_refresh_makes_the_consent_current(world: World, call: str) -> None:
    down(world, call)
    world.complete(world.go_and_return())
    world.calls.forget()
    assert world.refresh().result is Result.RECOVERED
    assert (user(world), world.current_refresh_token()) == (OWNER.username, world.authority.newest)
    assert (world.escrow.kept, world.entry().status, world.authority.presented) == ({}, Status.HEALTHY, [])


def test_a_consent_in_escrow_is_asked_for_by_the_next_tick(world: World) -> None:
    down(world, "store.put_pending")
    world.complete(world.go_and_return())
    world.dispatcher.tick()
    assert NAME in world.queue.names


def test_a_consent_in_escrow_wins_over_a_refresh_that_finished_in_between(world: World) -> None:
    """The refresh of another worker that began before the consent."""
    refresh = world.refresh

    def consent_meets_an_outage() -> None:
        down(world, "store.put_pending")
        assert world.complete(world.go_and_return(person=DEPUTY)).ending is ConsentOutcome.CONNECTED_SOON
        world.calls.forget()

    world.calls.at("before", "authority.refresh", consent_meets_an_outage)
    refresh(time_left=timedelta(minutes=10))
    world.clock.advance(TIMING.lease)
    refresh(escrowed=True)
    assert (user(world), world.authority.family_of(world.current_refresh_token())) == (DEPUTY.username, 1)
    assert world.escrow.kept == {}


def test_a_consent_in_escrow_ends_the_incident_once_it_is_current(world: World) -> None:
    world.authority.failures.append(REVOKED)
    world.refresh()
    down(world, "store.put_pending")
    world.complete(world.go_and_return())
    world.calls.forget()
    world.refresh()
    assert world.topic.events == [Event.RECONSENT_REQUIRED, Event.RECOVERED]
    assert (world.entry().status, world.entry().alert) == (Status.HEALTHY, None)


def test_the_page_that_promises_it_soon_is_shown_again_to_the_same_browser(world: World) -> None:
    down(world, "store.put_pending")
    back = world.go_and_return()
    assert world.complete(back) == world.complete(back)


def test_a_first_consent_in_escrow_becomes_current() -> None:
    world = World.waiting()
    down(world, "store.put_pending")
    world.complete(world.go_and_return())
    world.calls.forget()
    assert world.refresh().result is Result.RECOVERED
    assert (user(world), world.current_refresh_token()) == (OWNER.username, world.authority.newest)


# --- Nothing takes anything -----------------------------------------------------------------------------------------


def test_without_the_store_and_the_escrow_the_person_is_asked_to_sign_in_again_later(world: World) -> None:
    down(world, "store.put_pending")
    down(world, "escrow.put")
    result = world.complete(world.go_and_return())
    assert (result.ending, result.credential) == (ConsentOutcome.STORE_DOWN, NAME)
    assert result.invite
    assert result.invite.consent_generation == world.current().consent_generation


def test_without_the_store_and_the_escrow_the_old_tokens_stay(world: World) -> None:
    before = world.store.contents(NAME)
    down(world, "store.put_pending")
    down(world, "escrow.put")
    world.complete(world.go_and_return())
    world.calls.forget()
    assert world.store.contents(NAME) == before
    world.clock.advance(TIMING.lease)
    assert world.refresh().result is Result.REFRESHED


def test_without_the_registry_the_code_is_not_used_up(world: World) -> None:
    back = world.go_and_return()
    down(world, "registry.save")
    assert world.complete(back).ending is ConsentOutcome.STORE_DOWN
    assert world.calls.count("authority.redeem") == 0


@pytest.mark.parametrize("call", ["store.describe", "store.read"])
def test_without_the_store_the_code_is_not_used_up(world: World, call: str) -> None:
    back = world.go_and_return()
    down(world, call)
    assert world.complete(back).ending is ConsentOutcome.STORE_DOWN
    assert world.calls.count("authority.redeem") == 0


def test_a_registry_that_goes_down_during_the_exchange_does_not_cost_the_consent(world: World) -> None:
    back = world.go_and_return()
    world.calls.at("before", "authority.redeem", lambda: down(world, "registry.save"))
    assert world.complete(back).ending is ConsentOutcome.CONNECTED
    assert world.current_refresh_token() == world.authority.newest


def test_a_page_that_only_reads_does_not_wait_for_a_store_that_is_down(world: World) -> None:
    invite, began_at = world.invite(), world.clock.now
    down(world, "store.describe")
    with pytest.raises(ServiceUnavailableError):
        world.consent.landing(NAME, invite)
    assert world.clock.now - began_at < timedelta(seconds=5)


# --- The secret is not what it was ------------------------------------------------------------------------------------


def test_a_consent_for_a_secret_that_was_deleted_during_the_exchange_still_gets_a_page(world: World) -> None:
    back = world.go_and_return()
    world.calls.at("after", "authority.redeem", lambda: world.store.delete(NAME))
    assert world.complete(back).ending is ConsentOutcome.UNKNOWN_STATE


def test_a_consent_for_a_document_that_was_broken_between_the_writes_is_connected_soon(world: World) -> None:
    before = world.store.current_text(NAME)
    world.calls.at("before", "store.promote", lambda: world.store.edit(NAME, "{}"))
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED_SOON
    world.store.edit(NAME, before)
    assert world.refresh().result is Result.RECOVERED
    assert (user(world), world.current_refresh_token()) == (OWNER.username, world.authority.newest)


def test_a_consent_for_a_version_that_cannot_be_seen_yet_is_to_be_given_a_little_later(world: World) -> None:
    """Secrets Manager is eventually consistent: the label may be seen before the version that it is on."""

    def unseen() -> NoReturn:
        raise VersionNotFoundError(NAME)

    back = world.go_and_return()
    world.calls.at("before", "store.read", unseen)
    assert world.complete(back).ending is ConsentOutcome.STORE_DOWN
    assert world.calls.count("authority.redeem") == 0


# --- It dies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        ("store.put_pending", "after"),
        ("store.promote", "before"),
        ("store.promote", "after"),
        ("registry.save", "before"),
        ("registry.save", "after"),
        ("topic.publish", "before"),
        ("topic.publish", "after"),
    ],
)
def test_a_consent_that_died_after_its_tokens_were_stored_is_current_after_the_next_run(
    world: World, call: str, moment: str
) -> None:
    back = world.go_and_return()
    number = 2 if call == "registry.save" else 1
    world.calls.at("before" if moment == "before" else "after", call, kill, number=number)
    with pytest.raises(KilledError):
        world.complete(back)
    world.refresh()
    assert (user(world), world.current_refresh_token()) == (OWNER.username, world.authority.newest)
    assert (world.entry().status, world.authority.presented) == (Status.HEALTHY, [])


def test_a_code_exchange_that_died_without_a_trace_delays_refreshes_for_the_lease_only(
    world: World,
) -> None:
    back = world.go_and_return()
    world.calls.at("after", "authority.redeem", kill)
    with pytest.raises(KilledError):
        world.complete(back)
    assert world.refresh().result is Result.UNDER_WAY
    world.clock.advance(TIMING.lease)
    assert world.refresh().result is Result.REFRESHED
