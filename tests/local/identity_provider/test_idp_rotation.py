"""Refresh tokens: the three kinds of rotation, revocation and expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local.identity_provider.records import fingerprint
from tests.local.identity_provider.client_app import SCOPE, ClientApp


def outcomes(app: ClientApp) -> list[Any]:
    return [event["outcome"] for event in app.journal()]


def test_microsoft_issues_a_new_token_and_the_old_one_stays_valid(app: ClientApp) -> None:
    first = app.consent()["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    assert second != first
    assert app.refresh(first).status_code == app.refresh(second).status_code == 200


def test_strict_issues_a_new_token_that_is_valid(app: ClientApp) -> None:
    app.register(rotation="strict")
    second = app.refresh(app.consent()["refresh_token"]).json()["refresh_token"]
    assert app.refresh(second).status_code == 200


def test_strict_revokes_the_family_when_a_spent_token_is_presented(app: ClientApp) -> None:
    app.register(rotation="strict")
    first = app.consent()["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    assert app.refresh(first).json()["error_codes"] == [50173]
    assert app.refresh(second).json()["error_codes"] == [50173]
    assert outcomes(app) == ["issued", "issued", "reuse_detected", "invalid_grant"]


def test_reuse_does_not_revoke_the_other_families_of_the_app(app: ClientApp) -> None:
    app.register(rotation="strict")
    first, other = app.consent()["refresh_token"], app.consent()["refresh_token"]
    app.refresh(first)
    app.refresh(first)
    assert app.refresh(other).status_code == 200


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param("https://ads.microsoft.com/msads.manage", id="not requested again"),
        pytest.param(SCOPE, id="withheld"),
    ],
)
def test_strict_spends_a_token_only_for_a_successor(app: ClientApp, scope: str) -> None:
    app.register(rotation="strict")
    first = app.consent()["refresh_token"]
    if scope == SCOPE:
        app.control("faults", {"fault": "omit_refresh_token"})
    assert "refresh_token" not in app.refresh(first, scope=scope).json()
    assert "refresh_token" in app.refresh(first).json()


def test_without_rotation_the_first_token_stays_valid(app: ClientApp) -> None:
    app.register(rotation="none")
    first = app.consent()["refresh_token"]
    assert "refresh_token" not in app.refresh(first).json()
    assert app.refresh(first).status_code == 200


def test_each_use_restarts_the_lifetime_of_a_token(app: ClientApp) -> None:
    app.register(rotation="none")
    first = app.consent()["refresh_token"]
    for _ in range(3):
        app.clock.pass_by(timedelta(days=89))
        assert app.refresh(first).status_code == 200


def test_lifetimes_are_the_registered_ones(app: ClientApp) -> None:
    app.register(access_token_lifetime_seconds=600, refresh_token_lifetime_seconds=60)
    tokens = app.consent()
    app.clock.pass_by(timedelta(seconds=60))
    assert tokens["expires_in"] == 600
    assert app.refresh(tokens["refresh_token"]).json()["error_codes"] == [700082]


def test_expires_in_can_be_a_string(app: ClientApp) -> None:
    app.register(expires_in_as_string=True)
    assert app.consent()["expires_in"] == "3600"


def test_a_revocation_may_be_for_one_person_only(app: ClientApp) -> None:
    owner = app.consent()["refresh_token"]
    colleague = app.register(auto_account="colleague@example.com").consent()["refresh_token"]
    assert app.control("revoke", {"username": "colleague@example.com"}) == {"revoked": 1}
    assert app.refresh(colleague).status_code == 400
    assert app.refresh(owner).status_code == 200


def test_access_tokens_stay_valid_after_a_revocation(app: ClientApp) -> None:
    access_token = app.consent()["access_token"]
    app.control("revoke")
    assert app.ads("User/Query", access_token).status_code == 200


def test_a_new_consent_is_valid_after_an_earlier_revocation(app: ClientApp) -> None:
    app.consent()
    app.control("revoke")
    assert app.refresh(app.consent()["refresh_token"]).status_code == 200


def test_after_expire_refresh_tokens_are_inactive_for_their_lifetime(app: ClientApp) -> None:
    refresh_token = app.consent()["refresh_token"]
    assert app.control("expire") == {"expired": 1}
    body = app.refresh(refresh_token).json()
    assert body["error_codes"] == [700082]
    assert "was inactive for 90.00:00:00." in body["error_description"]


def test_the_grants_list_the_newest_token_and_its_status(app: ClientApp) -> None:
    assert app.read("grants") == {"newest_refresh_token": None, "status": None, "grants": []}
    newest = app.refresh(app.consent()["refresh_token"]).json()["refresh_token"]
    listed = app.read("grants")
    assert (listed["newest_refresh_token"], listed["status"]) == (fingerprint(newest), "active")
    app.control("expire")
    assert app.read("grants")["status"] == "expired"
    app.control("revoke")
    assert app.read("grants")["status"] == "revoked"
