"""Any answer of the token endpoint becomes a grant or facts, however odd its body, and never the body itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.http import HttpAnswer, HttpClient
from token_refresher.providers.microsoft.provider import microsoft_endpoint
from token_refresher.providers.refusal_facts import refusal_facts
from token_refresher.providers.token_endpoint import TokenEndpoint

URL = "https://login.example.com/organizations/oauth2/v2.0/token"
CANARY = "canary-41aa"
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
CREDENTIAL = Credential.parse(
    json.dumps({"client_id": "app-1", "client_secret": CANARY, "tenant": "organizations", "scope": "a offline_access"})
)
CUT = '{"refresh_token": "successor"'
TOKENS = {"access_token": CANARY, "refresh_token": "successor", "expires_in": 3600}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=5), items, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def provider() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def refresh() -> Grant:
    return microsoft_endpoint(HttpClient(), "https://login.example.com", lambda: AT).refresh(
        CREDENTIAL, Sensitive(CANARY)
    )


def refused() -> ProviderFailure:
    with pytest.raises(ProviderError) as caught:
        refresh()
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return caught.value.failure


def sent(provider: responses.RequestsMock) -> dict[str, list[str]]:
    body = provider.calls[0].request.body
    return parse_qs(body.decode() if isinstance(body, bytes) else str(body))


def test_a_refresh_sends_five_fields_and_the_scope_is_one_of_them(provider: responses.RequestsMock) -> None:
    provider.post(URL, json=TOKENS)
    refresh()
    assert sent(provider) == {
        "client_id": ["app-1"],
        "client_secret": [CANARY],
        "grant_type": ["refresh_token"],
        "refresh_token": [CANARY],
        "scope": ["a offline_access"],
    }


def test_redeeming_a_code_sends_the_verifier_and_the_identity_scopes(provider: responses.RequestsMock) -> None:
    provider.post("https://login.example.com/common/oauth2/v2.0/token", json=TOKENS)
    public = Credential.parse('{"client_id": "app-1", "scope": "a offline_access"}')
    endpoint = microsoft_endpoint(HttpClient(), "https://login.example.com", lambda: AT)
    endpoint.redeem(public, Sensitive("code"), Sensitive("verifier"), "https://example.com/callback")
    assert sent(provider) == {
        "client_id": ["app-1"],
        "grant_type": ["authorization_code"],
        "code": ["code"],
        "code_verifier": ["verifier"],
        "redirect_uri": ["https://example.com/callback"],
        "scope": ["openid profile a offline_access"],
    }


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        pytest.param("3599", 3599, id="a number"),
        pytest.param('"3599"', 3599, id="a text"),
        pytest.param("3599.9", 3599, id="a fraction"),
        pytest.param('"3600.0"', 3600, id="a fraction as a text"),
        pytest.param('" 3600 "', 3600, id="a text with blanks"),
        pytest.param("3.6e3", 3600, id="a power of ten"),
        pytest.param("1", 1, id="a second"),
        pytest.param('3600, "ext_expires_in": 7200', 3600, id="with ext_expires_in"),
        pytest.param("86400", 86400, id="a day"),
        pytest.param(None, 600, id="missing"),
        pytest.param('null, "ext_expires_in": 7200', 600, id="missing, with ext_expires_in"),
        pytest.param("null", 600, id="null"),
        pytest.param('""', 600, id="an empty text"),
        pytest.param('"soon"', 600, id="a word"),
        pytest.param("true", 600, id="a boolean"),
        pytest.param('"1h"', 600, id="a number with a unit"),
        pytest.param("[3600]", 600, id="a list"),
        pytest.param("1e400", 600, id="infinite"),
        pytest.param("NaN", 600, id="not a number"),
        pytest.param(str(10**30), 600, id="too long for any date"),
    ],
)
def test_an_invalid_lifetime_counts_as_the_shortest(
    provider: responses.RequestsMock, expires_in: str | None, lifetime: int
) -> None:
    tail = "" if expires_in is None else f', "expires_in": {expires_in}'
    provider.post(URL, body=f'{{"access_token": "{CANARY}"{tail}}}')
    assert refresh().expires_at == AT + timedelta(seconds=lifetime)


def test_a_success_without_optional_members_gets_their_defaults(provider: responses.RequestsMock) -> None:
    """RFC 6749, section 5.1: no scope means the requested one."""
    provider.post(URL, json={"access_token": CANARY})
    grant = refresh()
    assert (grant.token_type, grant.scope, grant.refresh_token) == ("Bearer", "a offline_access", None)


@pytest.mark.parametrize(
    "refresh_token",
    [pytest.param("", id="empty"), pytest.param(None, id="null"), pytest.param(["x"], id="a list")],
)
def test_a_refresh_token_that_is_no_text_is_ignored(provider: responses.RequestsMock, refresh_token: Any) -> None:
    provider.post(URL, json={**TOKENS, "refresh_token": refresh_token})
    assert refresh().refresh_token is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param("", Reason.NO_OAUTH_ANSWER, id="nothing"),
        pytest.param(f"<html>{CANARY}</html>", Reason.NO_OAUTH_ANSWER, id="a page"),
        pytest.param(f'["{CANARY}"]', Reason.NO_OAUTH_ANSWER, id="a list"),
        pytest.param("{}", Reason.NO_TOKENS, id="an empty object"),
        pytest.param('{"access_token": ""}', Reason.NO_TOKENS, id="an empty access token"),
        pytest.param('{"access_token": 5}', Reason.NO_TOKENS, id="an access token that is a number"),
        pytest.param(f'{{"access_token": "{CANARY}', Reason.NO_OAUTH_ANSWER, id="an object cut short"),
        pytest.param(
            f'{{"error": "invalid_grant", "error_description": "{CANARY}"}}',
            Reason.NO_TOKENS,
            id="an error with a 200",
        ),
    ],
)
def test_a_success_without_an_access_token_is_unusable(
    provider: responses.RequestsMock, body: str, reason: Reason
) -> None:
    provider.post(URL, body=body, status=200)
    assert refused() == ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200, reason=reason)


@pytest.mark.parametrize("expires_in", ["0", "-3600", '"0"', '"-1.5"', "0.4"])
def test_an_access_token_that_has_already_expired_is_ignored(provider: responses.RequestsMock, expires_in: str) -> None:
    """It does not replace the stored one, which may still be valid, but its refresh token is kept."""
    tokens = f'"access_token": "{CANARY}", "expires_in": {expires_in}'
    provider.post(URL, body=f'{{{tokens}, "refresh_token": "successor"}}')
    grant = refresh()
    assert (grant.access_token, grant.expires_at, grant.refresh_token) == (None, None, Sensitive("successor"))


def test_an_expired_access_token_without_a_refresh_token_is_unusable(
    provider: responses.RequestsMock,
) -> None:
    provider.post(URL, body=f'{{"access_token": "{CANARY}", "expires_in": 0}}')
    assert refused() == ProviderFailure(FailureKind.UNUSABLE_ANSWER, 200, reason=Reason.ACCESS_TOKEN_ENDED)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206, 226, 299])
def test_every_success_status_may_have_tokens(provider: responses.RequestsMock, status: int) -> None:
    """A gateway that changes the answer changes the status to 203 (RFC 9110, section 15.3.4)."""
    provider.post(URL, json=TOKENS, status=status)
    assert refresh().refresh_token == Sensitive("successor")


@pytest.mark.parametrize("status", [302, 400, 403, 404, 500, 502, 503])
def test_a_complete_token_answer_is_accepted_with_any_status(provider: responses.RequestsMock, status: int) -> None:
    provider.post(URL, json={**TOKENS, "token_type": "Bearer"}, status=status)
    assert refresh().refresh_token == Sensitive("successor")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"error": "server_error", **TOKENS, "token_type": "Bearer"}, 500, id="an error beside tokens"),
        pytest.param({"refresh_token": CANARY}, 500, id="an echo of the request"),
        pytest.param({"access_token": CANARY, "refresh_token": CANARY}, 400, id="tokens without their type"),
    ],
)
def test_any_other_answer_needs_a_success_status(
    provider: responses.RequestsMock, body: dict[str, Any], status: int
) -> None:
    provider.post(URL, json=body, status=status)
    assert refused().http_status == status


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        pytest.param(json.dumps(TOKENS).encode("utf-8-sig"), {}, id="a byte-order mark"),
        pytest.param(json.dumps(TOKENS).encode("utf-16"), {}, id="UTF-16"),
        pytest.param(
            json.dumps({**TOKENS, "note": "gültig"}, ensure_ascii=False).encode("latin-1"),
            {"Content-Type": "application/json; charset=iso-8859-1"},
            id="Latin-1",
        ),
        pytest.param(json.dumps(TOKENS).encode(), {"Content-Type": "text/html"}, id="the content type of a page"),
        pytest.param(json.dumps(TOKENS).encode(), {"Content-Type": ";;"}, id="an invalid content type"),
        pytest.param(b"\r\n " + json.dumps(TOKENS).encode() + b"\r\n", {}, id="blank lines around it"),
    ],
)
def test_tokens_are_read_in_any_encoding(provider: responses.RequestsMock, raw: bytes, headers: dict[str, str]) -> None:
    provider.post(URL, body=raw, headers=headers)
    grant = refresh()
    assert (grant.access_token, grant.refresh_token) == (Sensitive(CANARY), Sensitive("successor"))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{"refresh_token": "successor", "access_token": "eyJ', id="cut off after it"),
        pytest.param('{"token_type": "Bearer", "refresh_token" : "successor"', id="cut off at its end"),
        pytest.param('<html>{"refresh_token":"successor"}</html>', id="in a page"),
        pytest.param('{"refresh_token": "successor"} trailing', id="before other text"),
        pytest.param('[{"refresh_token": "successor"}]', id="in a list"),
        pytest.param('{"refresh_token": "succ\\u0065ssor", ', id="with an escaped letter"),
        pytest.param('{"access_token": "", "refresh_token": "successor"}', id="beside an empty access token"),
        pytest.param('{"refresh_token": "successor", "expires_in": 3600}', id="without an access token"),
    ],
)
def test_a_refresh_token_is_read_from_any_body(provider: responses.RequestsMock, body: str) -> None:
    """The old refresh token may be spent: RFC 6749, section 6."""
    provider.post(URL, body=body)
    grant = refresh()
    assert (grant.refresh_token, grant.access_token, grant.expires_at) == (Sensitive("successor"), None, None)


@pytest.mark.parametrize("length", range(1, len(CUT)))
def test_an_incomplete_refresh_token_is_ignored(
    provider: responses.RequestsMock, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a token would replace a complete one."""
    answer = HttpAnswer(200, CUT[:length].encode(), whole=False)
    monkeypatch.setattr(HttpClient, "post_form", lambda *_: answer)
    if CUT[:length].count('"') < 4:
        assert refused().kind is FailureKind.NO_ANSWER
    else:
        assert refresh().refresh_token == Sensitive("successor")


def test_only_the_refresh_token_of_an_incomplete_answer_is_used(
    provider: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = HttpAnswer(200, json.dumps(TOKENS).encode(), whole=False)
    monkeypatch.setattr(HttpClient, "post_form", lambda *_: answer)
    assert (refresh().refresh_token, refresh().access_token) == (Sensitive("successor"), None)


def test_an_incomplete_refusal_is_unusable(provider: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = HttpAnswer(400, b'{"error": "invalid_grant"}', whole=False)
    monkeypatch.setattr(HttpClient, "post_form", lambda *_: answer)
    assert refused() == ProviderFailure(FailureKind.UNUSABLE_ANSWER, 400, reason=Reason.ANSWER_CUT_OFF)


def test_a_refresh_token_in_a_refusal_is_no_grant(provider: responses.RequestsMock) -> None:
    provider.post(URL, json={"error": "invalid_grant", **TOKENS}, status=400)
    assert refused().kind is FailureKind.REFUSED


@given(st.binary(max_size=200))
def test_any_body_becomes_a_grant_or_a_failure(body: bytes) -> None:
    http = HttpClient()
    http.post_form = lambda *_: HttpAnswer(200, body, whole=False)  # type: ignore[method-assign] # The answer is given.
    endpoint = microsoft_endpoint(http, "https://login.example.com", lambda: AT)
    with pytest.raises(ProviderError):
        endpoint.refresh(CREDENTIAL, Sensitive(CANARY))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<html>{CANARY}</html>", id="a page"),
        pytest.param(f'{{"message": "{CANARY}"}}', id="the JSON of a gateway"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, Reason.REDIRECTED),
        (307, Reason.REDIRECTED),
        (400, Reason.NO_OAUTH_ANSWER),
        (401, Reason.FORBIDDEN),
        (403, Reason.FORBIDDEN),
        (404, Reason.NOT_FOUND),
        (407, Reason.PROXY_WANTS_SIGN_IN),
        (429, Reason.NO_OAUTH_ANSWER),
        (451, Reason.FORBIDDEN),
        (500, Reason.NO_OAUTH_ANSWER),
        (503, Reason.NO_OAUTH_ANSWER),
    ],
)
def test_a_page_instead_of_a_refusal_is_unusable(
    provider: responses.RequestsMock, status: int, reason: Reason, body: str
) -> None:
    provider.post(URL, body=body, status=status, headers={"Retry-After": "9"})
    assert refused() == ProviderFailure(
        FailureKind.UNUSABLE_ANSWER, status, retry_after=timedelta(seconds=9), reason=reason
    )


def test_the_facts_of_a_refusal_are_kept_and_its_texts_are_not(provider: responses.RequestsMock) -> None:
    body = {
        "error": "invalid_grant",
        "error_description": f"AADSTS50173: The grant has been revoked {CANARY}",
        "error_codes": [50173],
        "timestamp": "2026-01-31 09:00:00Z",
        "trace_id": CANARY,
        "correlation_id": "00000000-0000-4000-8000-000000000009",
        "suberror": "bad_token",
        "claims": CANARY,
    }
    provider.post(URL, json=body, status=400)
    assert refused() == ProviderFailure(
        FailureKind.REFUSED,
        400,
        "invalid_grant",
        "bad_token",
        (50173,),
        "00000000-0000-4000-8000-000000000009",
    )


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        pytest.param({"error_codes": [70002, 70008]}, (70002, 70008), id="two codes, in their order"),
        pytest.param({"error_codes": [True, "x", 70008]}, (70008,), id="a code among other values"),
        pytest.param({"error_codes": [0, -1, 10**9, 70008]}, (70008,), id="a code among other numbers"),
        pytest.param({"error_codes": [], "error_description": "AADSTS70000: x"}, (70000,), id="an empty list"),
        pytest.param({"error_codes": 70008, "error_description": "AADSTS50011: x"}, (50011,), id="no list"),
        pytest.param({"error_description": "AADSTS50011: x"}, (50011,), id="only a description"),
        pytest.param({"error_description": "see AADSTS50011"}, (), id="a code in the middle of a description"),
        pytest.param({"error_description": ["AADSTS50011"]}, (), id="a description that is a list"),
        pytest.param({}, (), id="neither"),
        pytest.param({"error_description": f"AADSTS{'9' * 5000}"}, (), id="a number too long to be a code"),
    ],
)
def test_the_codes_come_from_the_list_or_the_description(fields: dict[str, Any], codes: tuple[int, ...]) -> None:
    assert refusal_facts(400, fields).codes == codes


@pytest.mark.parametrize("field", ["error", "suberror", "correlation_id"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("two words", id="a space"),
        pytest.param("line\nbreak", id="a line break"),
        pytest.param('"x"', id="quotes"),
        pytest.param("x" * 65, id="too long"),
        pytest.param(5, id="a number"),
        pytest.param(["invalid_grant"], id="a list"),
    ],
)
def test_an_error_or_suberror_with_an_unusual_text_is_dropped(field: str, value: Any) -> None:
    assert refusal_facts(400, {field: value}) == ProviderFailure(FailureKind.REFUSED, 400)


@given(
    st.dictionaries(
        st.sampled_from(["error", "suberror", "error_codes", "error_description", "correlation_id"]), JSON_VALUES
    )
)
def test_any_refusal_becomes_facts(fields: dict[str, Any]) -> None:
    assert refusal_facts(400, fields).http_status == 400


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"scope": " "}, id="a blank scope"),
        pytest.param({"scope": "a\tb"}, id="a scope with a tab"),
        pytest.param({"token_type": " "}, id="a blank token type"),
        pytest.param({"token_type": 5, "scope": ["a"]}, id="no texts"),
    ],
)
def test_an_issued_refresh_token_is_stored_whatever_the_other_members_are(
    provider: responses.RequestsMock, odd: dict[str, Any]
) -> None:
    provider.post(URL, json={**TOKENS, **odd})
    assert CREDENTIAL.with_grant(refresh()).refresh_token == Sensitive("successor")


@pytest.mark.parametrize(
    ("answer", "days"),
    [
        pytest.param({"refresh_token_expires_in": 86400}, 1, id="a number"),
        pytest.param({"refresh_token_expires_in": "86400"}, 1, id="a text"),
        pytest.param({"refresh_token_expires_in": 31536000}, 365, id="a year"),
        pytest.param({"refresh_token_expires_in": 157680000}, 1825, id="five years"),
        pytest.param({"refresh_token_expires_in": 86400, "refresh_token": None}, 1, id="of the one that was used"),
        pytest.param({}, None, id="nothing"),
        pytest.param({"refresh_token_expires_in": None}, None, id="null"),
        pytest.param({"refresh_token_expires_in": 0}, None, id="none: some providers write no end so"),
        pytest.param({"refresh_token_expires_in": -1}, None, id="a time that is past"),
        pytest.param({"refresh_token_expires_in": 10**12}, None, id="more than any token has"),
        pytest.param({"refresh_token_expires_in": "soon"}, None, id="a word"),
        pytest.param({"refresh_token_expires_in": [1]}, None, id="a list"),
    ],
)
def test_the_end_of_a_refresh_token_is_read_as_the_entry_says(
    provider: responses.RequestsMock, answer: dict[str, Any], days: int | None
) -> None:
    provider.post("https://www.linkedin.com/oauth/v2/accessToken", json={**TOKENS, **answer})
    endpoint = TokenEndpoint(HttpClient(), builtin("linkedin"), lambda: AT)
    ends_at = endpoint.refresh(CREDENTIAL, Sensitive(CANARY)).refresh_token_expires_at
    assert ends_at == (None if days is None else AT + timedelta(days=days))
