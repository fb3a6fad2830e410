"""A claims challenge: no token until a person signs in with the claims that it requires."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.identity_provider.chooser_form import Form
from tests.local.identity_provider.client_app import ClientApp, answered


def challenge(app: ClientApp) -> str:
    return str(app.control("faults", {"fault": "claims_challenge"})["claims"])


def refusal(app: ClientApp) -> dict[str, Any]:
    answer = app.redeem(app.code())
    assert answer.status_code == 400, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_challenge_has_the_shape_of_real_ones(app: ClientApp) -> None:
    claims, body = challenge(app), refusal(app)
    assert (body["error"], body["error_codes"], body["suberror"]) == ("invalid_grant", [50076], "basic_action")
    assert body["claims"] == claims
    assert json.loads(claims)["access_token"]["capolids"]["essential"] is True
    assert "'d42ffc93-c136-491d-b4fd-6f18168c68fd'" in body["error_description"]


def test_a_challenge_refuses_codes_and_refresh_tokens_until_it_is_met(app: ClientApp) -> None:
    refresh_token = app.consent()["refresh_token"]
    claims = challenge(app)
    assert [app.refresh(refresh_token).json()["claims"] for _ in range(3)] == [claims] * 3
    assert refusal(app)["claims"] == claims
    assert app.redeem(app.code(claims=claims)).status_code == 200
    assert app.refresh(refresh_token).status_code == 200


def test_a_challenge_spends_neither_the_code_nor_the_refresh_token(app: ClientApp) -> None:
    app.register(rotation="strict")
    refresh_token, code = app.consent()["refresh_token"], app.code()
    claims = challenge(app)
    assert app.refresh(refresh_token).status_code == app.redeem(code).status_code == 400
    app.authorize(claims=claims)
    assert app.refresh(refresh_token).status_code == app.redeem(code).status_code == 200


@pytest.mark.parametrize("change", [str.upper, lambda claims: f" {claims}"], ids=["in capitals", "with a space"])
def test_claims_that_are_not_exactly_those_meet_nothing(app: ClientApp, change: Any) -> None:
    claims = challenge(app)
    app.authorize(claims=change(claims))
    assert refusal(app)["claims"] == claims


def test_the_claims_of_an_earlier_challenge_meet_nothing(app: ClientApp) -> None:
    earlier = challenge(app)
    app.authorize(claims=earlier)
    later = challenge(app)
    app.authorize(claims=earlier)
    assert refusal(app)["claims"] == later


def test_a_challenge_is_met_by_the_click_and_not_by_the_page(asking_app: ClientApp) -> None:
    claims = challenge(asking_app)
    early = answered(Form(asking_app.authorize()).click("ads-owner@example.com"))["code"]
    form = Form(asking_app.authorize(claims=claims))
    assert asking_app.redeem(early).json()["claims"] == claims
    back = answered(form.click("ads-owner@example.com"))
    assert asking_app.redeem(back["code"]).status_code == 200


@pytest.mark.parametrize(
    "fault", ["authorize_server_error", None], ids=["an error of the sign-in", "a cancelled sign-in"]
)
def test_a_sign_in_that_fails_meets_nothing(asking_app: ClientApp, fault: str | None) -> None:
    refresh_token = asking_app.register().consent()["refresh_token"]
    asking_app.register(auto_account=None)
    claims = challenge(asking_app)
    if fault:
        asking_app.control("faults", {"fault": fault})
    Form(asking_app.authorize(claims=claims)).click("ads-owner@example.com" if fault else "1")
    assert asking_app.refresh(refresh_token).json()["claims"] == claims


def test_the_challenge_of_one_app_is_not_the_challenge_of_another(app: ClientApp) -> None:
    other = ClientApp(app.url, app.clock).register()
    claims = challenge(app)
    other.authorize(claims=claims)
    assert other.consent()["access_token"]
    assert refusal(app)["claims"] == claims
