import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.fakes.fake_ads_api import ACCOUNT_NAME, CUSTOMER_ID, FakeAdsApi, ads_refusal
from tests.fakes.invites import invite
from tests.fakes.manual_clock import START, ManualClock
from tests.fakes.rotations import a_grant
from token_refresher.account import AccountAccess
from token_refresher.account_check import AccountCheck
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending
from token_refresher.consents import StartedConsent
from token_refresher.credential import SANDBOX_SCOPE, Credential
from token_refresher.grant import Grant, Identity
from token_refresher.sensitive import Sensitive

if TYPE_CHECKING:
    from token_refresher.ads_api import AdsApi

STARTED, _, _ = StartedConsent.begin(invite("search-ads", "2026-01-01T09:00:00Z"), "", START)


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
def check(ads_api: FakeAdsApi) -> AccountCheck:
    return AccountCheck(cast("AdsApi", ads_api), ManualClock())


def shown(check: AccountCheck, credential: Credential) -> ConsentResult:
    """Return what the page of a good consent says."""
    checked = check.check(STARTED, credential, consented(), long)
    before = ConsentResult(Ending.CONNECTED, "search-ads", account_name="the name from before")
    return checked.described(before, credential)


def ended(
    check: AccountCheck, credential: Credential, grant: Grant, started: StartedConsent = STARTED
) -> ConsentResult:
    with pytest.raises(ConsentEndedError) as error:
        check.check(started, credential, grant, long)
    return error.value.result


def test_a_first_consent_may_be_anybodys(check: AccountCheck) -> None:
    id_token = signed_in(preferred_username="ads-owner@example.com")
    identity = check.check(STARTED, a_credential(), consented(id_token=id_token), long).identity
    assert identity == Identity("ads-owner@example.com", "tenant", "owner", START)


def test_a_reconnect_by_the_same_person_is_good(check: AccountCheck) -> None:
    identity = check.check(STARTED, a_credential(**CONSENTED), consented(), long).identity
    assert identity.object_id == "owner"


def test_a_person_who_got_another_username_is_the_same_person(check: AccountCheck) -> None:
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
def test_somebody_else_is_asked_about(check: AccountCheck, id_token: Sensitive) -> None:
    result = ended(check, a_credential(**CONSENTED), consented(id_token=id_token))
    assert (result.ending, result.previous_username, result.at) == (
        Ending.OTHER_PERSON,
        "ads-owner@example.com",
        "2026-01-01T09:00:00Z",
    )


def test_somebody_else_who_was_accepted_is_good(check: AccountCheck) -> None:
    started = replace(STARTED, accepted_person="tenant/deputy")
    identity = check.check(started, a_credential(**CONSENTED), consented(id_token=signed_in("deputy")), long).identity
    assert identity.object_id == "deputy"


@pytest.mark.parametrize(
    "id_token",
    [
        pytest.param(None, id="there is none"),
        pytest.param(Sensitive("no.token"), id="it cannot be read"),
        pytest.param(signed_in(nonce="another"), id="it is of another sign-in"),
        pytest.param(signed_in(aud="another"), id="it is for another application"),
        pytest.param(signed_in(""), id="it names nobody"),
    ],
)
def test_a_person_is_unknown_where_the_id_token_does_not_tell(check: AccountCheck, id_token: Sensitive | None) -> None:
    assert ended(check, a_credential(), consented(id_token=id_token)).ending is Ending.UNKNOWN_PERSON


def test_a_grant_without_a_refresh_token_is_not_whole(check: AccountCheck) -> None:
    assert ended(check, a_credential(), consented(refresh_token=None)).ending is Ending.NO_REFRESH_TOKEN


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
def test_a_grant_of_less_than_was_asked_for_is_not_whole(check: AccountCheck, asked: str, granted: str) -> None:
    assert ended(check, a_credential(scope=asked), consented(scope=granted)).ending is Ending.MISSING_SCOPE


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        pytest.param("one offline_access", "one", id="the answer leaves out what is about the sign-in"),
        pytest.param("one offline_access", "two one openid", id="more was granted, in another order"),
        pytest.param(f"{SANDBOX_SCOPE} offline_access", SANDBOX_SCOPE, id="the permission of the sandbox"),
        pytest.param("openid profile email offline_access", "", id="nothing but the sign-in was asked for"),
    ],
)
def test_a_grant_of_all_that_was_asked_for_is_whole(check: AccountCheck, asked: str, granted: str) -> None:
    identity = check.check(STARTED, a_credential(scope=asked), consented(scope=granted), long).identity
    assert identity.object_id == "owner"


def test_a_confirmed_access_names_the_account_and_nothing_that_is_wrong(check: AccountCheck) -> None:
    result = shown(check, a_credential(**ASKABLE))
    assert result == ConsentResult(Ending.CONNECTED, "search-ads", account_name=ACCOUNT_NAME, verified=True)


def test_an_outage_leaves_a_good_consent_unverified_and_says_why(check: AccountCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.UNVERIFIED
    result = shown(check, a_credential(**ASKABLE))
    assert (result.ending, result.verified, result.account_name) == (
        Ending.CONNECTED,
        False,
        "the name from before",
    )
    assert (result.code, result.action) == (
        "ads_unavailable",
        "Nothing: it is asked again with the next refresh.",
    )


def test_a_developer_token_that_is_not_accepted_leaves_the_consent_unverified_and_says_whose_it_is(
    check: AccountCheck, ads_api: FakeAdsApi
) -> None:
    """Directly after a sign-in 105 is most likely not the person's."""
    ads_api.answer, ads_api.why = AccountAccess.UNVERIFIED, ads_refusal(105)
    result = shown(check, a_credential(**ASKABLE))
    assert (result.verified, result.code) == (False, "105")
    assert "developer token" in result.cause
    assert result.action.startswith("The operator")


@pytest.mark.parametrize("status", ["Inactive", "Suspended", "Pause", "Pending", "Draft"])
def test_an_account_that_is_not_active_is_no_reason_to_refuse_and_is_named(
    check: AccountCheck, ads_api: FakeAdsApi, status: str
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
def test_the_customer_of_the_account_is_named_where_the_secret_names_another(
    check: AccountCheck, customer: dict[str, str], named: str
) -> None:
    result = shown(check, a_credential(**ASKABLE, **customer))
    assert (result.verified, result.customer_id) == (True, named)


def test_a_customer_that_is_not_known_is_no_other_customer(check: AccountCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.UNVERIFIED
    assert not shown(check, a_credential(**ASKABLE, customer_id="1")).customer_id


def test_no_access_names_the_account_as_it_was_called_before(check: AccountCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.REFUSED
    with pytest.raises(ConsentEndedError) as error:
        check.check(STARTED, a_credential(**ASKABLE), consented(), long, ACCOUNT_NAME)
    assert error.value.result.account_name == ACCOUNT_NAME


def test_no_access_to_the_account_names_the_person(check: AccountCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.REFUSED
    id_token = signed_in(preferred_username="ads-owner@example.com")
    result = ended(check, a_credential(**ASKABLE), consented(id_token=id_token))
    assert (result.ending, result.username) == (Ending.NO_ACCOUNT_ACCESS, "ads-owner@example.com")


@pytest.mark.parametrize(
    "changes",
    [pytest.param({"refresh_token": None}, id="no refresh token"), pytest.param({"scope": ""}, id="no permission")],
)
def test_a_grant_that_is_not_whole_names_the_person_who_signs_in_once_more(
    check: AccountCheck, changes: dict[str, Any]
) -> None:
    """Microsoft proposes them then, and not the person of last time."""
    id_token = signed_in(preferred_username="ads-owner@example.com")
    assert ended(check, a_credential(), consented(id_token=id_token, **changes)).username == "ads-owner@example.com"
    assert ended(check, a_credential(), consented(id_token=None, **changes)).username == ""


def test_no_access_to_the_account_says_why_and_what_to_do(check: AccountCheck, ads_api: FakeAdsApi) -> None:
    ads_api.answer = AccountAccess.REFUSED
    result = ended(check, a_credential(**ASKABLE), consented())
    why = ads_refusal(106)
    assert (result.cause, result.action, result.code) == (why.cause, why.action, why.code)


@pytest.mark.parametrize("missing", ["developer_token", "account_id"])
def test_without_anything_to_ask_nothing_is_asked(check: AccountCheck, ads_api: FakeAdsApi, missing: str) -> None:
    fields = {key: value for key, value in ASKABLE.items() if key != missing}
    ads_api.answer = AccountAccess.REFUSED
    checked = check.check(STARTED, a_credential(**fields), consented(), long)
    assert (checked.answer, ads_api.asked) == (None, [])


def test_where_nothing_is_asked_there_is_nothing_to_verify(check: AccountCheck) -> None:
    assert shown(check, a_credential()).verified


def test_the_account_is_not_asked_about_for_somebody_who_is_not_accepted(
    check: AccountCheck, ads_api: FakeAdsApi
) -> None:
    ended(check, a_credential(**CONSENTED, **ASKABLE), consented(id_token=signed_in("deputy")))
    assert ads_api.asked == []


def test_every_ending_offers_a_fresh_start_of_the_same_consent(check: AccountCheck) -> None:
    assert ended(check, a_credential(**CONSENTED), consented(refresh_token=None)).invite == STARTED.invite


@pytest.mark.parametrize(
    ("scope", "is_sandbox"),
    [
        pytest.param(f"{PRODUCTION} offline_access", False, id="production"),
        pytest.param(f"{SANDBOX_SCOPE} offline_access", True, id="the sandbox"),
    ],
)
def test_the_scope_decides_which_environment_is_asked(
    check: AccountCheck, ads_api: FakeAdsApi, scope: str, is_sandbox: bool
) -> None:
    granted = consented(scope=scope.split(maxsplit=1)[0])
    check.check(STARTED, a_credential(**ASKABLE, scope=scope), granted, long)
    assert ads_api.asked_sandbox == [is_sandbox]


def test_a_check_that_may_not_end_in_time_is_left_out_and_the_consent_kept(
    check: AccountCheck, ads_api: FakeAdsApi
) -> None:
    checked = check.check(STARTED, a_credential(**ASKABLE), consented(), lambda: timedelta(seconds=19))
    assert checked.answer is not None
    assert (checked.answer.access, ads_api.asked) == (AccountAccess.UNVERIFIED, [])
