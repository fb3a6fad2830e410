"""What the page of a consent says about the advertising account, and what the registry keeps of it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.failures import refused
from tests.fakes.fake_ads_api import ACCOUNT_NAME, ads_refusal
from tests.fakes.outages import down
from tests.fakes.world import NAME, World
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.scopes import SANDBOX_SCOPE

KNOWN = KnownAccount("1234567", AccountAccess.REACHABLE, ACCOUNT_NAME, "Active")


@pytest.fixture
def world() -> World:
    return World.waiting()


def complete(world: World) -> ConsentResult:
    return world.complete(world.go_and_return())


def landing_name(world: World) -> str:
    return world.consent.landing(NAME, world.invite()).account_name


def test_the_page_of_a_consent_names_the_account_and_the_registry_keeps_the_name(world: World) -> None:
    assert (complete(world).account_name, world.entry().account) == (ACCOUNT_NAME, KNOWN)


def test_a_refresh_keeps_the_state_of_the_account(world: World) -> None:
    complete(world)
    world.clock.now = world.entry().next_action_at or world.clock.now
    world.refresh()
    assert world.entry().account == KNOWN


def test_the_landing_page_has_no_name_before_the_first_consent(world: World) -> None:
    assert not landing_name(world)


def test_the_landing_page_has_the_name_from_the_last_consent(world: World) -> None:
    complete(world)
    assert landing_name(world) == ACCOUNT_NAME


def test_the_landing_page_has_no_name_after_the_account_id_has_changed(world: World) -> None:
    complete(world)
    world.edit(account_id="7")
    assert not landing_name(world)


def test_the_landing_page_works_without_the_registry(world: World) -> None:
    complete(world)
    down(world, "registry.get")
    assert not landing_name(world)


def test_the_landing_page_of_a_credential_without_an_account_reads_no_registry(world: World) -> None:
    world.edit(account_id=None)
    world.calls.log.clear()
    assert not landing_name(world)
    assert "registry.get" not in world.calls.log


def test_the_page_for_a_person_without_access_names_the_account(world: World) -> None:
    complete(world)
    world.ads_api.answer = AccountAccess.REFUSED
    before, entry = world.store.contents(NAME), world.entry()
    result = complete(world)
    assert (result.ending, result.account_name) == (ConsentOutcome.NO_ACCOUNT_ACCESS, ACCOUNT_NAME)
    assert (world.store.contents(NAME), world.entry().account) == (before, entry.account)


@pytest.mark.parametrize("code", [106, 108, 120, 122, 123, 124, 125, 126, 1001])
def test_a_refusal_of_the_person_writes_nothing_and_says_why(world: World, code: int) -> None:
    world.ads_api.answer, world.ads_api.why = AccountAccess.REFUSED, ads_refusal(code)
    before = world.store.contents(NAME)
    result = complete(world)
    assert (result.ending, result.code, world.store.contents(NAME)) == (
        ConsentOutcome.NO_ACCOUNT_ACCESS,
        str(code),
        before,
    )


@pytest.mark.parametrize("code", [105, 109, 117, 207, 99999])
def test_a_refusal_that_is_not_the_persons_stores_the_consent_unverified_and_says_why(world: World, code: int) -> None:
    world.ads_api.answer, world.ads_api.why = AccountAccess.UNVERIFIED, ads_refusal(code)
    result = complete(world)
    why = ads_refusal(code)
    assert (result.ending, result.verified, result.cause, result.action, result.code) == (
        ConsentOutcome.CONNECTED,
        False,
        why.cause,
        why.action,
        str(code),
    )
    assert world.current_refresh_token() == world.authority.newest
    assert world.entry().account == KnownAccount("1234567")


def test_the_page_of_an_unverified_consent_has_the_name_from_before(world: World) -> None:
    complete(world)
    world.ads_api.answer = AccountAccess.UNVERIFIED
    assert complete(world).account_name == ACCOUNT_NAME


def test_a_consent_for_a_suspended_account_is_stored_and_the_page_says_so(world: World) -> None:
    world.ads_api.status = "Suspended"
    result = complete(world)
    assert (result.ending, result.verified, result.account_status) == (ConsentOutcome.CONNECTED, True, "Suspended")


def test_a_consent_for_an_account_of_another_customer_is_stored_and_the_page_names_the_customer(world: World) -> None:
    world.edit(customer_id="1")
    result = complete(world)
    assert (result.ending, result.customer_id) == (ConsentOutcome.CONNECTED, "7654321")


def test_a_consent_of_production_is_not_about_the_sandbox(world: World) -> None:
    assert (world.consent.landing(NAME, world.invite()).is_sandbox, complete(world).is_sandbox) == (False, False)


@pytest.mark.parametrize(
    ("granted", "ending"),
    [
        pytest.param(SANDBOX_SCOPE, ConsentOutcome.CONNECTED, id="granted"),
        pytest.param(
            "https://ads.microsoft.com/msads.manage", ConsentOutcome.MISSING_SCOPE, id="granted for production"
        ),
    ],
)
def test_a_consent_of_the_sandbox_says_so_and_asks_there(world: World, granted: str, ending: ConsentOutcome) -> None:
    world.edit(scope=f"{SANDBOX_SCOPE} offline_access")
    assert world.consent.landing(NAME, world.invite()).is_sandbox
    result = world.complete(world.go_and_return(scope=granted))
    assert (result.ending, result.is_sandbox) == (ending, True)
    assert world.ads_api.asked_sandbox == ([True] if ending is ConsentOutcome.CONNECTED else [])


@pytest.mark.parametrize(
    ("sign_in", "ending"),
    [
        pytest.param({}, ConsentOutcome.CONNECTED, id="connected"),
        pytest.param({"with_refresh_token": False}, ConsentOutcome.NO_REFRESH_TOKEN, id="no refresh token"),
        pytest.param({"scope": "https://ads.microsoft.com/other"}, ConsentOutcome.MISSING_SCOPE, id="no permission"),
        pytest.param({"repeating_nonce": False}, ConsentOutcome.UNKNOWN_PERSON, id="an unknown person"),
    ],
)
def test_the_page_of_every_outcome_names_the_account(
    world: World, sign_in: dict[str, Any], ending: ConsentOutcome
) -> None:
    result = world.complete(world.go_and_return(**sign_in))
    assert (result.ending, result.account_id, result.is_sandbox) == (ending, "1234567", False)


def test_a_sign_in_for_the_sandbox_that_microsoft_refuses_says_so(world: World) -> None:
    world.edit(scope=f"{SANDBOX_SCOPE} offline_access")
    back = world.go_and_return()
    result = world.complete(replace(back, code=None, failure=refused(None, "access_denied")))
    assert (result.ending, result.account_id, result.is_sandbox) == (
        ConsentOutcome.REFUSED_BY_PROVIDER,
        "1234567",
        True,
    )


def test_the_second_hit_shows_the_same_account(world: World) -> None:
    world.ads_api.status = "Suspended"
    arrival = world.go_and_return()
    assert world.complete(arrival) == world.complete(arrival)


def test_a_consent_in_escrow_records_the_state_of_the_account(world: World) -> None:
    down(world, "store.put_pending")
    result = complete(world)
    assert (result.ending, result.account_name, world.entry().account) == (
        ConsentOutcome.CONNECTED_SOON,
        ACCOUNT_NAME,
        KNOWN,
    )


def test_nothing_is_recorded_about_an_account_that_was_not_checked(world: World) -> None:
    complete(world)
    world.edit(developer_token=None)
    complete(world)
    assert world.entry().account is None
