"""The Ads API: its answers about people and accounts, and its refusals."""

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
    "LastModifiedTime": "2026-01-31T09:00:00.117",
}


def search(field: str, value: str) -> dict[str, Any]:
    predicate = {"Field": field, "Operator": "Equals", "Value": value}
    return {"Predicates": [predicate], "PageInfo": {"Index": 0, "Size": 10}}


ON_DEMAND = {
    105: (401, "InvalidCredentials"),
    106: (403, "UserIsNotAuthorized"),
    108: (403, "UserCompromised"),
    109: (401, "AuthenticationTokenExpired"),
    117: (400, "CallRateExceeded"),
    120: (403, "UserLoginAccessDenied"),
    122: (403, "PersonalIdentityNotAvailable"),
    123: (403, "WorkIdentityNotAvailable"),
    124: (403, "PersonalIdentityMigratedToWork"),
    125: (403, "PersonalIdentityNotAllowedByCustomer"),
    126: (403, "IdentityTypeMismatch"),
}


def set_status(app: ClientApp, account_id: str, status: str) -> None:
    url = f"{app.control_url}/accounts/{account_id}"
    answer = requests.put(url, json={"life_cycle_status": status}, timeout=TIMEOUT_SECONDS)
    assert answer.json() == {"account_id": account_id, "life_cycle_status": status}


def fault_of(answer: requests.Response) -> tuple[int, int, str]:
    body = answer.json()
    assert body["Type"] == "AdApiFaultDetail"
    assert body["TrackingId"]
    (error,) = body["Errors"]
    return answer.status_code, error["Code"], error["ErrorCode"]


@pytest.fixture
def outsider(app: ClientApp) -> ClientApp:
    return app.register(auto_account="outsider@example.com")


def test_get_user_returns_the_person_of_the_token(app: ClientApp) -> None:
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


@pytest.mark.parametrize("user_id", ["103", []], ids=["another user", "not an id"])
def test_get_user_refuses_other_users(app: ClientApp, user_id: Any) -> None:
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
        pytest.param(search("AccountId", "1234567"), id="by an account that they do not reach"),
    ],
)
def test_search_finds_nothing_for_an_outsider(outsider: ClientApp, body: dict[str, Any]) -> None:
    answer = outsider.ads("Accounts/Search", outsider.consent()["access_token"], body)
    assert answer.json() == {"Accounts": []}


def test_get_account_returns_an_account_that_the_person_reaches(app: ClientApp) -> None:
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


@pytest.mark.parametrize("status", ["Active", "Draft", "Inactive", "Pause", "Pending", "Suspended"])
def test_an_account_can_have_every_life_cycle_status(app: ClientApp, status: str) -> None:
    access_token = app.consent()["access_token"]
    set_status(app, "1234567", status)
    queried = app.ads("Account/Query", access_token, {"AccountId": "1234567"}).json()["Account"]
    (found,) = app.ads("Accounts/Search", access_token, search("AccountId", "1234567")).json()["Accounts"]
    assert queried == found == {**DEFAULT_ACCOUNT, "AccountLifeCycleStatus": status}


def test_the_status_of_an_account_is_the_same_for_all_people_of_one_app_only(app: ClientApp) -> None:
    set_status(app, "1234567", "Suspended")
    colleague = app.register(auto_account="colleague@example.com").consent()["access_token"]
    other = ClientApp(app.url, app.clock).register()
    body = {"AccountId": "1234567"}
    assert app.ads("Account/Query", colleague, body).json()["Account"]["AccountLifeCycleStatus"] == "Suspended"
    answer = other.ads("Account/Query", other.consent()["access_token"], body)
    assert answer.json() == {"Account": DEFAULT_ACCOUNT}


@pytest.mark.parametrize("code", ON_DEMAND)
def test_an_operation_error_can_be_queued(app: ClientApp, code: int) -> None:
    access_token = app.consent()["access_token"]
    app.control("faults", {"fault": "ads_error", "code": code})
    status, symbol = ON_DEMAND[code]
    assert fault_of(app.ads("User/Query", access_token)) == (status, code, symbol)
    assert app.ads("User/Query", access_token).status_code == 200


def test_the_error_of_the_customer_services_is_an_api_fault_without_a_symbol(app: ClientApp) -> None:
    access_token = app.consent()["access_token"]
    app.control("faults", {"fault": "ads_error", "code": 1001})
    answer = app.ads("Account/Query", access_token, {"AccountId": "1234567"})
    body = answer.json()
    (error,) = body["OperationErrors"]
    assert (answer.status_code, body["Type"], error["Code"]) == (403, "ApiFault", 1001)
    assert set(error) == {"Code", "Details", "Message"}


def test_faults_of_the_ads_api_come_in_the_order_in_which_they_were_queued(app: ClientApp) -> None:
    access_token = app.consent()["access_token"]
    app.control("faults", {"fault": "ads_error", "code": 117, "times": 2})
    app.control("faults", {"fault": "ads_unavailable"})
    assert [app.ads("User/Query", access_token).status_code for _ in range(4)] == [400, 400, 503, 200]
