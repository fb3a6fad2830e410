"""The ID token of a code exchange says who signed in."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.identity import Identity
from token_refresher.providers.id_token import InvalidIdTokenError
from token_refresher.providers.microsoft.id_token import identify

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
CLAIMS = {
    "aud": "app-1",
    "nonce": "nonce-1",
    "tid": "tenant-1",
    "oid": "object-1",
    "sub": "subject-1",
    "preferred_username": "ads-owner@example.com",
    "name": "Ads owner",
}


def token(claims: Any) -> Sensitive:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return Sensitive(f"header.{payload}.")


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


def who(claims: Any) -> Identity:
    return identify(token(claims), "app-1", "nonce-1", AT)


@pytest.mark.parametrize(
    ("claims", "identity"),
    [
        pytest.param(CLAIMS, Identity("ads-owner@example.com", "tenant-1", "object-1", AT), id="all claims"),
        pytest.param(
            without("oid"),
            Identity("ads-owner@example.com", "tenant-1", "subject-1", AT),
            id="the subject instead of the object id",
        ),
        pytest.param(
            without("preferred_username"),
            Identity("Ads owner", "tenant-1", "object-1", AT),
            id="the name instead of the username",
        ),
        pytest.param(
            without("preferred_username", "name"),
            Identity("object-1", "tenant-1", "object-1", AT),
            id="the object id instead of any name",
        ),
    ],
)
def test_the_claims_say_who_signed_in(claims: dict[str, Any], identity: Identity) -> None:
    assert who(claims) == identity


FIVE_MINUTES_AGO = AT.timestamp() - 300


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(AT.timestamp() + 3600, id="in an hour"),
        pytest.param(FIVE_MINUTES_AGO, id="five minutes ago, the accepted clock skew"),
        pytest.param(int(FIVE_MINUTES_AGO), id="in whole seconds"),
        pytest.param(10**400, id="a number beyond any date"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(None, id="null"),
        pytest.param("1", id="a text"),
        pytest.param(True, id="true"),
    ],
)
def test_a_token_is_accepted_unless_its_end_is_a_time_in_the_past(end: Any) -> None:
    assert who({**CLAIMS, "exp": end}).object_id == "object-1"


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({**CLAIMS, "exp": FIVE_MINUTES_AGO - 1}, id="that has expired"),
        pytest.param({**CLAIMS, "exp": 0}, id="that expired in 1970"),
        pytest.param({**CLAIMS, "exp": float("-inf")}, id="that expired before any date"),
        pytest.param({**CLAIMS, "aud": "app-2"}, id="for another application"),
        pytest.param(without("aud"), id="for no application"),
        pytest.param({**CLAIMS, "aud": ["app-1"]}, id="for a list of applications"),
        pytest.param({**CLAIMS, "nonce": "nonce-2"}, id="of another sign-in"),
        pytest.param({**CLAIMS, "nonce": "nöncé"}, id="with a nonce that is no ASCII"),
        pytest.param({**CLAIMS, "nonce": None}, id="with null as its nonce"),
        pytest.param(without("nonce"), id="without a nonce"),
        pytest.param(without("oid", "sub"), id="without a person"),
        pytest.param(without("tid"), id="without a tenant"),
        pytest.param({**without("tid"), "tid": None}, id="with null as its tenant"),
        pytest.param({**CLAIMS, "oid": "", "sub": ""}, id="with an empty person"),
        pytest.param([], id="that is a list"),
        pytest.param("text", id="that is a text"),
        pytest.param(None, id="that is null"),
    ],
)
def test_a_token_is_invalid_if_it_is_one(claims: Any) -> None:
    with pytest.raises(InvalidIdTokenError):
        who(claims)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("no-dots", id="one segment"),
        pytest.param("a.!!!.c", id="no base64"),
        pytest.param("a.é.c", id="no ASCII"),
        pytest.param("a.eA.c", id="no JSON"),
        pytest.param("a." + base64.urlsafe_b64encode(b"[" * 100_000).decode() + ".c", id="too deep to read"),
    ],
)
def test_an_unreadable_token_is_invalid(text: str) -> None:
    with pytest.raises(InvalidIdTokenError) as caught:
        identify(Sensitive(text), "app-1", "nonce-1", AT)
    assert (str(caught.value), caught.value.__suppress_context__) == ("", True)


def test_a_missing_token_is_invalid() -> None:
    with pytest.raises(InvalidIdTokenError):
        identify(None, "app-1", "nonce-1", AT)


@given(st.text())
def test_any_text_is_read_or_invalid(text: str) -> None:
    with pytest.raises(InvalidIdTokenError):
        identify(Sensitive(text), "app-1", "nonce-1", AT)


@given(st.dictionaries(st.sampled_from(sorted(CLAIMS)), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_any_claims_are_read_or_invalid(claims: dict[str, Any]) -> None:
    try:
        assert who({**CLAIMS, **claims}).object_id
    except InvalidIdTokenError:
        assert claims
