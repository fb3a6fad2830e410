"""The authority without HTTP: what must hold for every order of refreshes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.identity_provider.authority import Authority
from local.identity_provider.codes import challenge_of
from local.identity_provider.errors import RefusedError
from local.identity_provider.people import PEOPLE
from local.identity_provider.records import App, AuthorizationRequest, Issued
from local.identity_provider.token_rules import Rotation
from tests.local.identity_provider.client_app import CALLBACK, Clock

SCOPE = ("https://ads.microsoft.com/msads.manage", "offline_access")


def consent(authority: Authority, app: App) -> Issued:
    authority.register(app)
    request = AuthorizationRequest(app, "common", CALLBACK, SCOPE)
    code = authority.sign_in(request, PEOPLE["ads-owner@example.com"])
    return authority.redeem_code(app, "common", code, redirect_uri=CALLBACK, code_verifier=None)


def an_app(rotation: Rotation) -> App:
    return App("an-app", (CALLBACK,), client_secret="planted-secret", rotation=rotation)


def newest(issued: Issued) -> str:
    assert issued.refresh_token is not None
    return issued.refresh_token


@given(st.lists(st.integers(min_value=0, max_value=20), max_size=12))
def test_strict_rotation_revokes_a_family_at_its_first_reused_token(picks: list[int]) -> None:
    authority, app = Authority(Clock()), an_app(Rotation.STRICT)
    tokens, revoked = [newest(consent(authority, app))], False
    for pick in picks:
        presented = tokens[pick % len(tokens)]
        revoked = revoked or presented != tokens[-1]
        if revoked:
            with pytest.raises(RefusedError):
                authority.refresh(app, presented)
        else:
            tokens.append(newest(authority.refresh(app, presented)))
    assert authority.grants.status(authority.grants.of("an-app")[0], authority.now()) == (
        "revoked" if revoked else "active"
    )


@given(st.lists(st.integers(min_value=0, max_value=20), max_size=12))
def test_microsoft_rotation_accepts_any_token_of_a_family_in_any_order(picks: list[int]) -> None:
    authority, app = Authority(Clock()), an_app(Rotation.MICROSOFT)
    tokens = [newest(consent(authority, app))]
    for pick in picks:
        tokens.append(newest(authority.refresh(app, tokens[pick % len(tokens)])))
    assert len(set(tokens)) == len(picks) + 1


@given(st.lists(st.integers(min_value=0, max_value=200), max_size=8))
def test_a_token_is_valid_as_long_as_no_pause_reaches_its_lifetime(pauses: list[int]) -> None:
    clock = Clock()
    authority, app = Authority(clock), an_app(Rotation.NONE)
    token, valid = newest(consent(authority, app)), True
    for days in pauses:
        clock.pass_by(timedelta(days=days))
        valid = valid and days < 90
        if valid:
            authority.refresh(app, token)
        else:
            with pytest.raises(RefusedError, match="700082"):
                authority.refresh(app, token)


def test_the_challenge_is_the_one_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_memory_of_the_authority_holds_no_raw_token() -> None:
    authority = Authority(Clock())
    issued = consent(authority, an_app(Rotation.STRICT))
    memory = repr([vars(authority), vars(authority.grants), vars(authority._codes), issued])
    assert newest(issued) not in memory
    assert issued.access_token not in memory
    assert "planted-secret" not in memory
