"""The control API as methods: what the stack and its tests tell a running provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.identity_provider.control_client import IdentityProvider

if TYPE_CHECKING:
    from tests.local.identity_provider.client_app import ClientApp


@pytest.fixture
def control(app: ClientApp) -> IdentityProvider:
    return IdentityProvider(app.url)


def test_it_says_which_claims_meet_its_challenge(app: ClientApp, control: IdentityProvider) -> None:
    claims = control.challenge(app.client_id)
    assert app.redeem(app.code()).json()["claims"] == claims
    assert app.redeem(app.code(claims=claims)).status_code == 200
    assert [one["claims"] for one in control.authorizations(app.client_id)] == [None, claims]


def test_good_behaviour_ends_a_challenge(app: ClientApp, control: IdentityProvider) -> None:
    control.challenge(app.client_id)
    control.behave(app.client_id)
    assert app.consent()["access_token"]
