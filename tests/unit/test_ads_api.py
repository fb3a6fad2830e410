"""May this person reach that account? Asked of the local identity provider, and of odd answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from local.identity_provider.server import running
from tests.local.identity_provider.client_app import ClientApp, Clock
from token_refresher.ads_api import AccountAccess, AccountAnswer, AdsApi
from token_refresher.http_client import HttpClient
from token_refresher.sensitive import Sensitive

BASE = "https://ads.example.com"
USER, SEARCH = f"{BASE}/CustomerManagement/v13/User/Query", f"{BASE}/CustomerManagement/v13/Accounts/Search"
DEVELOPER = Sensitive("canary-developer")
CANARY = "canary-5ee0"
TRACKING_ID = "00000000-0000-4000-8000-00000000000a"


@pytest.fixture
def app() -> Iterator[ClientApp]:
    clock = Clock()
    with running(clock=clock) as url:
        yield ClientApp(url, clock).register()


def answer(url: str, access_token: str = "canary-access", developer: Sensitive = DEVELOPER) -> AccountAnswer:
    return AdsApi(HttpClient(), url).access(Sensitive(access_token), developer, "1234567")


def ask(url: str, access_token: str = "canary-access", developer: Sensitive = DEVELOPER) -> AccountAccess:
    return answer(url, access_token, developer).access


@pytest.mark.parametrize(
    ("username", "access"),
    [
        pytest.param("ads-owner@example.com", AccountAccess.REACHABLE, id="the owner reaches it"),
        pytest.param("colleague@example.com", AccountAccess.REACHABLE, id="a colleague reaches it"),
        pytest.param("outsider@example.com", AccountAccess.REFUSED, id="an outsider does not"),
    ],
)
def test_the_person_behind_the_token_decides(app: ClientApp, username: str, access: AccountAccess) -> None:
    app.register(auto_account=username)
    assert ask(app.url, app.consent()["access_token"]) is access


def test_a_wrong_developer_token_says_nothing_about_the_person(app: ClientApp) -> None:
    assert ask(app.url, app.consent()["access_token"], Sensitive("wrong")) is AccountAccess.UNVERIFIED


def test_an_access_token_that_is_unknown_says_nothing_about_the_person(app: ClientApp) -> None:
    assert ask(app.url) is AccountAccess.UNVERIFIED


def test_an_outage_says_nothing_about_the_person(app: ClientApp) -> None:
    token = app.consent()["access_token"]
    app.control("faults", {"fault": "ads_unavailable"})
    assert ask(app.url, token) is AccountAccess.UNVERIFIED


def test_nobody_there_says_nothing_about_the_person() -> None:
    assert ask("http://127.0.0.1:1") is AccountAccess.UNVERIFIED


def test_a_developer_token_that_no_header_takes_says_nothing_about_the_person(app: ClientApp) -> None:
    assert ask(app.url, app.consent()["access_token"], Sensitive("токен")) is AccountAccess.UNVERIFIED


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_the_search_is_for_this_account_with_both_tokens(api: responses.RequestsMock) -> None:
    api.post(USER, json={"User": {}})
    api.post(SEARCH, json={"Accounts": [{"Id": "1234567"}]})
    assert ask(f"{BASE}/") is AccountAccess.REACHABLE
    for call in api.calls:
        assert call.request.headers["Authorization"] == "Bearer canary-access"
        assert call.request.headers["DeveloperToken"] == "canary-developer"
    assert json.loads(api.calls[1].request.body or "") == {
        "Predicates": [{"Field": "AccountId", "Operator": "Equals", "Value": "1234567"}],
        "PageInfo": {"Index": 0, "Size": 10},
    }


@pytest.mark.parametrize(
    ("body", "access"),
    [
        pytest.param({"Accounts": [{"Id": 1234567}]}, AccountAccess.REACHABLE, id="an id that is a number"),
        pytest.param({"Accounts": [{"Id": "7"}, {"Id": "1234567"}]}, AccountAccess.REACHABLE, id="one of several"),
        pytest.param({"Accounts": []}, AccountAccess.REFUSED, id="no account"),
        pytest.param({"Accounts": [{"Id": "7"}]}, AccountAccess.REFUSED, id="another account"),
        pytest.param({"Accounts": [None, 5, {}]}, AccountAccess.REFUSED, id="no account among junk"),
        pytest.param({"Accounts": None}, AccountAccess.UNVERIFIED, id="no list"),
        pytest.param({"Accounts": {"Id": "1234567"}}, AccountAccess.UNVERIFIED, id="an object for the list"),
        pytest.param({}, AccountAccess.UNVERIFIED, id="an empty object"),
        pytest.param([], AccountAccess.UNVERIFIED, id="a list"),
    ],
)
def test_what_was_found_decides(api: responses.RequestsMock, body: Any, access: AccountAccess) -> None:
    api.post(USER, json={"User": {}})
    api.post(SEARCH, json=body)
    assert ask(BASE) is access


@pytest.mark.parametrize("code", [106, 108, 120, 122, 123, 124, 125, 126, 1001])
@pytest.mark.parametrize("key", ["Errors", "OperationErrors"])
@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("written", [int, str], ids=["a number", "a text"])
def test_a_code_about_the_person_refuses(
    api: responses.RequestsMock, key: str, code: int, status: int, written: type
) -> None:
    """A fault may come with a 500, and even with a 200."""
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
    assert diagnosis.cause == "You signed in with a work account, and only a personal account has access."
    assert diagnosis.action == "Sign in with the personal account."


def test_of_several_codes_the_one_about_the_person_goes_first(api: responses.RequestsMock) -> None:
    api.post(USER, json={"Errors": [{"Code": 105}, {"Code": 99999}, {"Code": 106}]}, status=400)
    refused = answer(BASE)
    assert refused.diagnosis is not None
    assert (refused.access, refused.diagnosis.code) == (AccountAccess.REFUSED, "106")


def test_an_account_that_is_not_listed_says_so(api: responses.RequestsMock) -> None:
    api.post(USER, json={"User": {}})
    api.post(SEARCH, json={"Accounts": []})
    diagnosis = answer(BASE).diagnosis
    assert diagnosis is not None
    assert (diagnosis.meaning, diagnosis.help_url) == ("ads_account_not_listed", "")


def test_a_tracking_id_that_does_not_look_like_one_is_dropped(api: responses.RequestsMock) -> None:
    api.post(USER, json={"TrackingId": CANARY, "Errors": [{"Code": 106}]}, status=400)
    diagnosis = answer(BASE).diagnosis
    assert diagnosis is not None
    assert not diagnosis.correlation_id


@pytest.mark.parametrize("code", [0, 100, 105, 109, 116, 117, 99999])
def test_any_other_code_says_nothing_about_the_person(api: responses.RequestsMock, code: int) -> None:
    api.post(USER, json={"Errors": [{"Code": code}]}, status=400)
    unverified = answer(BASE)
    assert (unverified.access, unverified.diagnosis is None) == (AccountAccess.UNVERIFIED, False)


def test_a_refusal_of_the_search_counts_as_well(api: responses.RequestsMock) -> None:
    api.post(USER, json={"User": {}})
    api.post(SEARCH, json={"OperationErrors": [{"Code": 1001}]}, status=500)
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
