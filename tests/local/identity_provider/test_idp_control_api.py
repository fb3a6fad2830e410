"""The control API: what it refuses, and what the journal does and does not contain."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from local.identity_provider.records import fingerprint
from tests.local.identity_provider.chooser_form import Form
from tests.local.identity_provider.client_app import CALLBACK, SCOPE, SECRET, TIMEOUT_SECONDS, ClientApp

BAD_APPS = {
    "no redirect URI": ({"redirect_uris": []}, "redirect_uris"),
    "redirect URIs left out": ({"redirect_uris": None}, "redirect_uris"),
    "a redirect URI that is no URL": ({"redirect_uris": ["callback"]}, "redirect_uris"),
    "a rotation that does not exist": ({"rotation": "daily"}, "rotation"),
    "an unhashable rotation": ({"rotation": {}}, "rotation"),
    "a lifetime of zero": ({"access_token_lifetime_seconds": 0}, "access_token_lifetime_seconds"),
    "a lifetime that is a flag": ({"refresh_token_lifetime_seconds": True}, "refresh_token_lifetime_seconds"),
    "a flag that is a word": ({"expires_in_as_string": "yes"}, "expires_in_as_string"),
    "an account that does not exist": ({"auto_account": "nobody@example.com"}, "auto_account"),
    "an account that is a list": ({"auto_account": []}, "auto_account"),
    "an empty secret": ({"client_secret": ""}, "client_secret"),
    "a misspelt field": ({"rotations": "strict"}, "rotations"),
}

BAD_FAULTS = {
    "no fault": ({}, "fault"),
    "a fault that does not exist": ({"fault": "earthquake"}, "fault"),
    "no times at all": ({"fault": "empty", "times": 0}, "times"),
    "seconds that are no number": ({"fault": "hang", "seconds": "5"}, "seconds"),
    "an Ads API error without its code": ({"fault": "ads_error"}, "code"),
    "an Ads API error that does not exist": ({"fault": "ads_error", "code": 1}, "code"),
    "a code that is a text": ({"fault": "ads_error", "code": "105"}, "code"),
    "a code where none belongs": ({"fault": "throttle", "code": 105}, "code"),
    "a count for a claims challenge": ({"fault": "claims_challenge", "times": 2}, "times"),
}

BAD_ACCOUNTS = {
    "an account that does not exist": ("1", {"life_cycle_status": "Active"}, "account_id"),
    "a status that does not exist": ("1234567", {"life_cycle_status": "active"}, "life_cycle_status"),
    "no status": ("1234567", {}, "life_cycle_status"),
    "a misspelt field": ("1234567", {"status": "Active"}, "status"),
}


def refused_field(answer: requests.Response) -> str:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["error"] == "bad_input"
    assert body["message"]
    return str(body["field"])


@pytest.mark.parametrize(("changes", "field"), BAD_APPS.values(), ids=BAD_APPS.keys())
def test_an_app_is_refused_by_the_name_of_the_field_for(app: ClientApp, changes: dict[str, Any], field: str) -> None:
    body = {"redirect_uris": [CALLBACK], **changes}
    assert refused_field(requests.put(app.control_url, json=body, timeout=TIMEOUT_SECONDS)) == field


@pytest.mark.parametrize(("body", "field"), BAD_FAULTS.values(), ids=BAD_FAULTS.keys())
def test_a_fault_is_refused_by_the_name_of_the_field_for(app: ClientApp, body: dict[str, Any], field: str) -> None:
    answer = requests.post(f"{app.control_url}/faults", json=body, timeout=TIMEOUT_SECONDS)
    assert refused_field(answer) == field


@pytest.mark.parametrize(("account_id", "body", "field"), BAD_ACCOUNTS.values(), ids=BAD_ACCOUNTS.keys())
def test_a_status_is_refused_by_the_name_of_the_field_for(
    app: ClientApp, account_id: str, body: dict[str, Any], field: str
) -> None:
    url = f"{app.control_url}/accounts/{account_id}"
    assert refused_field(requests.put(url, json=body, timeout=TIMEOUT_SECONDS)) == field


@pytest.mark.parametrize("sent", [b"[]", b"{", b"null"], ids=["a list", "no JSON", "null"])
def test_a_body_that_is_no_object_is_refused(app: ClientApp, sent: bytes) -> None:
    answer = requests.put(app.control_url, data=sent, timeout=TIMEOUT_SECONDS)
    assert refused_field(answer) == "body"


def test_a_registration_answers_with_its_settings_without_the_secret(app: ClientApp) -> None:
    body = {"redirect_uris": [CALLBACK], "client_secret": SECRET}
    answer = requests.put(app.control_url, json=body, timeout=TIMEOUT_SECONDS)
    assert answer.json() == {
        "client_id": app.client_id,
        "public": False,
        "redirect_uris": [CALLBACK],
        "rotation": "microsoft",
        "access_token_lifetime_seconds": 3600,
        "refresh_token_lifetime_seconds": 7776000,
        "expires_in_as_string": False,
        "auto_account": None,
    }


@pytest.mark.parametrize("path", ["revoke", "expire"])
def test_an_app_that_is_not_registered_is_unknown(app: ClientApp, path: str) -> None:
    url = f"{app.url}/_control/apps/unknown/{path}"
    assert requests.post(url, timeout=TIMEOUT_SECONDS).status_code == 404


def test_the_control_api_refuses_web_pages(app: ClientApp) -> None:
    headers = {"Origin": "https://page.example"}
    answer = requests.post(f"{app.control_url}/revoke", headers=headers, timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 403


def test_new_settings_keep_the_grants_of_an_app(app: ClientApp) -> None:
    refresh_token = app.consent()["refresh_token"]
    app.register(rotation="none")
    assert app.refresh(refresh_token).status_code == 200


def test_the_journal_lists_every_request_in_order_by_fingerprint(app: ClientApp) -> None:
    first = app.consent()
    second = app.refresh(first["refresh_token"]).json()
    app.refresh("local-rt-unknown")
    at = "2026-01-31T12:00:00.000000Z"
    assert app.journal() == [
        {
            "at": at,
            "grant_type": "authorization_code",
            "outcome": "issued",
            "presented": None,
            "issued": fingerprint(first["refresh_token"]),
            "access_token": fingerprint(first["access_token"]),
        },
        {
            "at": at,
            "grant_type": "refresh_token",
            "outcome": "issued",
            "presented": fingerprint(first["refresh_token"]),
            "issued": fingerprint(second["refresh_token"]),
            "access_token": fingerprint(second["access_token"]),
        },
        {
            "at": at,
            "grant_type": "refresh_token",
            "outcome": "invalid_grant",
            "presented": fingerprint("local-rt-unknown"),
            "issued": None,
            "access_token": None,
        },
    ]


def test_the_authorizations_list_the_parameters_and_the_outcomes(asking_app: ClientApp) -> None:
    parameters = {"prompt": "select_account", "login_hint": "colleague@example.com", "claims": "{}"}
    Form(asking_app.authorize(**parameters)).click("outsider@example.com")
    Form(asking_app.authorize(prompt="consent")).click("1")
    carried = {"at": "2026-01-31T12:00:00.000000Z", "scope": SCOPE, **parameters}
    bare = {**carried, "prompt": "consent", "login_hint": None, "claims": None}
    assert asking_app.read("authorizations") == [
        {**carried, "outcome": "asked", "account": None},
        {**carried, "outcome": "signed_in", "account": "outsider@example.com"},
        {**bare, "outcome": "asked", "account": None},
        {**bare, "outcome": "access_denied", "account": None},
    ]


def test_a_queued_error_is_listed_by_its_name(app: ClientApp) -> None:
    app.control("faults", {"fault": "authorize_admin_consent_required"})
    app.authorize()
    (listed,) = app.read("authorizations")
    assert (listed["outcome"], listed["account"]) == ("authorize_admin_consent_required", "ads-owner@example.com")


def test_a_request_that_is_never_redirected_is_not_listed(app: ClientApp) -> None:
    app.authorize(redirect_uri="https://evil.example")
    assert app.read("authorizations") == []


def test_the_journal_and_the_grants_hold_no_token_code_or_secret(app: ClientApp) -> None:
    code = app.code()
    tokens = app.redeem(code).json()
    app.redeem(code)
    app.refresh(tokens["refresh_token"])
    app.refresh(tokens["refresh_token"], client_secret="planted-wrong-secret")
    app.token({"grant_type": "planted-grant-type", "refresh_token": tokens["refresh_token"]})
    listed = json.dumps([app.journal(), app.read("grants"), app.read("authorizations")])
    planted = [code, tokens["refresh_token"], tokens["access_token"], tokens["id_token"], SECRET, "planted"]
    planted += ["the-state", "the-nonce"]
    assert [one for one in planted if one in listed] == []


def test_health_is_200(app: ClientApp) -> None:
    assert requests.get(f"{app.url}/health", timeout=TIMEOUT_SECONDS).json() == {"status": "ok"}
