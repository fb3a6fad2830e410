"""The check of a person's access to an account, with the local identity provider and with odd answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from local.identity_provider.people import PEOPLE
from local.identity_provider.server import running
from tests.local.identity_provider.client_app import ClientApp, Clock
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.account import AccountAccess, AccountAnswer
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.ads_api import AdsApi

BASE = "https://ads.example.com"
USER, ACCOUNT = f"{BASE}/CustomerManagement/v13/User/Query", f"{BASE}/CustomerManagement/v13/Account/Query"
SANDBOX = "https://sandbox.example.com"
DEVELOPER = Sensitive("canary-developer")
CANARY = "canary-5ee0"
TRACKING_ID = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def app() -> Iterator[ClientApp]:
    clock = Clock()
    with running(clock=clock) as url:
        yield ClientApp(url, clock).register()


def answer(url: str, access_token: str = "canary-access", developer: Sensitive = DEVELOPER) -> AccountAnswer:
    return AdsApi(HttpClient(), url, SANDBOX).access(Sensitive(access_token), developer, "1234567")


def ask(url: str, access_token: str = "canary-access", developer: Sensitive = DEVELOPER) -> AccountAccess:
    return answer(url, access_token, developer).access


@pytest.mark.parametrize(
    ("username", "access"),
    [
        pytest.param("ads-owner@example.com", AccountAccess.REACHABLE, id="the owner has access"),
        pytest.param("colleague@example.com", AccountAccess.REACHABLE, id="a colleague has access"),
        pytest.param("outsider@example.com", AccountAccess.REFUSED, id="an outsider has no access"),
    ],
)
def test_the_owner_of_the_token_decides(app: ClientApp, username: str, access: AccountAccess) -> None:
    app.register(auto_account=username)
    assert ask(app.url, app.consent()["access_token"]) is access


def test_a_wrong_developer_token_says_nothing_about_the_person(app: ClientApp) -> None:
    assert ask(app.url, app.consent()["access_token"], Sensitive("wrong")) is AccountAccess.UNVERIFIED


def test_an_unknown_access_token_says_nothing_about_the_person(app: ClientApp) -> None:
    assert ask(app.url) is AccountAccess.UNVERIFIED


def test_an_outage_says_nothing_about_the_person(app: ClientApp) -> None:
    token = app.consent()["access_token"]
    app.control("faults", {"fault": "ads_unavailable"})
    assert ask(app.url, token) is AccountAccess.UNVERIFIED


def test_a_refused_connection_says_nothing_about_the_person() -> None:
    assert ask("http://127.0.0.1:1") is AccountAccess.UNVERIFIED


def test_a_developer_token_that_no_header_can_have_says_nothing_about_the_person(app: ClientApp) -> None:
    assert ask(app.url, app.consent()["access_token"], Sensitive("токен")) is AccountAccess.UNVERIFIED


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_both_calls_send_both_tokens(api: responses.RequestsMock) -> None:
    api.post(USER, json={"User": {}})
    api.post(ACCOUNT, json={"Account": {"Id": "1234567"}})
    assert ask(f"{BASE}/") is AccountAccess.REACHABLE
    for call in api.calls:
        assert call.request.headers["Authorization"] == "Bearer canary-access"
        assert call.request.headers["DeveloperToken"] == "canary-developer"
    bodies = [json.loads(call.request.body or "") for call in api.calls]
    assert bodies == [{"UserId": None}, {"AccountId": "1234567"}]


def test_only_the_sandbox_is_asked_about_an_account_of_the_sandbox(api: responses.RequestsMock) -> None:
    ads_api = AdsApi(HttpClient(), BASE, f"{SANDBOX}/below/")
    for path, body in (("User", {}), ("Account", {"Id": "1234567"})):
        api.post(f"{SANDBOX}/below/CustomerManagement/v13/{path}/Query", json={path: body})
    found = ads_api.access(Sensitive("canary-access"), DEVELOPER, "1234567", is_sandbox=True)
    assert found.access is AccountAccess.REACHABLE


@pytest.mark.parametrize(
    ("body", "access"),
    [
        pytest.param({"Account": {"Id": 1234567}}, AccountAccess.REACHABLE, id="an id that is a number"),
        pytest.param({"Account": {"Id": "1234567"}}, AccountAccess.REACHABLE, id="an id that is a text"),
        pytest.param({"Account": {"Id": "7"}}, AccountAccess.UNVERIFIED, id="another account"),
        pytest.param({"Account": {}}, AccountAccess.UNVERIFIED, id="an account without an id"),
        pytest.param({"Account": None}, AccountAccess.UNVERIFIED, id="no account"),
        pytest.param({"Account": [{"Id": "1234567"}]}, AccountAccess.UNVERIFIED, id="a list instead of the account"),
        pytest.param({}, AccountAccess.UNVERIFIED, id="an empty object"),
        pytest.param([], AccountAccess.UNVERIFIED, id="a list"),
    ],
)
def test_only_an_answer_with_the_account_counts_as_access(
    api: responses.RequestsMock, body: Any, access: AccountAccess
) -> None:
    api.post(USER, json={"User": {}})
    api.post(ACCOUNT, json=body)
    assert ask(BASE) is access


@pytest.mark.parametrize("code", [106, 108, 120, 122, 123, 124, 125, 126, 1001])
@pytest.mark.parametrize("key", ["Errors", "OperationErrors"])
@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("written", [int, str], ids=["a number", "a text"])
def test_a_code_about_the_person_refuses(
    api: responses.RequestsMock, key: str, code: int, status: int, written: type
) -> None:
    """A fault may have status 500, and even 200."""
    api.post(USER, json={"TrackingId": TRACKING_ID, key: [{"Code": written(code), "Message": CANARY}]}, status=status)
    refused = answer(BASE)
    assert refused.access is AccountAccess.REFUSED
    assert refused.diagnosis is not None
    assert (refused.diagnosis.code, refused.diagnosis.correlation_id) == (str(code), TRACKING_ID)
    assert CANARY not in repr(refused)


def test_a_refusal_says_which_account_to_use(api: responses.RequestsMock) -> None:
    api.post(USER, json={"Errors": [{"Code": 123, "ErrorCode": "WorkIdentityNotAvailable"}]}, status=400)
    diagnosis = answer(BASE).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause == "The sign-in was with a work account, and only a personal account has access."
    assert diagnosis.action == "Sign in with the personal account."


def test_of_several_codes_the_one_about_the_person_decides(api: responses.RequestsMock) -> None:
    api.post(USER, json={"Errors": [{"Code": 105}, {"Code": 99999}, {"Code": 106}]}, status=400)
    refused = answer(BASE)
    assert refused.diagnosis is not None
    assert (refused.access, refused.diagnosis.code) == (AccountAccess.REFUSED, "106")


def test_the_answer_describes_the_account_of_the_stand_in(app: ClientApp) -> None:
    found = answer(app.url, app.consent()["access_token"])
    account = PEOPLE["ads-owner@example.com"].account("1234567")
    assert account is not None
    assert (found.name, found.status, found.customer_id) == (account.name, "Active", account.customer_id)


def described(api: responses.RequestsMock, **fields: Any) -> tuple[str, str, str]:
    api.post(USER, json={"User": {}})
    api.post(ACCOUNT, json={"Account": {"Id": "1234567", **fields}})
    found = answer(BASE)
    assert found.access is AccountAccess.REACHABLE
    return found.name, found.status, found.customer_id


def test_the_answer_has_the_name_status_and_customer_of_the_account(api: responses.RequestsMock) -> None:
    fields = {"Name": "Example Search", "AccountLifeCycleStatus": "Suspended", "ParentCustomerId": "7654321"}
    assert described(api, **fields) == ("Example Search", "Suspended", "7654321")


def test_an_account_without_a_description_is_accepted(api: responses.RequestsMock) -> None:
    assert described(api) == ("", "", "")


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        pytest.param("  Example\r\n Search\x00 ", "Example Search", id="line breaks and control characters"),
        pytest.param("Example \u202egnirts", "Example gnirts", id="marks that change the reading direction"),
        pytest.param("\ud800", "", id="half a surrogate pair"),
        pytest.param("x" * 5000, "x" * 100, id="a name that is too long"),
        pytest.param("y" * 99 + " tail", "y" * 99, id="a blank where the name is cut"),
        pytest.param(None, "", id="null"),
        pytest.param(7, "7", id="a number"),
    ],
)
def test_a_name_is_cleaned_before_it_is_shown_and_stored(api: responses.RequestsMock, sent: Any, name: str) -> None:
    assert described(api, Name=sent)[0] == name


@pytest.mark.parametrize("sent", ["Active now", "<b>", "x" * 33, 5, ["Active"], {"a": 1}])
def test_a_status_that_is_not_one_word_is_dropped(api: responses.RequestsMock, sent: Any) -> None:
    assert not described(api, AccountLifeCycleStatus=sent)[1]


@pytest.mark.parametrize("sent", ["76x", "-1", "7" * 20, [7], 7.5])
def test_a_customer_that_is_no_id_is_dropped(api: responses.RequestsMock, sent: Any) -> None:
    assert not described(api, ParentCustomerId=sent)[2]


def test_an_invalid_tracking_id_is_dropped(api: responses.RequestsMock) -> None:
    api.post(USER, json={"TrackingId": CANARY, "Errors": [{"Code": 106}]}, status=400)
    diagnosis = answer(BASE).diagnosis
    assert diagnosis is not None
    assert not diagnosis.correlation_id


@pytest.mark.parametrize("code", [0, 100, 105, 109, 116, 117, 207, 99999])
def test_any_other_code_says_nothing_about_the_person(api: responses.RequestsMock, code: int) -> None:
    api.post(USER, json={"Errors": [{"Code": code}]}, status=400)
    unverified = answer(BASE)
    assert (unverified.access, unverified.diagnosis is None) == (AccountAccess.UNVERIFIED, False)


def test_a_refusal_of_the_second_call_counts_as_well(api: responses.RequestsMock) -> None:
    api.post(USER, json={"User": {}})
    api.post(ACCOUNT, json={"OperationErrors": [{"Code": 1001}]}, status=500)
    assert ask(BASE) is AccountAccess.REFUSED


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("<html></html>", id="a page"),
        pytest.param("[]", id="a list"),
        pytest.param('{"Errors": null}', id="no errors"),
        pytest.param('{"Errors": 5}', id="errors that are a number"),
        pytest.param('{"Errors": true}', id="errors that are true"),
        pytest.param('{"Errors": "106"}', id="errors that are a text"),
        pytest.param('{"Errors": {"Code": 106}}', id="errors that are an object"),
        pytest.param(
            '{"Errors": [106, null, {"Code": "x106"}, {"Code": true}, {"Code": [106]}, {}]}', id="errors without a code"
        ),
    ],
)
def test_an_odd_refusal_says_nothing_about_the_person(api: responses.RequestsMock, status: int, body: str) -> None:
    api.post(USER, body=body, status=status)
    assert ask(BASE) is AccountAccess.UNVERIFIED


@responses.activate
def test_a_header_of_the_provider_is_sent_and_replaces_neither_token() -> None:
    for url, document in ((USER, {"User": {}}), (ACCOUNT, {"Account": {"Id": "1234567"}})):
        responses.post(url, json=document)
    headers = {"IdentityProvider": "Google", "DeveloperToken": "another", "Authorization": "another"}
    AdsApi(HttpClient(), BASE, SANDBOX).access(Sensitive("canary-access"), DEVELOPER, "1234567", headers=headers)
    for call in responses.calls:
        sent = call.request.headers
        assert sent["IdentityProvider"] == "Google"
        assert (sent["Authorization"], sent["DeveloperToken"]) == ("Bearer canary-access", DEVELOPER.reveal())
