"""The sandbox has its own scope and path, and a token of one environment is not valid in the other."""

from __future__ import annotations

import pytest

from tests.local.identity_provider.client_app import SANDBOX_SCOPE, SCOPE, ClientApp

SANDBOX = "/sandbox"
PRODUCTION = ""


def test_the_sandbox_scope_is_granted_like_that_of_production(app: ClientApp) -> None:
    tokens = app.consent(scope=SANDBOX_SCOPE)
    assert tokens["scope"] == "https://si.ads.microsoft.com/msads.manage openid profile"
    refreshed = app.refresh(tokens["refresh_token"], scope=SANDBOX_SCOPE).json()
    assert refreshed["scope"] == tokens["scope"]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        pytest.param("User/Query", {"UserId": None}, id="the user"),
        pytest.param("Account/Query", {"AccountId": "1234567"}, id="one account"),
        pytest.param(
            "Accounts/Search",
            {"Predicates": [{"Field": "AccountId", "Operator": "Equals", "Value": "1234567"}]},
            id="a search",
        ),
    ],
)
def test_the_sandbox_answers_as_production_does(app: ClientApp, operation: str, body: dict[str, object]) -> None:
    sandbox = app.ads(operation, app.consent(scope=SANDBOX_SCOPE)["access_token"], body, environment=SANDBOX)
    production = app.ads(operation, app.consent()["access_token"], body)
    assert sandbox.status_code == production.status_code == 200
    assert sandbox.json().keys() == production.json().keys()


@pytest.mark.parametrize(
    ("scope", "environment"),
    [
        pytest.param(SCOPE, SANDBOX, id="a token of production in the sandbox"),
        pytest.param(SANDBOX_SCOPE, PRODUCTION, id="a token of the sandbox in production"),
        pytest.param("https://api.ads.microsoft.com/msads.manage", SANDBOX, id="the old sandbox in the new one"),
        pytest.param("https://api.ads.microsoft.com/msads.manage", PRODUCTION, id="the old sandbox in production"),
    ],
)
def test_a_token_of_another_environment_is_105(app: ClientApp, scope: str, environment: str) -> None:
    access_token = app.consent(scope=scope)["access_token"]
    answer = app.ads("User/Query", access_token, environment=environment)
    (error,) = answer.json()["Errors"]
    assert (answer.status_code, error["Code"], error["ErrorCode"]) == (401, 105, "InvalidCredentials")


def test_the_sandbox_can_fail_too(app: ClientApp) -> None:
    access_token = app.consent(scope=SANDBOX_SCOPE)["access_token"]
    app.control("faults", {"fault": "ads_unavailable"})
    assert app.ads("User/Query", access_token, environment=SANDBOX).status_code == 503


def test_a_narrowed_scope_is_refused_in_the_sandbox_as_well(app: ClientApp) -> None:
    app.control("faults", {"fault": "narrow_scope"})
    access_token = app.consent(scope=SANDBOX_SCOPE)["access_token"]
    assert app.ads("User/Query", access_token, environment=SANDBOX).status_code == 401
