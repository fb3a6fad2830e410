"""Every consent that does not end in tokens: what the person is told, and what is left untouched."""

from typing import Any

import pytest

from tests.fakes.failures import NO_ANSWER, SECRET_EXPIRED, refused, unavailable
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.world import DUE_AGE, NAME, World, arrival
from token_refresher.account import AccountAccess
from token_refresher.alert import Event
from token_refresher.authorize_request import Wish
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.failure import ProviderFailure
from token_refresher.status import Status

ADMIN_CONSENT = refused(90094, "consent_required")


@pytest.fixture
def world() -> World:
    """A credential that works, with its first consent given by the owner."""
    world = World()
    world.manage(account_id="1234567", developer_token="planted-developer-token")
    world.consenting(person=OWNER)()
    world.topic.alerts.clear()
    return world


def refused_by_microsoft(world: World, failure: ProviderFailure) -> ConsentResult:
    """Come back from Microsoft with an error instead of a code."""
    departure = world.consent.start(NAME, world.invite(), Wish())
    state, _ = world.authority.sign_in(departure.authorize_url)
    return world.complete(arrival(state, departure.cookie, None, failure))


def not_redeemed(world: World, failure: ProviderFailure) -> ConsentResult:
    """Come back with a code that the token endpoint does not take."""
    back = world.go_and_return()
    world.authority.failures.append(failure)
    return world.complete(back)


@pytest.mark.parametrize(
    ("failure", "ending"),
    [
        pytest.param(refused(None, "access_denied"), Ending.REFUSED_BY_MICROSOFT, id="the person said no"),
        pytest.param(refused(65004, "access_denied"), Ending.REFUSED_BY_MICROSOFT, id="the person did not accept"),
        pytest.param(refused(65001, "consent_required"), Ending.REFUSED_BY_MICROSOFT, id="a permission is missing"),
        pytest.param(refused(50076, "interaction_required"), Ending.REFUSED_BY_MICROSOFT, id="a second factor is due"),
        pytest.param(refused(None, "login_required"), Ending.REFUSED_BY_MICROSOFT, id="nobody is signed in"),
        pytest.param(refused(None, "server_error"), Ending.TRY_AGAIN_LATER, id="a fault of Microsoft's"),
        pytest.param(refused(None, "temporarily_unavailable"), Ending.TRY_AGAIN_LATER, id="an outage of Microsoft's"),
        pytest.param(refused(None, "something_new"), Ending.REFUSED_BY_MICROSOFT, id="an unknown error"),
        pytest.param(ADMIN_CONSENT, Ending.OPERATOR_NEEDED, id="only an administrator may accept"),
        pytest.param(refused(None, "invalid_request"), Ending.OPERATOR_NEEDED, id="a fault of the app"),
    ],
)
def test_an_error_of_the_authorize_endpoint(world: World, failure: ProviderFailure, ending: Ending) -> None:
    assert refused_by_microsoft(world, failure).ending is ending


@pytest.mark.parametrize(
    ("failure", "ending"),
    [
        pytest.param(NO_ANSWER, Ending.TRY_AGAIN_LATER, id="no answer"),
        pytest.param(unavailable(503), Ending.TRY_AGAIN_LATER, id="an outage"),
        pytest.param(refused(70008), Ending.CODE_EXPIRED, id="a code that has expired"),
        pytest.param(refused(54005), Ending.CODE_EXPIRED, id="a code that was used already"),
        pytest.param(refused(50076, "interaction_required"), Ending.REFUSED_BY_MICROSOFT, id="a second factor is due"),
        pytest.param(SECRET_EXPIRED, Ending.OPERATOR_NEEDED, id="an expired client secret"),
    ],
)
def test_an_error_of_the_token_endpoint(world: World, failure: ProviderFailure, ending: Ending) -> None:
    assert not_redeemed(world, failure).ending is ending


@pytest.mark.parametrize(
    ("sign_in", "ending"),
    [
        pytest.param({"with_refresh_token": False}, Ending.NO_REFRESH_TOKEN, id="without a refresh token"),
        pytest.param({"scope": "https://ads.microsoft.com/other"}, Ending.MISSING_SCOPE, id="without the scope"),
        pytest.param({"repeating_nonce": False}, Ending.UNKNOWN_PERSON, id="of another sign-in"),
        pytest.param({"person": DEPUTY}, Ending.OTHER_PERSON, id="of somebody else"),
    ],
)
def test_a_grant_that_is_not_to_be_stored(world: World, sign_in: dict[str, Any], ending: Ending) -> None:
    before = world.store.contents(NAME)
    result = world.complete(world.go_and_return(**sign_in))
    assert (result.ending, world.store.contents(NAME)) == (ending, before)


def test_a_person_without_access_to_the_account_is_told_which_one(world: World) -> None:
    world.ads_api.answer = AccountAccess.REFUSED
    before = world.store.contents(NAME)
    result = world.complete(world.go_and_return())
    assert (result.ending, result.username, result.account_id, world.store.contents(NAME)) == (
        Ending.NO_ACCOUNT_ACCESS,
        OWNER.username,
        "1234567",
        before,
    )


def test_somebody_else_is_told_both_names(world: World) -> None:
    result = world.complete(world.go_and_return(person=DEPUTY))
    assert (result.username, result.previous_username, result.person) == (
        DEPUTY.username,
        OWNER.username,
        f"{DEPUTY.tenant_id}/{DEPUTY.object_id}",
    )


def test_somebody_else_may_take_over_where_that_was_agreed_to(world: World) -> None:
    asked = world.complete(world.go_and_return(person=DEPUTY))
    wish = Wish(accepted_person=asked.person, login_hint=asked.username)
    result = world.complete(world.go_and_return(wish, person=DEPUTY))
    identity = world.current().identity
    assert identity is not None
    assert (result.ending, identity.username) == (Ending.CONNECTED, DEPUTY.username)


def test_what_was_agreed_to_for_one_person_is_not_for_another(world: World) -> None:
    wish = Wish(accepted_person="object-of-somebody-else")
    assert world.complete(world.go_and_return(wish, person=DEPUTY)).ending is Ending.OTHER_PERSON


def test_a_scope_that_can_bring_no_refresh_token_is_the_operators(world: World) -> None:
    world.edit(scope="https://ads.microsoft.com/msads.manage")
    result = world.complete(world.go_and_return(with_refresh_token=False))
    assert (result.ending, result.code) == (Ending.OPERATOR_NEEDED, "consent_without_refresh_token")


def test_a_document_that_breaks_during_the_sign_in_is_the_operators(world: World) -> None:
    back = world.go_and_return()
    world.edit(tenant="../other")
    result = world.complete(back)
    assert (result.ending, "tenant" in result.cause) == (Ending.OPERATOR_NEEDED, True)


@pytest.mark.parametrize(
    "sign_in",
    [
        pytest.param({"with_refresh_token": False}, id="without a refresh token"),
        pytest.param({"scope": "https://ads.microsoft.com/other"}, id="without the scope"),
        pytest.param({"person": DEPUTY}, id="of somebody else"),
    ],
)
def test_a_fresh_start_is_one_click_away(world: World, sign_in: dict[str, Any]) -> None:
    result = world.complete(world.go_and_return(**sign_in))
    assert result.invite
    assert result.invite.consent_generation == world.current().consent_generation


def test_a_refusal_is_told_to_the_person_who_has_the_button_in_front_of_them(world: World) -> None:
    result = refused_by_microsoft(world, refused(50076, "interaction_required"))
    assert (result.cause, result.action) == (
        "The organization now asks for a second factor.",
        "Sign in once more; Microsoft then asks for the second factor.",
    )


@pytest.mark.parametrize(
    ("failure", "prompt"),
    [
        pytest.param(refused(65001, "consent_required"), "consent", id="a permission is missing"),
        pytest.param(refused(50076, "interaction_required"), "", id="a second factor is due"),
    ],
)
def test_a_fresh_start_has_microsoft_ask_for_what_was_missing(
    world: World, failure: ProviderFailure, prompt: str
) -> None:
    assert refused_by_microsoft(world, failure).prompt == prompt


def test_a_consent_for_a_paused_credential_says_that_nothing_is_renewed_for_now(world: World) -> None:
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    result = world.complete(world.go_and_return())
    assert (result.ending, result.is_paused) == (Ending.CONNECTED, True)


def test_a_result_of_a_failure_is_shown_again_to_the_same_browser(world: World) -> None:
    back = world.go_and_return(person=DEPUTY)
    first = world.complete(back)
    assert world.complete(back) == first


@pytest.mark.parametrize("failure", [refused(None, "access_denied"), NO_ANSWER, refused(70008)])
def test_what_the_person_can_mend_tells_nobody_else(world: World, failure: ProviderFailure) -> None:
    not_redeemed(world, failure)
    assert world.topic.alerts == []


def test_what_the_operator_has_to_mend_is_told_at_once_and_the_page_may_say_so(world: World) -> None:
    assert not_redeemed(world, SECRET_EXPIRED).operator_told
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_what_the_operator_has_to_mend_is_told_once_however_often_it_is_tried(world: World) -> None:
    for _ in range(3):
        not_redeemed(world, SECRET_EXPIRED)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_what_the_operator_has_to_mend_is_told_once_by_the_consent_and_the_refresh_together(world: World) -> None:
    not_redeemed(world, SECRET_EXPIRED)
    world.clock.advance(DUE_AGE)
    world.edit(note="of the operator")
    world.authority.failures.append(SECRET_EXPIRED)
    world.refresh()
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_a_healthy_credential_goes_on_being_refreshed_whatever_a_consent_ends_in(world: World) -> None:
    next_action_at = world.entry().next_action_at
    refused_by_microsoft(world, refused(None, "invalid_request"))
    assert world.entry().next_action_at == next_action_at


def test_an_operator_who_cannot_be_told_does_not_cost_the_person_the_page(world: World) -> None:
    world.topic.out_of_order = True
    result = not_redeemed(world, SECRET_EXPIRED)
    assert (result.ending, result.operator_told) == (Ending.OPERATOR_NEEDED, False)


def test_an_operator_who_could_not_be_told_is_told_by_the_next_attempt(world: World) -> None:
    world.topic.out_of_order = True
    back = world.go_and_return()
    world.authority.failures.append(SECRET_EXPIRED)
    try:
        world.complete(back)
    finally:
        world.topic.out_of_order = False
    not_redeemed(world, SECRET_EXPIRED)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_a_record_that_moves_on_meanwhile_does_not_cost_the_person_the_page(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of a tick"))
    assert not_redeemed(world, SECRET_EXPIRED).ending is Ending.OPERATOR_NEEDED


def test_a_credential_that_no_tick_has_seen_tells_nobody(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), Wish())
    state, _ = world.authority.sign_in(departure.authorize_url)
    world.registry.entries.clear()
    result = world.complete(arrival(state, departure.cookie, None, refused(None, "invalid_request")))
    assert (result.ending, result.operator_told, world.topic.alerts) == (Ending.OPERATOR_NEEDED, False, [])


def test_an_operator_error_before_the_first_consent_is_recorded() -> None:
    world = World()
    world.store.create(NAME, '{"client_id": "client-of-the-operator"}')
    world.dispatcher.tick()
    world.refresh()
    not_redeemed(world, SECRET_EXPIRED)
    assert world.entry().status is Status.NEEDS_OPERATOR


def test_every_way_that_a_consent_can_end_is_tested() -> None:
    """Whoever adds an ending adds its test; the others are in the files beside this one, and in test_web_faults.py."""
    here = {
        Ending.REFUSED_BY_MICROSOFT,
        Ending.CODE_EXPIRED,
        Ending.OPERATOR_NEEDED,
        Ending.TRY_AGAIN_LATER,
        Ending.NO_REFRESH_TOKEN,
        Ending.MISSING_SCOPE,
        Ending.UNKNOWN_PERSON,
        Ending.OTHER_PERSON,
        Ending.NO_ACCOUNT_ACCESS,
    }
    there = {
        Ending.CONNECTED,
        Ending.CONNECTED_SOON,
        Ending.STORE_DOWN,
        Ending.ALREADY_DONE,
        Ending.INVALID_INVITE,
        Ending.EXPIRED_INVITE,
        Ending.WITHDRAWN_INVITE,
        Ending.UNKNOWN_STATE,
        Ending.FOREIGN_BROWSER,
        Ending.UNDER_WAY,
        Ending.UNAVAILABLE,
    }
    assert here | there == set(Ending)
