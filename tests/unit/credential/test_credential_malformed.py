"""The error for a malformed document names the field and never quotes a value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.document import Credential

CANARY = "canary-7f3e"
IDENTITY = {"username": "ads-owner@example.com", "consented_at": "2026-01-31T09:00:00Z"}


def refused(text: str) -> MalformedCredentialError:
    with pytest.raises(MalformedCredentialError) as caught:
        Credential.parse(text)
    error = caught.value
    assert CANARY not in f"{error} {error!r}"
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return error


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        pytest.param("client_id", None, "is missing", id="no client id"),
        pytest.param("client_id", "", "is empty", id="an empty client id"),
        pytest.param("client_id", 12345, "must be a text, and is a number", id="a client id that is a number"),
        pytest.param("client_secret", " \n", "is empty", id="a blank client secret"),
        pytest.param("client_secret", [CANARY], "must be a text, and is a list", id="a list of secrets"),
        pytest.param("previous_client_secret", " ", "is empty", id="a blank previous client secret"),
        pytest.param("previous_client_secret", [CANARY], "must be a text, and is a list", id="a list of old secrets"),
        pytest.param("client_secret", f"{CANARY}\n{CANARY}", "line break", id="a secret with a line break inside"),
        pytest.param("client_secret", f"{CANARY}\x00{CANARY}", "control character", id="a secret with a null byte"),
        pytest.param("tenant", f"../{CANARY}", "must be a tenant id", id="a tenant that climbs the path"),
        pytest.param("tenant", f"{CANARY}/b", "must be a tenant id", id="a tenant with a slash"),
        pytest.param("tenant", f"{CANARY}?b", "must be a tenant id", id="a tenant with a query"),
        pytest.param("tenant", f"{CANARY}#b", "must be a tenant id", id="a tenant with a fragment"),
        pytest.param("tenant", f"{CANARY}%2Fb", "must be a tenant id", id="a tenant with an escaped slash"),
        pytest.param("tenant", f"{CANARY}\\b", "must be a tenant id", id="a tenant with a backslash"),
        pytest.param("tenant", f"{CANARY}@b", "must be a tenant id", id="a tenant with an at sign"),
        pytest.param("tenant", "..", "must be a tenant id", id="a tenant of dots"),
        pytest.param("scope", f"{CANARY}  b", "must be a space-separated list", id="a scope with two spaces"),
        pytest.param("scope", f'{CANARY}"', "must be a space-separated list", id="a scope with a quote"),
        pytest.param("scope", [CANARY], "must be a text, and is a list", id="a scope that is a list"),
        pytest.param("developer_token", {"a": CANARY}, "must be a text, and is an object", id="an object for a token"),
        pytest.param("customer_id", CANARY, "must be a number", id="a customer id of letters"),
        pytest.param("account_id", "X1234567", "must be a number", id="the account number instead of its id"),
        pytest.param("account_id", -5, "must be a number", id="a negative account id"),
        pytest.param("account_id", 1.5, "must be a text, and is a number", id="half an account id"),
        pytest.param("account_id", True, "must be a text, and is true or false", id="a boolean account id"),
        pytest.param("client_secret_expires_at", CANARY, "must be a time", id="an expiry that is no time"),
        pytest.param("client_secret_expires_at", "2026-12-31", "must be a time", id="an expiry that is a date"),
        pytest.param("expires_at", "2026-01-31T09:00:00", "must be a time", id="a time without an offset"),
        pytest.param("expires_at", 1769850000, "must be a text, and is a number", id="a time in seconds"),
        pytest.param("expires_at", "0001-01-01T00:00:00+14:00", "must be a time", id="a time before year 1 in UTC"),
        pytest.param("refreshed_at", False, "must be a text, and is true or false", id="a boolean time"),
        pytest.param("refresh_token_issued_at", CANARY, "must be a time", id="an issue time that is no time"),
        pytest.param("refresh_token", 1.5, "must be a text, and is a number", id="a refresh token that is a number"),
        pytest.param("access_token", "", "is empty", id="an empty access token"),
        pytest.param("token_type", {}, "must be a text, and is an object", id="an object for a token type"),
        pytest.param("granted_scope", [], "must be a text, and is a list", id="a list for the granted scope"),
        pytest.param("identity", CANARY, "must be an object, and is a text", id="a text for an identity"),
        pytest.param("identity", [], "must be an object, and is a list", id="a list for an identity"),
    ],
)
def test_the_error_names_the_field(field: str, value: Any, problem: str) -> None:
    document = {"client_id": "app-1", "extra": CANARY, field: value}
    error = refused(json.dumps({key: item for key, item in document.items() if item is not None}))
    assert error.field == field
    assert str(error).startswith(f"{field} ")
    assert problem in str(error)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        pytest.param({"username": 1}, "identity.username", "must be a text", id="a name that is a number"),
        pytest.param({"tenant_id": []}, "identity.tenant_id", "must be a text", id="a tenant that is a list"),
        pytest.param({"object_id": "a\nb"}, "identity.object_id", "line break", id="an object id of two lines"),
        pytest.param({"consented_at": CANARY}, "identity.consented_at", "must be a time", id="a text that is no time"),
        pytest.param({"consented_at": None}, "identity.consented_at", "is missing", id="a consent without a time"),
    ],
)
def test_the_error_names_the_field_inside_an_identity(changes: dict[str, Any], field: str, problem: str) -> None:
    error = refused(json.dumps({"client_id": "app-1", "identity": {**IDENTITY, **changes}}))
    assert error.field == field
    assert problem in str(error)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "the secret is not a JSON object", id="nothing"),
        pytest.param(CANARY, "the secret is not a JSON object", id="a bare token"),
        pytest.param(f'"{CANARY}"', "the secret is not a JSON object", id="a quoted token"),
        pytest.param(f'["{CANARY}"]', "the secret is not a JSON object", id="a list"),
        pytest.param(f'{{"client_id": "{CANARY}"', "the secret is not JSON", id="an object cut short"),
        pytest.param(f'{{"client_id": "{CANARY}', "the secret is not JSON", id="a text cut short"),
        pytest.param(f'{{"client_id": {CANARY}}}', "the secret is not JSON", id="a value without quotes"),
        pytest.param(f'{{"client_id": "{CANARY}\n"}}', "the secret is not JSON", id="a line break in a text"),
        pytest.param(f'{{"client_id": "a", "client_id": "{CANARY}"}}', "twice", id="a key twice"),
        pytest.param(f'{{"client_id": "a"}} {CANARY}', "has text after", id="trailing text"),
        pytest.param(f'{{"client_id": "{CANARY}", "n": NaN}}', "NaN", id="NaN"),
        pytest.param('{"client_id": "a", "n": ' + "[" * 50_000 + "]" * 50_000 + "}", "the secret", id="too deep"),
    ],
)
def test_a_secret_that_is_no_json_object_is_rejected_as_a_whole(text: str, problem: str) -> None:
    error = refused(text)
    assert error.field is None
    assert problem in str(error)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=12))
def test_a_tenant_always_stays_one_segment_of_the_url(tenant: str) -> None:
    try:
        parsed = Credential.parse(json.dumps({"client_id": "app-1", "tenant": tenant})).tenant
    except MalformedCredentialError:
        return
    assert set("/\\?#%@: \t\n\r").isdisjoint(parsed)
    assert parsed.strip(".")


@given(
    st.dictionaries(st.sampled_from(["tenant", "scope", "account_id", "identity", "expires_at"]), st.text() | st.none())
)
def test_a_malformed_document_raises_no_other_error(fields: dict[str, str | None]) -> None:
    try:
        Credential.parse(json.dumps({"client_id": "app-1", **fields}))
    except MalformedCredentialError as error:
        assert error.field in fields  # noqa: PT017 - either outcome is right; no other exception is.
