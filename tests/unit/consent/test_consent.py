"""A consent that works, from the link to the stored tokens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.fake_authority import OWNER
from tests.fakes.world import NAME, World, arrival
from token_refresher.base.clock import to_rfc3339
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.credential.account import AccountAccess
from token_refresher.credential.status import Status
from token_refresher.providers.authorization import SignInOptions
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Result


@pytest.fixture
def world() -> World:
    return World.waiting()


def complete(world: World) -> ConsentResult:
    return world.complete(world.go_and_return())


def test_a_consent_ends_connected(world: World) -> None:
    result = complete(world)
    assert (result.ending, result.credential, result.username, result.account_id, result.verified) == (
        ConsentOutcome.CONNECTED,
        NAME,
        OWNER.username,
        "1234567",
        True,
    )


def test_the_result_says_until_when_the_token_lasts(world: World) -> None:
    assert complete(world).at == to_rfc3339(world.clock() + timedelta(hours=1))


def test_a_consent_stores_its_tokens(world: World) -> None:
    complete(world)
    assert world.current_refresh_token() == world.authority.newest


def test_a_consent_stores_who_gave_it(world: World) -> None:
    complete(world)
    identity = world.current().identity
    assert identity is not None
    assert (identity.username, identity.object_id, identity.consented_at) == (
        OWNER.username,
        OWNER.object_id,
        world.clock(),
    )


def test_a_consent_is_recorded_as_healthy(world: World) -> None:
    complete(world)
    assert (world.entry().status, world.entry().version_id) == (Status.HEALTHY, world.current_version())


def test_after_a_consent_the_refresh_has_nothing_to_do(world: World) -> None:
    complete(world)
    assert world.refresh().result is Result.NOT_DUE


def test_the_tokens_of_a_consent_are_refreshed_like_any_other(world: World) -> None:
    complete(world)
    world.clock.advance(timedelta(minutes=45))
    assert world.refresh().result is Result.REFRESHED


def test_people_are_notified_of_a_first_consent_as_connected(world: World) -> None:
    complete(world)
    assert world.topic.events == [Event.CONNECTED]


def test_people_are_notified_of_a_consent_after_an_incident_as_recovered(world: World) -> None:
    complete(world)
    world.authority.revoke(world.authority.newest)
    world.clock.advance(timedelta(minutes=45))
    world.refresh()
    complete(world)
    assert world.topic.events == [Event.CONNECTED, Event.RECONSENT_REQUIRED, Event.RECOVERED]


def test_a_consent_keeps_every_other_key(world: World) -> None:
    world.edit(note="of the operator")
    complete(world)
    assert '"note": "of the operator"' in world.store.current_text(NAME)


def test_the_account_is_checked_with_the_new_token(world: World) -> None:
    complete(world)
    access_token = world.current().access_token
    assert access_token is not None
    assert world.ads_api.asked == [(access_token.reveal(), "planted-developer-token", "1234567")]


def test_an_outage_of_the_ads_api_does_not_cost_a_good_consent(world: World) -> None:
    world.ads_api.answer = AccountAccess.UNVERIFIED
    result = complete(world)
    assert (result.ending, result.verified, world.current_refresh_token()) == (
        ConsentOutcome.CONNECTED,
        False,
        world.authority.newest,
    )


def test_the_landing_page_names_the_account(world: World) -> None:
    landing = world.consent.landing(NAME, world.invite())
    assert (landing.credential, landing.account_id, landing.last_username) == (NAME, "1234567", "")


def test_the_landing_page_names_who_consented_last(world: World) -> None:
    complete(world)
    landing = world.consent.landing(NAME, world.invite())
    assert (landing.last_username, landing.last_consented_at) == (OWNER.username, to_rfc3339(world.clock()))


def test_opening_the_link_consumes_and_changes_nothing(world: World) -> None:
    invite = world.invite()
    entry, contents = world.entry(), world.store.contents(NAME)
    for _ in range(3):
        world.consent.landing(NAME, invite)
    assert (world.consents.started, world.entry(), world.store.contents(NAME)) == ({}, entry, contents)


def test_a_link_that_scanners_opened_still_works(world: World) -> None:
    invite = world.invite()
    world.consent.landing(NAME, invite)
    departure = world.consent.start(NAME, invite, SignInOptions())
    state, code = world.authority.sign_in(departure.authorize_url)
    assert world.complete(arrival(state, departure.cookie, code)).ending is ConsentOutcome.CONNECTED


def test_the_repr_of_a_redirect_holds_neither_the_state_nor_the_cookie(world: World) -> None:
    assert repr(world.consent.start(NAME, world.invite(), SignInOptions())) == "AuthorizationRedirect()"


def test_a_pending_sign_in_survives_a_change_of_the_public_url(world: World) -> None:
    """Microsoft redeems a code only with the redirect URI of its request (RFC 6749, section 4.1.3)."""
    back = world.go_and_return()
    world.public_url = "https://another.example.com"
    assert world.complete(back).ending is ConsentOutcome.CONNECTED


def test_a_sign_in_that_an_earlier_version_began_is_finished(world: World) -> None:
    back = world.go_and_return()
    (started,) = world.consents.started.values()
    world.consents.started[started.state_digest] = replace(started, redirect_uri="")
    assert world.complete(back).ending is ConsentOutcome.CONNECTED


def test_a_client_id_in_capitals_connects(world: World) -> None:
    """The console and Terraform write it like that; Microsoft answers in small letters."""
    world.edit(client_id="0000AAAA-11BB-CCCC-DD22-EEEEEE333333")
    assert complete(world).ending is ConsentOutcome.CONNECTED
    assert world.entry().client_id == "0000aaaa-11bb-cccc-dd22-eeeeee333333"
    assert '"0000AAAA-11BB-CCCC-DD22-EEEEEE333333"' in world.store.current_text(NAME)
