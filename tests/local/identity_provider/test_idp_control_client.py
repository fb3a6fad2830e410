"""The client of the control API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.identity_provider.control_client import IdentityProvider

if TYPE_CHECKING:
    from tests.local.identity_provider.client_app import ClientApp


@pytest.fixture
def control(app: ClientApp) -> IdentityProvider:
    return IdentityProvider(app.url)


def test_it_queues_an_error_of_the_ads_api(app: ClientApp, control: IdentityProvider) -> None:
    control.fault(app.client_id, "ads_error", code=122)
    answer = app.ads("User/Query", app.consent()["access_token"])
    assert answer.json()["Errors"][0]["Code"] == 122


def test_it_returns_the_claims_of_its_challenge(app: ClientApp, control: IdentityProvider) -> None:
    claims = control.challenge(app.client_id)
    assert app.redeem(app.code()).json()["claims"] == claims
    assert app.redeem(app.code(claims=claims)).status_code == 200
    assert [one["claims"] for one in control.authorizations(app.client_id)] == [None, claims]


def test_behave_ends_a_challenge(app: ClientApp, control: IdentityProvider) -> None:
    control.challenge(app.client_id)
    control.behave(app.client_id)
    assert app.consent()["access_token"]


def test_it_suspends_an_account_and_makes_it_active_again(app: ClientApp, control: IdentityProvider) -> None:
    access_token, statuses = app.consent()["access_token"], []
    for status in ("Suspended", "Active"):
        control.set_life_cycle_status(app.client_id, "1234567", status)
        answer = app.ads("Account/Query", access_token, {"AccountId": "1234567"})
        statuses.append(answer.json()["Account"]["AccountLifeCycleStatus"])
    assert statuses == ["Suspended", "Active"]
