"""``token-refresher verify``."""

import json
from typing import Any

import pytest
import responses

from tests.cli.commands.test_list import healthy
from tests.cli.desk import Desk
from tests.unit.entrypoints.test_settings import GOOD
from token_refresher.credential.scopes import SANDBOX_SCOPE

NAME = "acme-bing-ads"
API = f"{GOOD['ADS_API_URL']}/CustomerManagement/v13"
SANDBOX_API = f"{GOOD['SANDBOX_ADS_API_URL']}/CustomerManagement/v13"
ACCOUNT = {
    "Account": {
        "Id": 1234567,
        "Name": "Example Search",
        "AccountLifeCycleStatus": "Active",
        "ParentCustomerId": 7654321,
    }
}


def answers(api: responses.RequestsMock, base: str = API, **account: Any) -> None:
    api.post(f"{base}/User/Query", json={"User": {}})
    api.post(f"{base}/Account/Query", **{"json": ACCOUNT, **account})


def test_an_account_that_is_reached_is_named_with_who_consented(desk: Desk, api: responses.RequestsMock) -> None:
    healthy(desk, developer_token="planted-developer", customer_id="7654321")
    before = desk.document(NAME), desk.installation.registry.get(NAME)
    answers(api)
    assert desk.done("verify", NAME).splitlines() == [
        "Consented by  ads-owner@example.com, 2026-10-01 08:00 UTC",
        "Account       Example Search (1234567)",
        "Access        reachable; the account is Active",
        "Customer      7654321, as in the secret",
    ]
    request = api.calls[0].request
    assert request.headers["Authorization"] == "Bearer planted-access-token"
    assert request.headers["DeveloperToken"] == "planted-developer"
    assert (desk.document(NAME), desk.installation.registry.get(NAME)) == before, "Nothing is written."


def test_another_customer_in_the_secret_is_said_and_is_no_failure(desk: Desk, api: responses.RequestsMock) -> None:
    healthy(desk, developer_token="planted-developer", customer_id="1")
    answers(api)
    assert "Customer      7654321; customer_id in the secret is 1" in desk.done("verify", NAME)
    assert json.loads(desk.done("verify", NAME, "-o", "json"))["customer_id_fits"] is False


def test_the_sandbox_is_asked_for_a_credential_of_the_sandbox(desk: Desk, api: responses.RequestsMock) -> None:
    healthy(desk, developer_token="planted-developer", scope=f"{SANDBOX_SCOPE} offline_access")
    answers(api, SANDBOX_API)
    assert "Example Search (1234567) of the sandbox" in desk.done("verify", NAME)


@pytest.mark.parametrize(
    ("answer", "exit_code", "access", "said"),
    [
        pytest.param(
            {"json": {"Errors": [{"Code": 106}]}, "status": 400},
            5,
            "refused",
            "ask an administrator of the advertising account for access",
            id="the person does not reach it",
        ),
        pytest.param(
            {"json": {"Errors": [{"Code": 105}]}, "status": 400},
            5,
            "unverified",
            "developer_token in the secret belongs to the same environment",
            id="the developer token is of another environment",
        ),
        pytest.param({"status": 503}, 1, "unverified", "Try again in a few minutes", id="there is no answer"),
        pytest.param({"json": {}, "status": 200}, 1, "unverified", "Try again in a few minutes", id="it says nothing"),
    ],
)
def test_a_refusal_has_its_cause_its_remedy_and_its_exit_code(
    desk: Desk, api: responses.RequestsMock, answer: dict[str, Any], exit_code: int, access: str, said: str
) -> None:
    healthy(desk, developer_token="planted-developer")
    answers(api, **{"json": None, **answer})
    result = desk.run("verify", NAME, "--output", "json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["access"]) == (exit_code, access)
    assert document["diagnosis"]["cause"] in " ".join(result.stderr.split())
    assert said in result.stderr
    assert "planted" not in result.output
    assert f"Access        {access}" in desk.run("verify", NAME).stdout


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        pytest.param({}, "token-refresher set acme-bing-ads developer_token=-", id="no developer token"),
        pytest.param(
            {"account_id": None},
            "token-refresher set acme-bing-ads developer_token=- account_id=NUMBER",
            id="no account id either",
        ),
    ],
)
def test_what_cannot_be_asked_says_what_is_missing_and_asks_nobody(
    desk: Desk, api: responses.RequestsMock, changes: dict[str, Any], step: str
) -> None:
    healthy(desk, **changes)
    result = desk.run("verify", NAME)
    assert (result.exit_code, result.stdout, len(api.calls)) == (5, "", 0)
    assert step in result.stderr


def test_a_token_that_has_ended_asks_nobody(desk: Desk, api: responses.RequestsMock) -> None:
    healthy(desk, developer_token="planted-developer", expires_at="2026-11-22T08:00:00Z")
    result = desk.run("verify", NAME)
    assert (result.exit_code, len(api.calls)) == (1, 0)
    assert "expired at" in result.stderr
