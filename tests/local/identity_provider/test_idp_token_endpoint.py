"""Every refusal of the token endpoint, in the form of Microsoft's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from tests.local.identity_provider.client_app import CALLBACK, SCOPE, SECRET, TIMEOUT_SECONDS, ClientApp

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Case:
    """A refused request, and the content of the refusal."""

    attempt: Callable[[ClientApp], requests.Response]
    status: int
    error: str
    code: int
    suberror: str | None = None


def after(span: timedelta, code: str, app: ClientApp) -> requests.Response:
    app.clock.pass_by(span)
    return app.redeem(code)


def twice(app: ClientApp) -> requests.Response:
    code = app.code()
    app.redeem(code)
    return app.redeem(code)


def with_code_of_another_app(app: ClientApp) -> requests.Response:
    return app.redeem(ClientApp(app.url, app.clock).register().code())


def on_another_tenant(app: ClientApp) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": app.code(), "redirect_uri": CALLBACK}
    return app.token({**form}, tenant="consumers")


def revoked(app: ClientApp) -> requests.Response:
    refresh_token = app.consent()["refresh_token"]
    app.control("revoke")
    return app.refresh(refresh_token)


def unused_for(span: timedelta, app: ClientApp) -> requests.Response:
    refresh_token = app.consent()["refresh_token"]
    app.clock.pass_by(span)
    return app.refresh(refresh_token)


def with_token_of_another_app(app: ClientApp) -> requests.Response:
    return app.refresh(ClientApp(app.url, app.clock).register().consent()["refresh_token"])


def with_get(app: ClientApp) -> requests.Response:
    return requests.get(f"{app.url}/common/oauth2/v2.0/token", timeout=TIMEOUT_SECONDS)


def as_json(app: ClientApp) -> requests.Response:
    url = f"{app.url}/common/oauth2/v2.0/token"
    return requests.post(url, json={"grant_type": "refresh_token"}, timeout=TIMEOUT_SECONDS)


GRANT, REQUEST, CLIENT = "invalid_grant", "invalid_request", "invalid_client"

CASES = {
    "a GET": Case(with_get, 400, REQUEST, 900561),
    "a JSON body": Case(as_json, 400, REQUEST, 900144),
    "no grant type": Case(lambda app: app.token({}), 400, REQUEST, 900144),
    "no client id": Case(lambda app: app.refresh("x", client_id=None), 400, REQUEST, 900144),
    "no code": Case(lambda app: app.redeem(""), 400, REQUEST, 900144),
    "no refresh token": Case(lambda app: app.refresh(""), 400, REQUEST, 900144),
    "no scope in a refresh": Case(lambda app: app.refresh("local-rt-x", scope=None), 400, REQUEST, 900144),
    "an Origin header": Case(
        lambda app: app.token({"grant_type": "refresh_token"}, headers={"Origin": "https://tool.example"}),
        400,
        REQUEST,
        9002326,
    ),
    "two different client ids": Case(
        lambda app: app.token({"grant_type": "refresh_token"}, auth=("another", "x")), 400, REQUEST, 90023
    ),
    "another grant type": Case(lambda app: app.token({"grant_type": "password"}), 400, "unsupported_grant_type", 70003),
    "an unknown app": Case(lambda app: app.refresh("x", client_id="unknown"), 400, "unauthorized_client", 700016),
    "a wrong secret": Case(lambda app: app.refresh("x", client_secret="wrong"), 401, CLIENT, 7000215),
    "a missing secret": Case(lambda app: app.refresh("x", client_secret=None), 401, CLIENT, 7000218),
    "an unknown code": Case(lambda app: app.redeem("local-code-unknown"), 400, GRANT, 70000),
    "a code of another app": Case(with_code_of_another_app, 400, GRANT, 70000),
    "a code of another tenant": Case(on_another_tenant, 400, GRANT, 700005),
    "a code after ten minutes": Case(lambda app: after(timedelta(minutes=10), app.code(), app), 400, GRANT, 70008),
    "a code that was redeemed": Case(twice, 400, GRANT, 54005),
    "no redirect URI": Case(lambda app: app.redeem(app.code(), redirect_uri=None), 400, GRANT, 70000),
    "another redirect URI": Case(
        lambda app: app.redeem(app.code(), redirect_uri=f"{CALLBACK}/other"), 400, CLIENT, 500112
    ),
    "another verifier": Case(lambda app: app.redeem(app.code(), code_verifier="x" * 43), 400, GRANT, 501481),
    "no verifier": Case(lambda app: app.redeem(app.code(), code_verifier=None), 400, REQUEST, 900144),
    "a malformed refresh token": Case(lambda app: app.refresh("placeholder"), 400, GRANT, 9002313),
    "an unknown refresh token": Case(lambda app: app.refresh("local-rt-unknown"), 400, GRANT, 70000),
    "a refresh token of another app": Case(with_token_of_another_app, 400, GRANT, 70000),
    "a revoked grant": Case(revoked, 400, GRANT, 50173, "bad_token"),
    "a refresh token unused for 90 days": Case(
        lambda app: unused_for(timedelta(days=90), app), 400, GRANT, 700082, "bad_token"
    ),
    "a scope that nobody consented to": Case(
        lambda app: app.refresh(app.consent()["refresh_token"], scope=f"{SCOPE} email"), 400, GRANT, 70000
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_request_is_refused_with_its_code_for(app: ClientApp, case: Case) -> None:
    answer = case.attempt(app)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (case.status, case.error, [case.code])
    assert body.get("suberror") == case.suberror


def test_an_error_body_has_the_shape_of_real_ones(app: ClientApp) -> None:
    answer = app.refresh("local-rt-unknown")
    body = answer.json()
    guid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert re.fullmatch(
        rf"AADSTS70000: The provided value .+ is not valid\. Trace ID: {guid} "
        rf"Correlation ID: {guid} Timestamp: 2026-01-31 12:00:00Z",
        body["error_description"],
    )
    assert body["timestamp"] == "2026-01-31 12:00:00Z"
    assert body["trace_id"] in body["error_description"]
    assert body["correlation_id"] in body["error_description"]
    assert answer.headers["x-ms-request-id"] == body["trace_id"]


def test_a_public_client_that_sends_a_secret_is_refused(public_app: ClientApp) -> None:
    body = public_app.refresh("local-rt-x", client_secret="one-too-many").json()
    assert body["error_codes"] == [90023]
    assert body["error_description"].startswith("AADSTS90023: Public clients can't send a client secret.")


@pytest.mark.parametrize("secret", [SECRET, "planted-newer-secret"], ids=["the older one", "the newer one"])
def test_two_client_secrets_of_an_app_are_valid_at_the_same_time(app: ClientApp, secret: str) -> None:
    app.register(newer_client_secret="planted-newer-secret")
    assert app.refresh("local-rt-x", client_secret=secret).json()["error"] == "invalid_grant"


def test_the_message_of_an_inactive_token_says_for_how_long(app: ClientApp) -> None:
    description = unused_for(timedelta(days=91, hours=2), app).json()["error_description"]
    assert "was issued on 2026-01-31T12:00:00.0000000Z and was inactive for 91.02:00:00." in description


def test_a_refused_redemption_does_not_use_up_the_code(app: ClientApp) -> None:
    code = app.code()
    assert app.redeem(code, code_verifier="x" * 43).status_code == 400
    assert app.redeem(code).status_code == 200


def test_no_refusal_repeats_a_secret_or_a_token(app: ClientApp) -> None:
    answer = app.refresh("local-rt-planted-token", client_secret="planted-wrong-secret")
    assert "planted" not in answer.text
