"""Wrong authorize requests: the error goes to a page or back to the app."""

from __future__ import annotations

import pytest

from tests.local.identity_provider.chooser_form import Form
from tests.local.identity_provider.client_app import CALLBACK, ClientApp, answered

SHOWN = [
    pytest.param({"client_id": None}, 900144, id="no client id"),
    pytest.param({"client_id": "0000000012345A67"}, 700016, id="an app that is not registered"),
    pytest.param({"redirect_uri": None}, 900971, id="no redirect URI"),
    pytest.param({"redirect_uri": f"{CALLBACK}/"}, 50011, id="a redirect URI with one character more"),
    pytest.param({"redirect_uri": "https://evil.example"}, 50011, id="a redirect URI of another app"),
]

REDIRECTED = [
    pytest.param({"response_type": "token"}, "unsupported_response_type", 70005, id="another response type"),
    pytest.param({"response_mode": "fragment"}, "invalid_request", 70007, id="another response mode"),
    pytest.param({"scope": None}, "invalid_request", 900144, id="no scope"),
    pytest.param({"scope": "bingads.manage"}, "invalid_scope", 70011, id="a scope that does not exist"),
    pytest.param({"code_challenge_method": "plain"}, "invalid_request", 90004, id="a plain challenge"),
    pytest.param({"code_challenge_method": None}, "invalid_request", 90004, id="a challenge, no method"),
    pytest.param({"code_challenge": None}, "invalid_request", 501471, id="a method, no challenge"),
    pytest.param({"code_challenge": "short"}, "invalid_request", 501491, id="a challenge of the wrong size"),
    pytest.param({"prompt": "none"}, "login_required", 50058, id="no prompt allowed, nobody signed in"),
]

QUEUED = [
    pytest.param("consent_required", "consent_required", 65001, id="nobody has consented"),
    pytest.param("interaction_required", "interaction_required", 50076, id="a second factor is required"),
    pytest.param("login_required", "login_required", 50058, id="nobody is signed in"),
    pytest.param("admin_consent_required", "access_denied", 90094, id="an administrator has to consent"),
    pytest.param("server_error", "server_error", 90041, id="a server error"),
    pytest.param("temporarily_unavailable", "temporarily_unavailable", 90033, id="a temporary error"),
]


@pytest.mark.parametrize(("changes", "code"), SHOWN)
def test_an_error_that_puts_the_redirect_uri_in_doubt_goes_to_a_page_and_is_never_redirected(
    app: ClientApp, changes: dict[str, str | None], code: int
) -> None:
    page = app.authorize(**changes)
    assert page.status_code == 400
    assert f"AADSTS{code}: " in page.text
    assert "Location" not in page.headers


@pytest.mark.parametrize(("changes", "error", "code"), REDIRECTED)
def test_every_other_error_is_redirected_to_the_app(
    app: ClientApp, changes: dict[str, str | None], error: str, code: int
) -> None:
    back = answered(app.authorize(**changes))
    assert back["error"] == error
    assert back["error_description"].startswith(f"AADSTS{code}: ")
    assert back["state"] == "the-state"


def test_a_public_client_must_use_pkce(public_app: ClientApp) -> None:
    back = answered(public_app.authorize(code_challenge=None, code_challenge_method=None))
    assert back["error_description"].startswith("AADSTS501471: ")


@pytest.mark.parametrize(("fault", "error", "code"), QUEUED)
def test_an_error_can_be_queued_for_the_next_chosen_account(
    asking_app: ClientApp, fault: str, error: str, code: int
) -> None:
    asking_app.control("faults", {"fault": f"authorize_{fault}"})
    form = Form(asking_app.authorize())
    back = answered(form.click("colleague@example.com"))
    assert set(back) == {"error", "error_description", "state"}
    assert (back["error"], back["state"]) == (error, "the-state")
    assert back["error_description"].startswith(f"AADSTS{code}: ")
    assert "{" not in back["error_description"]
    assert set(answered(form.click("colleague@example.com"))) == {"code", "state"}


def test_a_queued_error_meets_the_auto_account_too(app: ClientApp) -> None:
    app.control("faults", {"fault": "authorize_server_error"})
    assert answered(app.authorize())["error"] == "server_error"


def test_a_cancelled_sign_in_does_not_use_up_a_queued_error(asking_app: ClientApp) -> None:
    asking_app.control("faults", {"fault": "authorize_server_error"})
    form = Form(asking_app.authorize())
    assert answered(form.click("1"))["error"] == "access_denied"
    assert answered(form.click("colleague@example.com"))["error"] == "server_error"


def test_an_error_queued_for_the_sign_in_does_not_meet_the_token_endpoint(app: ClientApp) -> None:
    code = app.code()
    app.control("faults", {"fault": "authorize_server_error"})
    assert app.redeem(code).status_code == 200


def test_an_error_queued_for_the_token_endpoint_does_not_meet_the_sign_in(app: ClientApp) -> None:
    app.control("faults", {"fault": "server_error"})
    assert app.redeem(app.code()).status_code == 503
