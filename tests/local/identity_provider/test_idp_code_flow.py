"""A person signs in with a browser, and the app exchanges the code."""

from __future__ import annotations

import re

import pytest
import requests

from tests.local.identity_provider.chooser_form import Form
from tests.local.identity_provider.client_app import CALLBACK, SCOPE, TIMEOUT_SECONDS, ClientApp, answered, claims_of


def test_a_person_who_picks_an_account_ends_with_tokens_at_the_app(asking_app: ClientApp) -> None:
    form = Form(asking_app.authorize())
    back = answered(form.click("colleague@example.com"))
    tokens = asking_app.redeem(back["code"]).json()
    assert back["state"] == "the-state"
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == tokens["ext_expires_in"] == 3600
    assert tokens["scope"] == "https://ads.microsoft.com/msads.manage openid profile"
    assert tokens["access_token"].startswith("local-at-")
    assert tokens["refresh_token"].startswith("local-rt-")


def test_the_id_token_has_the_claims_of_the_chosen_person(asking_app: ClientApp) -> None:
    back = answered(Form(asking_app.authorize()).click("outsider@example.com"))
    claims = claims_of(asking_app.redeem(back["code"]).json()["id_token"])
    now = int(asking_app.clock().timestamp())
    assert claims == {
        "aud": asking_app.client_id,
        "iss": f"{asking_app.url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "sub": f"{asking_app.client_id}.00000000-0000-4000-8000-000000000003",
        "tid": "9188040d-6c67-4c5b-b112-36a304b66dad",
        "oid": "00000000-0000-4000-8000-000000000003",
        "name": "Outsider",
        "preferred_username": "outsider@example.com",
        "nonce": "the-nonce",
        "ver": "2.0",
    }


def test_the_name_of_a_person_needs_the_profile_scope(app: ClientApp) -> None:
    tokens = app.consent(scope="https://ads.microsoft.com/msads.manage openid")
    assert "preferred_username" not in claims_of(tokens["id_token"])


def test_cancel_redirects_access_denied_to_the_app(asking_app: ClientApp) -> None:
    back = answered(Form(asking_app.authorize()).click("1"))
    assert back["error"] == "access_denied"
    assert back["error_description"].startswith("AADSTS65004: ")
    assert back["state"] == "the-state"


def test_a_login_hint_puts_its_account_first(asking_app: ClientApp) -> None:
    buttons = Form(asking_app.authorize(login_hint="outsider@example.com")).buttons
    assert buttons[0] == ("account", "outsider@example.com")
    assert len(buttons) == 4


def test_an_unknown_login_hint_changes_nothing(asking_app: ClientApp) -> None:
    assert Form(asking_app.authorize(login_hint="nobody")).buttons == Form(asking_app.authorize()).buttons


def test_the_chooser_says_that_it_is_not_microsoft(asking_app: ClientApp) -> None:
    page = asking_app.authorize()
    assert "This is not Microsoft" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_chooser_needs_no_script_and_has_all_text_within_landmarks(asking_app: ClientApp) -> None:
    page = asking_app.authorize().text
    assert "<script" not in page
    body = page.partition("<body>")[2].partition("</body>")[0]
    outside = re.sub(r"<(header|main)\b.*?</\1>", "", body, flags=re.DOTALL)
    assert outside.strip() == ""


def test_the_stylesheet_of_the_chooser_is_served(asking_app: ClientApp) -> None:
    style = requests.get(f"{asking_app.url}/static/style.css", timeout=TIMEOUT_SECONDS)
    assert style.headers["Content-Type"].startswith("text/css")


def test_the_page_escapes_the_parameters_of_the_app(asking_app: ClientApp) -> None:
    page = asking_app.authorize(state='"><script>alert(1)</script>')
    assert "<script" not in page.text


def test_an_auto_account_answers_without_a_person(app: ClientApp) -> None:
    assert set(answered(app.authorize())) == {"code", "state"}


def test_a_redirect_uri_keeps_its_own_query(app: ClientApp) -> None:
    app.register(redirect_uris=[f"{CALLBACK}?from=idp"])
    back = answered(app.authorize(redirect_uri=f"{CALLBACK}?from=idp"))
    assert set(back) == {"from", "code", "state"}


def test_a_public_client_gets_tokens_with_pkce_alone(public_app: ClientApp) -> None:
    assert public_app.consent()["refresh_token"].startswith("local-rt-")


def test_a_confidential_client_need_not_use_pkce(app: ClientApp) -> None:
    code = app.code(code_challenge=None, code_challenge_method=None)
    assert app.redeem(code, code_verifier=None).status_code == 200


def test_a_secret_is_accepted_as_http_basic_url_encoded(app: ClientApp) -> None:
    app.secret = "a secret/with+signs%"
    app.register()
    form = {"grant_type": "authorization_code", "code": app.code(), "redirect_uri": CALLBACK}
    form |= {"code_verifier": "a-verifier-of-at-least-forty-three-characters-0123456789"}
    answer = app.token(
        {**form, "client_id": None, "client_secret": None},
        auth=(app.client_id, "a+secret%2Fwith%2Bsigns%25"),
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        pytest.param("openid profile", "refresh_token", id="no offline_access, no refresh token"),
        pytest.param("offline_access", "id_token", id="no openid, no ID token"),
    ],
)
def test_an_answer_holds_only_what_the_scope_requests(app: ClientApp, scope: str, field: str) -> None:
    assert field not in app.consent(scope=f"https://ads.microsoft.com/msads.manage {scope}")


def test_no_token_answer_may_be_stored(app: ClientApp) -> None:
    assert app.refresh(app.consent()["refresh_token"]).headers["Cache-Control"] == "no-store"


def test_a_refresh_may_request_less_than_was_consented_to(app: ClientApp) -> None:
    narrower = SCOPE.removesuffix(" openid profile")
    assert "id_token" not in app.refresh(app.consent()["refresh_token"], scope=narrower).json()
