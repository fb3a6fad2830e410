"""Every consent that does not end in tokens: what the page says, and what stays unchanged."""

from typing import Any

import pytest

from tests.fakes.failures import NO_ANSWER, SECRET_EXPIRED, refused, unavailable
from tests.fakes.fake_authority import DEPUTY, OWNER
from tests.fakes.world import DUE_AGE, NAME, World, arrival
from token_refresher.base.failure import ProviderFailure
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.credential.account import AccountAccess
from token_refresher.credential.status import Status
from token_refresher.providers.authorization import SignInOptions
from token_refresher.registry.open_alert import Event

ADMIN_CONSENT = refused(90094, "consent_required")


@pytest.fixture
def world() -> World:
    """A credential that works, with its first consent given by the owner."""
    world = World()
    world.manage(account_id="1234567", developer_token="planted-developer-token")
    world.consenting(person=OWNER)()
    world.topic.alerts.clear()
    return world


def refused_at_the_provider(world: World, failure: ProviderFailure) -> ConsentResult:
    """Come back from Microsoft with an error instead of a code."""
    departure = world.consent.start(NAME, world.invite(), SignInOptions())
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
        pytest.param(refused(None, "access_denied"), ConsentOutcome.REFUSED_BY_PROVIDER, id="the person said no"),
        pytest.param(
            refused(65004, "access_denied"), ConsentOutcome.REFUSED_BY_PROVIDER, id="the person did not accept"
        ),
        pytest.param(
            refused(65001, "consent_required"), ConsentOutcome.REFUSED_BY_PROVIDER, id="a permission is missing"
        ),
        pytest.param(
            refused(50076, "interaction_required"), ConsentOutcome.REFUSED_BY_PROVIDER, id="a second factor is due"
        ),
        pytest.param(refused(None, "login_required"), ConsentOutcome.REFUSED_BY_PROVIDER, id="nobody is signed in"),
        pytest.param(refused(None, "server_error"), ConsentOutcome.TRY_AGAIN_LATER, id="a fault of Microsoft's"),
        pytest.param(
            refused(None, "temporarily_unavailable"), ConsentOutcome.TRY_AGAIN_LATER, id="an outage of Microsoft's"
        ),
        pytest.param(refused(None, "something_new"), ConsentOutcome.REFUSED_BY_PROVIDER, id="an unknown error"),
        pytest.param(ADMIN_CONSENT, ConsentOutcome.OPERATOR_NEEDED, id="only an administrator may accept"),
        pytest.param(refused(None, "invalid_request"), ConsentOutcome.OPERATOR_NEEDED, id="a fault of the app"),
    ],
)
def test_an_error_of_the_authorize_endpoint(world: World, failure: ProviderFailure, ending: ConsentOutcome) -> None:
    assert refused_at_the_provider(world, failure).ending is ending


@pytest.mark.parametrize(
    ("failure", "ending"),
    [
        pytest.param(NO_ANSWER, ConsentOutcome.TRY_AGAIN_LATER, id="no answer"),
        pytest.param(unavailable(503), ConsentOutcome.TRY_AGAIN_LATER, id="an outage"),
        pytest.param(refused(70008), ConsentOutcome.CODE_EXPIRED, id="a code that has expired"),
        pytest.param(refused(54005), ConsentOutcome.CODE_EXPIRED, id="a code that was used already"),
        pytest.param(
            refused(50076, "interaction_required"), ConsentOutcome.REFUSED_BY_PROVIDER, id="a second factor is due"
        ),
        pytest.param(SECRET_EXPIRED, ConsentOutcome.OPERATOR_NEEDED, id="an expired client secret"),
    ],
)
def test_an_error_of_the_token_endpoint(world: World, failure: ProviderFailure, ending: ConsentOutcome) -> None:
    assert not_redeemed(world, failure).ending is ending


@pytest.mark.parametrize(
    ("sign_in", "ending"),
    [
        pytest.param({"with_refresh_token": False}, ConsentOutcome.NO_REFRESH_TOKEN, id="without a refresh token"),
        pytest.param(
            {"scope": "https://ads.microsoft.com/other"}, ConsentOutcome.MISSING_SCOPE, id="without the scope"
        ),
        pytest.param({"repeating_nonce": False}, ConsentOutcome.UNKNOWN_PERSON, id="of another sign-in"),
        pytest.param({"person": DEPUTY}, ConsentOutcome.OTHER_PERSON, id="of another user"),
    ],
)
def test_a_grant_that_is_not_to_be_stored(world: World, sign_in: dict[str, Any], ending: ConsentOutcome) -> None:
    before = world.store.contents(NAME)
    result = world.complete(world.go_and_return(**sign_in))
    assert (result.ending, world.store.contents(NAME)) == (ending, before)


@pytest.mark.parametrize(
    ("sign_in", "code"),
    [
        pytest.param({"with_id_token": False}, "id_token_missing", id="no ID token"),
        pytest.param({"without_claims": ("tid",)}, "id_token_incomplete", id="no tenant"),
        pytest.param({"without_claims": ("oid",)}, "id_token_incomplete", id="nobody"),
        pytest.param({"without_claims": ("nonce",)}, "id_token_incomplete", id="no nonce"),
    ],
)
def test_the_operator_is_notified_once_of_an_answer_without_an_identity(
    world: World, sign_in: dict[str, Any], code: str
) -> None:
    """The page says that another try does not help, and the operator is notified once of three tries."""
    before = world.store.contents(NAME)
    results = [world.complete(world.go_and_return(**sign_in)) for _ in range(3)]
    assert {(one.ending, one.code, one.operator_notified) for one in results} == {
        (ConsentOutcome.NO_IDENTITY, code, True)
    }
    (alert,) = world.topic.alerts
    assert (alert.event, alert.code, world.store.contents(NAME)) == (Event.OPERATOR_ACTION_REQUIRED, code, before)


def test_the_operator_is_not_notified_of_an_answer_of_another_sign_in(world: World) -> None:
    world.complete(world.go_and_return(repeating_nonce=False))
    assert world.topic.alerts == []


def test_the_operator_is_notified_of_the_end_once_a_person_can_sign_in(world: World) -> None:
    world.complete(world.go_and_return(with_id_token=False))
    assert world.complete(world.go_and_return()).ending is ConsentOutcome.CONNECTED
    notified = [alert.event for alert in world.topic.alerts]
    assert (notified[0], notified.count(Event.RECOVERED)) == (Event.OPERATOR_ACTION_REQUIRED, 1)


def test_the_page_for_a_person_without_access_has_the_id_of_the_account(world: World) -> None:
    world.ads_api.answer = AccountAccess.REFUSED
    before = world.store.contents(NAME)
    result = world.complete(world.go_and_return())
    assert (result.ending, result.username, result.account_id, world.store.contents(NAME)) == (
        ConsentOutcome.NO_ACCOUNT_ACCESS,
        OWNER.username,
        "1234567",
        before,
    )


def test_another_person_reads_both_names(world: World) -> None:
    result = world.complete(world.go_and_return(person=DEPUTY))
    assert (result.username, result.previous_username, result.person) == (
        DEPUTY.username,
        OWNER.username,
        f"{DEPUTY.tenant_id}/{DEPUTY.object_id}",
    )


def test_another_person_may_take_over_after_confirming_it(world: World) -> None:
    asked = world.complete(world.go_and_return(person=DEPUTY))
    wish = SignInOptions(accepted_person=asked.person, login_hint=asked.username)
    result = world.complete(world.go_and_return(wish, person=DEPUTY))
    identity = world.current().identity
    assert identity is not None
    assert (result.ending, identity.username) == (ConsentOutcome.CONNECTED, DEPUTY.username)


def test_the_confirmation_of_one_person_does_not_count_for_another(world: World) -> None:
    wish = SignInOptions(accepted_person="object-of-somebody-else")
    assert world.complete(world.go_and_return(wish, person=DEPUTY)).ending is ConsentOutcome.OTHER_PERSON


def test_the_operator_has_to_correct_a_scope_without_a_refresh_token(world: World) -> None:
    world.edit(scope="https://ads.microsoft.com/msads.manage")
    result = world.complete(world.go_and_return(with_refresh_token=False))
    assert (result.ending, result.code) == (ConsentOutcome.OPERATOR_NEEDED, "consent_without_refresh_token")


def test_the_operator_has_to_correct_a_document_that_breaks_during_the_sign_in(world: World) -> None:
    back = world.go_and_return()
    world.edit(tenant="../other")
    result = world.complete(back)
    assert (result.ending, "tenant" in result.cause) == (ConsentOutcome.OPERATOR_NEEDED, True)


@pytest.mark.parametrize(
    "sign_in",
    [
        pytest.param({"with_refresh_token": False}, id="without a refresh token"),
        pytest.param({"scope": "https://ads.microsoft.com/other"}, id="without the scope"),
        pytest.param({"person": DEPUTY}, id="of another user"),
    ],
)
def test_a_new_start_is_one_click_away(world: World, sign_in: dict[str, Any]) -> None:
    result = world.complete(world.go_and_return(**sign_in))
    assert result.invite
    assert result.invite.consent_generation == world.current().consent_generation


def test_the_page_of_a_refusal_is_written_for_the_person_who_can_try_again(world: World) -> None:
    result = refused_at_the_provider(world, refused(50076, "interaction_required"))
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
def test_a_new_start_asks_for_the_missing_consent(world: World, failure: ProviderFailure, prompt: str) -> None:
    assert refused_at_the_provider(world, failure).prompt == prompt


def test_the_page_of_a_paused_credential_says_that_it_is_not_renewed(world: World) -> None:
    world.set_entry(status=Status.PAUSED, next_action_at=None)
    result = world.complete(world.go_and_return())
    assert (result.ending, result.is_paused) == (ConsentOutcome.CONNECTED, True)


def test_the_same_browser_sees_the_result_of_a_failure_again(world: World) -> None:
    back = world.go_and_return(person=DEPUTY)
    first = world.complete(back)
    assert world.complete(back) == first


@pytest.mark.parametrize("failure", [refused(None, "access_denied"), NO_ANSWER, refused(70008)])
def test_a_failure_that_the_person_can_correct_makes_no_alert(world: World, failure: ProviderFailure) -> None:
    not_redeemed(world, failure)
    assert world.topic.alerts == []


def test_the_operator_is_notified_at_once_and_the_page_says_so(world: World) -> None:
    assert not_redeemed(world, SECRET_EXPIRED).operator_notified
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_the_operator_is_notified_once_however_often_a_person_tries(world: World) -> None:
    for _ in range(3):
        not_redeemed(world, SECRET_EXPIRED)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_the_operator_is_notified_once_by_consent_and_refresh_together(world: World) -> None:
    not_redeemed(world, SECRET_EXPIRED)
    world.clock.advance(DUE_AGE)
    world.edit(note="of the operator")
    world.authority.failures.append(SECRET_EXPIRED)
    world.refresh()
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_a_healthy_credential_is_refreshed_whatever_the_outcome_of_a_consent(world: World) -> None:
    next_action_at = world.entry().next_action_at
    refused_at_the_provider(world, refused(None, "invalid_request"))
    assert world.entry().next_action_at == next_action_at


def test_the_person_gets_the_page_although_the_operator_cannot_be_notified(world: World) -> None:
    world.topic.out_of_order = True
    result = not_redeemed(world, SECRET_EXPIRED)
    assert (result.ending, result.operator_notified) == (ConsentOutcome.OPERATOR_NEEDED, False)


def test_the_next_attempt_notifies_an_operator_who_could_not_be_notified(world: World) -> None:
    world.topic.out_of_order = True
    back = world.go_and_return()
    world.authority.failures.append(SECRET_EXPIRED)
    try:
        world.complete(back)
    finally:
        world.topic.out_of_order = False
    not_redeemed(world, SECRET_EXPIRED)
    assert world.topic.events == [Event.OPERATOR_ACTION_REQUIRED]


def test_the_person_gets_the_page_although_another_process_writes_the_entry(world: World) -> None:
    world.calls.at("before", "registry.save", lambda: world.set_entry(version_id="of a tick"))
    assert not_redeemed(world, SECRET_EXPIRED).ending is ConsentOutcome.OPERATOR_NEEDED


def test_a_credential_that_no_tick_has_seen_makes_no_alert(world: World) -> None:
    departure = world.consent.start(NAME, world.invite(), SignInOptions())
    state, _ = world.authority.sign_in(departure.authorize_url)
    world.registry.entries.clear()
    result = world.complete(arrival(state, departure.cookie, None, refused(None, "invalid_request")))
    assert (result.ending, result.operator_notified, world.topic.alerts) == (ConsentOutcome.OPERATOR_NEEDED, False, [])


def test_an_operator_error_before_the_first_consent_is_recorded() -> None:
    world = World()
    world.store.create(NAME, '{"client_id": "client-of-the-operator"}')
    world.dispatcher.tick()
    world.refresh()
    not_redeemed(world, SECRET_EXPIRED)
    assert world.entry().status is Status.NEEDS_OPERATOR


def test_every_outcome_of_a_consent_is_tested() -> None:
    """A new outcome needs a test; the other tests are in the files beside this one, and in test_web_faults.py."""
    here = {
        ConsentOutcome.REFUSED_BY_PROVIDER,
        ConsentOutcome.CODE_EXPIRED,
        ConsentOutcome.OPERATOR_NEEDED,
        ConsentOutcome.TRY_AGAIN_LATER,
        ConsentOutcome.NO_REFRESH_TOKEN,
        ConsentOutcome.MISSING_SCOPE,
        ConsentOutcome.UNKNOWN_PERSON,
        ConsentOutcome.NO_IDENTITY,
        ConsentOutcome.OTHER_PERSON,
        ConsentOutcome.NO_ACCOUNT_ACCESS,
    }
    there = {
        ConsentOutcome.CONNECTED,
        ConsentOutcome.CONNECTED_SOON,
        ConsentOutcome.STORE_DOWN,
        ConsentOutcome.ALREADY_DONE,
        ConsentOutcome.INVALID_INVITE,
        ConsentOutcome.EXPIRED_INVITE,
        ConsentOutcome.WITHDRAWN_INVITE,
        ConsentOutcome.UNKNOWN_STATE,
        ConsentOutcome.FOREIGN_BROWSER,
        ConsentOutcome.UNDER_WAY,
        ConsentOutcome.UNAVAILABLE,
        ConsentOutcome.ADMIN_CONSENTED,
        ConsentOutcome.ADMIN_REFUSED,
    }
    assert here | there == set(ConsentOutcome)
