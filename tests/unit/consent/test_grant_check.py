"""The check of a grant before it is stored."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.fake_ads_api import ACCOUNT_NAME, CUSTOMER_ID, FakeAdsApi, ads_refusal
from tests.fakes.fake_authority import FakeAuthority
from tests.fakes.fake_providers import FakeProviders
from tests.fakes.invites import invite
from tests.fakes.manual_clock import START, ManualClock
from tests.fakes.rotations import a_grant
from tests.fakes.world import AUTHORITY_URL
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.grant_check import GrantCheck
from token_refresher.consent.pending import PendingConsent
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.credential.account import AccountAccess
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.credential.scopes import SANDBOX_SCOPE
from token_refresher.providers.id_token import Fault, InvalidIdTokenError

STARTED, _, _ = PendingConsent.begin(invite("search-ads", "2026-01-01T09:00:00Z"), "", START)


def long() -> timedelta:
    return timedelta(seconds=30)


PRODUCTION = "https://ads.microsoft.com/msads.manage"
READ_ONLY = "https://ads.microsoft.com/ads.manage"
OWNER = {"username": "ads-owner@example.com", "tenant_id": "tenant", "object_id": "owner"}
CONSENTED = {"identity": {**OWNER, "consented_at": "2026-01-01T09:00:00Z"}}
ASKABLE = {"developer_token": "planted-developer-token", "account_id": "1234567"}


def a_credential(**fields: Any) -> Credential:
    return Credential.parse(json.dumps({"client_id": "client", **fields}))


def signed_in(object_id: str = "owner", **claims: Any) -> Sensitive:
    whole = {"aud": "client", "nonce": STARTED.nonce, "tid": "tenant", "oid": object_id} | claims
    payload = base64.urlsafe_b64encode(json.dumps(whole).encode()).decode().rstrip("=")
    return Sensitive(f"header.{payload}.unsigned")


def consented(**changes: Any) -> Grant:
    whole = {"scope": "https://ads.microsoft.com/msads.manage", "id_token": signed_in(), **changes}
    return replace(a_grant("of-the-consent"), **whole)


@pytest.fixture
def ads_api() -> FakeAdsApi:
    return FakeAdsApi()


@pytest.fixture
def check(ads_api: FakeAdsApi) -> GrantCheck:
    clock = ManualClock()
    return GrantCheck(FakeProviders(FakeAuthority(clock), ads_api, AUTHORITY_URL), clock)


def shown(check: GrantCheck, credential: Credential) -> ConsentResult:
    """Return the result of a good consent."""
    checked = check.check(STARTED, credential, consented(), long)
    before = ConsentResult(ConsentOutcome.CONNECTED, "search-ads", account_name="the name from before")
    return checked.described(before, credential)


def ended(check: GrantCheck, credential: Credential, grant: Grant, started: PendingConsent = STARTED) -> ConsentResult:
    with pytest.raises(ConsentEndedError) as error:
        check.check(started, credential, grant, long)
    return error.value.result


def test_any_person_may_give_the_first_consent(check: GrantCheck) -> None:
    id_token = signed_in(preferred_username="ads-owner@example.com")
    identity = check.check(STARTED, a_credential(), consented(id_token=id_token), long).identity
    assert identity == Identity("ads-owner@example.com", "tenant", "owner", START)


def test_a_reconnect_by_the_same_person_is_good(check: GrantCheck) -> None:
    identity = check.check(STARTED, a_credential(**CONSENTED), consented(), long).identity
    assert identity.object_id == "owner"


def test_a_person_who_got_another_username_is_the_same_person(check: GrantCheck) -> None:
    id_token = signed_in(preferred_username="ads-owner@new.example.com")
    identity = check.check(STARTED, a_credential(**CONSENTED), consented(id_token=id_token), long).identity
    assert identity.username == "ads-owner@new.example.com"


@pytest.mark.parametrize(
    "id_token",
    [
        pytest.param(signed_in("deputy"), id="another person"),
        pytest.param(signed_in(tid="other"), id="the same number in another tenant"),
    ],
)
def test_another_person_has_to_confirm(check: GrantCheck, id_token: Sensitive) -> None:
    result = ended(check, a_credential(**CONSENTED), consented(id_token=id_token))
    assert (result.ending, result.previous_username, result.at) == (
        ConsentOutcome.OTHER_PERSON,
        "ads-owner@example.com",
        "2026-01-01T09:00:00Z",
    )


def test_another_person_who_has_confirmed_is_good(check: GrantCheck) -> None:
    started = replace(STARTED, accepted_person="tenant/deputy")
    identity = check.check(started, a_credential(**CONSENTED), consented(id_token=signed_in("deputy")), long).identity
    assert identity.object_id == "deputy"


@pytest.mark.parametrize(
    "id_token",
    [
        pytest.param(signed_in(nonce="another"), id="it has another nonce"),
        pytest.param(signed_in(nonce="n\u00f6nce"), id="its nonce is not ASCII"),
    ],
)
def test_the_person_is_unknown_if_the_id_token_is_of_another_sign_in(check: GrantCheck, id_token: Sensitive) -> None:
    assert ended(check, a_credential(), consented(id_token=id_token)).ending is ConsentOutcome.UNKNOWN_PERSON


@pytest.mark.parametrize(
    ("id_token", "fault"),
    [
        pytest.param(None, Fault.MISSING, id="there is none"),
        pytest.param(Sensitive("no.token"), Fault.MISSING, id="it cannot be read"),
        pytest.param(signed_in(nonce=None), Fault.INCOMPLETE, id="it repeats no nonce"),
        pytest.param(signed_in(aud=None), Fault.INCOMPLETE, id="it is for nobody"),
        pytest.param(signed_in(aud="another"), Fault.FOREIGN, id="it is for another application"),
        pytest.param(signed_in(tid=None), Fault.INCOMPLETE, id="it names no tenant"),
        pytest.param(signed_in(""), Fault.INCOMPLETE, id="it names nobody"),
        pytest.param(signed_in(exp=0), Fault.OVER, id="it has ended"),
    ],
)
def test_an_id_token_without_an_identity_is_not_the_persons_fault(
    check: GrantCheck, id_token: Sensitive | None, fault: Fault
) -> None:
    with pytest.raises(InvalidIdTokenError) as caught:
        check.check(STARTED, a_credential(), consented(id_token=id_token), long)
    assert caught.value.fault is fault


def test_a_client_id_in_capitals_is_the_one_that_microsoft_writes(check: GrantCheck) -> None:
    own = "0000aaaa-11bb-cccc-dd22-eeeeee333333"
    grant = consented(id_token=signed_in(aud=own))
    assert check.check(STARTED, a_credential(client_id=own.upper()), grant, long).identity.object_id == "owner"


def test_a_person_whose_ids_were_stored_in_capitals_is_the_same(check: GrantCheck) -> None:
    tenant, person = "0000aaaa-11bb-cccc-dd22-eeeeee333333", "0000bbbb-11bb-cccc-dd22-eeeeee333333"
    stored = {"tenant_id": tenant.upper(), "object_id": person.upper(), "consented_at": "2026-01-01T09:00:00Z"}
    grant = consented(id_token=signed_in(person, tid=tenant))
    identity = check.check(STARTED, a_credential(identity=stored), grant, long).identity
    assert (identity.tenant_id, identity.object_id) == (tenant, person)


def test_a_grant_without_a_refresh_token_is_incomplete(check: GrantCheck) -> None:
    assert ended(check, a_credential(), consented(refresh_token=None)).ending is ConsentOutcome.NO_REFRESH_TOKEN


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        pytest.param("one two offline_access", "one", id="one of two"),
        pytest.param("one offline_access", "other", id="another one"),
        pytest.param("one offline_access", "", id="none"),
        pytest.param(f"{PRODUCTION} offline_access", READ_ONLY, id="another permission of Microsoft Advertising"),
        pytest.param(f"{SANDBOX_SCOPE} offline_access", PRODUCTION, id="that of production for the sandbox"),
        pytest.param(f"{PRODUCTION} offline_access", SANDBOX_SCOPE, id="that of the sandbox for production"),
    ],
)
def test_a_grant_with_less_scope_than_requested_is_incomplete(check: GrantCheck, asked: str, granted: str) -> None:
    assert ended(check, a_credential(scope=asked), consented(scope=granted)).ending is ConsentOutcome.MISSING_SCOPE


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        pytest.param("one offline_access", "one", id="the answer leaves out what is about the sign-in"),
        pytest.param("one offline_access", "two one openid", id="more was granted, in another order"),
        pytest.param("https://ads.microsoft.com/MSADS.manage", PRODUCTION, id="the answer has it in small letters"),
        pytest.param("one OFFLINE_ACCESS OpenID", "One", id="what is about the sign-in is in capitals"),
        pytest.param(f"{SANDBOX_SCOPE} offline_access", SANDBOX_SCOPE, id="the permission of the sandbox"),
        pytest.param("openid profile email offline_access", "", id="nothing but the sign-in was asked for"),
    ],
)
def test_a_grant_with_the_requested_scope_is_complete(check: GrantCheck, asked: str, granted: str) -> None:
    identity = check.check(STARTED, a_credential(scope=asked), consented(scope=granted), long).identity
    assert identity.object_id == "owner"


def test_a_confirmed_access_names_the_account_and_nothing_that_is_wrong(check: GrantCheck) -> None:
    result = shown(check, a_credential(**ASKABLE))
    assert result == ConsentResult(ConsentOutcome.CONNECTED, "search-ads", account_name=ACCOUNT_NAME, verified=True)


def test_an_outage_leaves_a_good_consent_unverified_and_says_why(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.UNVERIFIED
    result = shown(check, a_credential(**ASKABLE))
    assert (result.ending, result.verified, result.account_name) == (
        ConsentOutcome.CONNECTED,
        False,
        "the name from before",
    )
    assert (result.code, result.action) == (
        "ads_unavailable",
        "Nothing: it is asked again with the next refresh.",
    )


def test_a_developer_token_that_is_not_accepted_leaves_the_consent_unverified_and_says_whose_it_is(
    check: GrantCheck, ads_api: FakeAdsApi
) -> None:
    """Directly after a sign-in 105 is most likely not the person's."""
    ads_api.answer, ads_api.why = AccountAccess.UNVERIFIED, ads_refusal(105)
    result = shown(check, a_credential(**ASKABLE))
    assert (result.verified, result.code) == (False, "105")
    assert "developer token" in result.cause
    assert result.action.startswith("The operator")


@pytest.mark.parametrize("status", ["Inactive", "Suspended", "Pause", "Pending", "Draft"])
def test_a_consent_for_an_inactive_account_is_accepted_and_the_status_named(
    check: GrantCheck, ads_api: FakeAdsApi, status: str
) -> None:
    ads_api.status = status
    result = shown(check, a_credential(**ASKABLE))
    assert (result.verified, result.account_status) == (True, status)


@pytest.mark.parametrize(
    ("customer", "named"),
    [
        pytest.param({}, "", id="the secret names none"),
        pytest.param({"customer_id": CUSTOMER_ID}, "", id="the secret names the same"),
        pytest.param({"customer_id": "1"}, CUSTOMER_ID, id="the secret names the one of an agency"),
    ],
)
def test_the_customer_of_the_account_is_named_if_the_secret_names_another(
    check: GrantCheck, customer: dict[str, str], named: str
) -> None:
    result = shown(check, a_credential(**ASKABLE, **customer))
    assert (result.verified, result.customer_id) == (True, named)


def test_a_customer_that_is_not_known_is_no_other_customer(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.UNVERIFIED
    assert not shown(check, a_credential(**ASKABLE, customer_id="1")).customer_id


def test_no_access_names_the_account_by_its_former_name(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.REFUSED
    with pytest.raises(ConsentEndedError) as error:
        check.check(STARTED, a_credential(**ASKABLE), consented(), long, ACCOUNT_NAME)
    assert error.value.result.account_name == ACCOUNT_NAME


def test_no_access_to_the_account_names_the_person(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.REFUSED
    id_token = signed_in(preferred_username="ads-owner@example.com")
    result = ended(check, a_credential(**ASKABLE), consented(id_token=id_token))
    assert (result.ending, result.username) == (ConsentOutcome.NO_ACCOUNT_ACCESS, "ads-owner@example.com")


@pytest.mark.parametrize(
    "changes",
    [pytest.param({"refresh_token": None}, id="no refresh token"), pytest.param({"scope": ""}, id="no permission")],
)
def test_an_incomplete_grant_names_the_person_who_signs_in_again(check: GrantCheck, changes: dict[str, Any]) -> None:
    """Microsoft then proposes this person, and not the last one."""
    id_token = signed_in(preferred_username="ads-owner@example.com")
    assert ended(check, a_credential(), consented(id_token=id_token, **changes)).username == "ads-owner@example.com"
    assert ended(check, a_credential(), consented(id_token=None, **changes)).username == ""


def test_no_access_to_the_account_says_why_and_what_to_do(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.REFUSED
    result = ended(check, a_credential(**ASKABLE), consented())
    why = ads_refusal(106)
    assert (result.cause, result.action, result.code) == (why.cause, why.action, why.code)


@pytest.mark.parametrize("missing", ["developer_token", "account_id"])
def test_without_an_account_id_or_a_developer_token_the_account_is_not_checked(
    check: GrantCheck, ads_api: FakeAdsApi, missing: str
) -> None:
    fields = {key: value for key, value in ASKABLE.items() if key != missing}
    ads_api.answer = AccountAccess.REFUSED
    checked = check.check(STARTED, a_credential(**fields), consented(), long)
    assert (checked.answer, ads_api.asked) == (None, [])


def test_an_account_that_is_not_checked_is_not_unverified(check: GrantCheck) -> None:
    assert shown(check, a_credential()).verified


def test_the_account_is_not_checked_for_a_person_who_is_refused(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    ended(check, a_credential(**CONSENTED, **ASKABLE), consented(id_token=signed_in("deputy")))
    assert ads_api.asked == []


def test_every_refusal_offers_a_new_start_of_the_same_consent(check: GrantCheck) -> None:
    assert ended(check, a_credential(**CONSENTED), consented(refresh_token=None)).invite == STARTED.invite


@pytest.mark.parametrize(
    ("scope", "is_sandbox"),
    [
        pytest.param(f"{PRODUCTION} offline_access", False, id="production"),
        pytest.param(f"{SANDBOX_SCOPE} offline_access", True, id="the sandbox"),
    ],
)
def test_the_scope_decides_which_environment_is_asked(
    check: GrantCheck, ads_api: FakeAdsApi, scope: str, is_sandbox: bool
) -> None:
    granted = consented(scope=scope.split(maxsplit=1)[0])
    check.check(STARTED, a_credential(**ASKABLE, scope=scope), granted, long)
    assert ads_api.asked_sandbox == [is_sandbox]


def test_a_check_without_enough_time_is_left_out_and_the_consent_kept(check: GrantCheck, ads_api: FakeAdsApi) -> None:
    checked = check.check(STARTED, a_credential(**ASKABLE), consented(), lambda: timedelta(seconds=19))
    assert checked.answer is not None
    assert (checked.answer.access, ads_api.asked) == (AccountAccess.UNVERIFIED, [])
