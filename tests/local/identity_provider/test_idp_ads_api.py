"""The Ads API: who signed in, which accounts they reach, and its refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.local.identity_provider.client_app import TIMEOUT_SECONDS, ClientApp

DEFAULT_ACCOUNT = {
    "Id": "1234567",
    "Number": "X1234567",
    "Name": "Example ads account",
    "ParentCustomerId": "7654321",
    "AccountLifeCycleStatus": "Active",
    "AccountFinancialStatus": "ClearFinancialStatus",
}


def search(field: str, value: str) -> dict[str, Any]:
    predicate = {"Field": field, "Operator": "Equals", "Value": value}
    return {"Predicates": [predicate], "PageInfo": {"Index": 0, "Size": 10}}


def fault_of(answer: requests.Response) -> tuple[int, int, str]:
    body = answer.json()
    assert body["Type"] == "AdApiFaultDetail"
    assert body["TrackingId"]
    (error,) = body["Errors"]
    return answer.status_code, error["Code"], error["ErrorCode"]


@pytest.fixture
def outsider(app: ClientApp) -> ClientApp:
    return app.register(auto_account="outsider@example.com")


def test_get_user_tells_who_holds_the_token(app: ClientApp) -> None:
    access_token = app.consent()["access_token"]
    body = app.ads("User/Query", access_token, {"UserId": None}).json()
    assert body["User"] == {
        "Id": "101",
        "UserName": "ads-owner@example.com",
        "CustomerId": "7654321",
        "UserLifeCycleStatus": "Active",
        "AuthenticationToken": access_token,
    }
    assert body["CustomerRoles"][0]["AccountIds"] == ["1234567"]


@pytest.mark.parametrize("user_id", ["103", []], ids=["another user", "no id at all"])
def test_get_user_tells_nothing_about_others(app: ClientApp, user_id: Any) -> None:
    answer = app.ads("User/Query", app.consent()["access_token"], {"UserId": user_id})
    assert fault_of(answer) == (403, 106, "UserIsNotAuthorized")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(search("UserId", "101"), id="by the user"),
        pytest.param(search("AccountId", "1234567"), id="by the account"),
    ],
)
def test_search_finds_the_account_of_its_owner(app: ClientApp, body: dict[str, Any]) -> None:
    answer = app.ads("Accounts/Search", app.consent()["access_token"], body)
    assert answer.json() == {"Accounts": [DEFAULT_ACCOUNT]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(search("UserId", "101"), id="by another user"),
        pytest.param(search("AccountId", "1234567"), id="by an account out of reach"),
    ],
)
def test_search_finds_nothing_for_an_outsider(outsider: ClientApp, body: dict[str, Any]) -> None:
    answer = outsider.ads("Accounts/Search", outsider.consent()["access_token"], body)
    assert answer.json() == {"Accounts": []}


def test_get_account_gives_an_account_within_reach(app: ClientApp) -> None:
    answer = app.ads("Account/Query", app.consent()["access_token"], {"AccountId": "1234567"})
    assert answer.json() == {"Account": DEFAULT_ACCOUNT}


def test_get_account_refuses_an_outsider(outsider: ClientApp) -> None:
    answer = outsider.ads("Account/Query", outsider.consent()["access_token"], {"AccountId": "1234567"})
    assert fault_of(answer) == (403, 106, "UserIsNotAuthorized")


def test_an_expired_access_token_is_109(app: ClientApp) -> None:
    access_token = app.consent()["access_token"]
    app.clock.pass_by(timedelta(hours=1))
    assert fault_of(app.ads("User/Query", access_token)) == (401, 109, "AuthenticationTokenExpired")


def test_an_unknown_access_token_is_105(app: ClientApp) -> None:
    assert fault_of(app.ads("User/Query", "local-at-unknown")) == (401, 105, "InvalidCredentials")


def test_no_access_token_is_105(app: ClientApp) -> None:
    url = f"{app.url}/CustomerManagement/v13/User/Query"
    answer = requests.post(url, json={}, headers={"DeveloperToken": "any"}, timeout=TIMEOUT_SECONDS)
    assert fault_of(answer) == (401, 105, "InvalidCredentials")


def test_a_wrong_developer_token_is_105(app: ClientApp) -> None:
    answer = app.ads("User/Query", app.consent()["access_token"], developer_token="wrong")
    assert fault_of(answer) == (401, 105, "InvalidCredentials")


@pytest.mark.parametrize("developer_token", [None, ""], ids=["left out", "empty"])
def test_a_developer_token_is_needed(app: ClientApp, developer_token: str | None) -> None:
    answer = app.ads("User/Query", app.consent()["access_token"], developer_token=developer_token)
    assert fault_of(answer) == (400, 116, "RequestMissingHeaders")


@pytest.mark.parametrize("body", [[], {"Predicates": []}], ids=["no object", "no predicate"])
def test_a_body_that_says_nothing_is_100(app: ClientApp, body: Any) -> None:
    answer = app.ads("Accounts/Search", app.consent()["access_token"], body)
    assert fault_of(answer) == (400, 100, "NullRequest")
