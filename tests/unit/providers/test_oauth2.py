"""A provider that does what its entry of the catalogue says."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fakes.fake_ads_api import FakeAdsApi
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.diagnosis.catalogue import OwnMeaning
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.providers.authorization import AuthorizationRequest, SignInOptions
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.catalogue.entry import (
    AuthorizationFacts,
    IdentityFacts,
    ProviderEntry,
    RefreshTokenFacts,
    ScopeFacts,
    TokenFacts,
    TokenRotation,
)
from token_refresher.providers.http import HttpAnswer, HttpClient
from token_refresher.providers.id_token import Fault, InvalidIdTokenError
from token_refresher.providers.oauth2 import OAuth2Provider
from token_refresher.providers.token_endpoint import TokenEndpoint

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
ISSUED = {"access_token": "access-1", "refresh_token": "refresh-1", "token_type": "Bearer", "expires_in": 3600}
REQUEST = AuthorizationRequest(
    Sensitive("state-1"), "nonce-1", "challenge-1", "https://connect.example.com/callback", SignInOptions()
)


def entry(**facts: Any) -> ProviderEntry:
    known = builtin("oauth2").with_endpoints("https://id.example.com/authorize", "https://id.example.com/token")
    return replace(known, **facts)


def credential(**keys: Any) -> Credential:
    whole = {"client_id": "app-1", "client_secret": "planted-secret", "provider": "oauth2", "scope": "ads reports"}
    return Credential.parse(json.dumps(whole | keys))


class Asked:
    """A provider whose token endpoint gives one answer, and keeps what it was asked."""

    def __init__(self, described: ProviderEntry, body: Any = ISSUED, status: int = 200) -> None:
        http = HttpClient()
        http.post_form = self._answer  # type: ignore[method-assign] # Replaces the network.
        self.forms: list[dict[str, str]] = []
        self.urls: list[str] = []
        self._answered = HttpAnswer(status, json.dumps(body).encode())
        endpoint = TokenEndpoint(http, described, lambda: NOW)
        self.ads_api = FakeAdsApi()
        self.provider = OAuth2Provider(described, endpoint, described.authority, self.ads_api)

    def _answer(self, url: str, form: dict[str, str], headers: Any = None) -> HttpAnswer:
        self.urls.append(url)
        self.forms.append({**form, **(headers or {})})
        return self._answered

    def refresh(self, **keys: Any) -> Grant:
        return self.provider.refresh(credential(**keys), Sensitive("refresh-0"))

    def redeem(self, **keys: Any) -> Grant:
        uri = "https://connect.example.com/callback"
        return self.provider.redeem(credential(**keys), Sensitive("code-1"), Sensitive("verifier-1"), uri)

    def failure(self) -> Any:
        with pytest.raises(ProviderError) as caught:
            self.refresh()
        return caught.value.failure


def query(described: ProviderEntry, request: AuthorizationRequest = REQUEST, **keys: Any) -> dict[str, str]:
    url = urlsplit(Asked(described).provider.authorization_url(credential(**keys), request))
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://id.example.com/authorize"
    return {name: values[0] for name, values in parse_qs(url.query).items()}


# --- The authorization request --------------------------------------------------------------------------------------


def test_the_authorization_request_is_that_of_the_rfc() -> None:
    assert query(entry(scope=ScopeFacts())) == {
        "client_id": "app-1",
        "response_type": "code",
        "redirect_uri": "https://connect.example.com/callback",
        "scope": "ads reports",
        "state": "state-1",
        "nonce": "nonce-1",
        "code_challenge": "challenge-1",
        "code_challenge_method": "S256",
    }


def test_an_entry_adds_its_parameters_and_may_refuse_pkce() -> None:
    facts = AuthorizationFacts("https://id.example.com/authorize", "", parameters={"access_type": "offline"})
    asked = query(entry(authorization=facts))
    assert asked["access_type"] == "offline"
    assert not asked.keys() & {"code_challenge", "code_challenge_method"}


@pytest.mark.parametrize(
    ("parameters", "prompt", "sent"),
    [
        pytest.param({"prompt": "login"}, "consent", "consent", id="the page replaces the prompt of the entry"),
        pytest.param({"prompt": "login"}, "none", "login", id="a prompt that no page uses is ignored"),
        pytest.param({}, "consent", None, id="a provider without a prompt gets none"),
    ],
)
def test_the_prompt_is_one_that_the_provider_knows(parameters: dict[str, str], prompt: str, sent: str | None) -> None:
    facts = AuthorizationFacts("https://id.example.com/authorize", parameters=parameters)
    request = replace(REQUEST, options=SignInOptions(prompt=prompt))
    assert query(entry(authorization=facts), request).get("prompt") == sent


@pytest.mark.parametrize(
    ("facts", "scope", "sent"),
    [
        pytest.param(ScopeFacts(), "ads reports", "ads reports", id="with spaces"),
        pytest.param(ScopeFacts(separator=","), "ads reports", "ads,reports", id="with commas"),
        pytest.param(ScopeFacts(identity="openid email"), "ads", "openid email ads", id="with the scopes of identity"),
        pytest.param(ScopeFacts(identity="openid email"), "ads openid", "email ads openid", id="each scope once"),
    ],
)
def test_the_scope_of_a_sign_in_is_written_as_the_provider_reads_it(facts: ScopeFacts, scope: str, sent: str) -> None:
    assert query(entry(scope=facts), scope=scope)["scope"] == sent


def test_a_document_without_a_scope_asks_for_the_default_of_the_provider() -> None:
    assert query(entry(scope=ScopeFacts(default="ads:read")), scope=None)["scope"] == "ads:read"


# --- The token endpoint ---------------------------------------------------------------------------------------------


def test_a_code_is_redeemed_as_the_rfc_says() -> None:
    asked = Asked(entry())
    asked.redeem()
    assert (asked.urls, asked.forms) == (
        ["https://id.example.com/token"],
        [
            {
                "client_id": "app-1",
                "client_secret": "planted-secret",
                "grant_type": "authorization_code",
                "code": "code-1",
                "redirect_uri": "https://connect.example.com/callback",
                "code_verifier": "verifier-1",
            }
        ],
    )


def test_a_provider_that_refuses_pkce_gets_no_verifier() -> None:
    asked = Asked(entry(authorization=AuthorizationFacts("https://id.example.com/authorize", "")))
    asked.redeem()
    assert "code_verifier" not in asked.forms[0]


@pytest.mark.parametrize(("sent", "scope"), [(False, None), (True, "ads,reports")])
def test_a_refresh_has_the_scope_only_if_the_provider_wants_it(sent: bool, scope: str | None) -> None:
    asked = Asked(entry(scope=ScopeFacts(separator=",", sent_at_refresh=sent)))
    asked.refresh()
    assert asked.forms[0].get("scope") == scope


@pytest.mark.parametrize(
    ("answered", "granted"),
    [
        ("ads reports", "ads reports"),
        ("ads,reports", "ads reports"),
        ("ads, reports", "ads reports"),
        ("ads+reports", "ads reports"),
        ("", "ads reports"),
        (None, "ads reports"),
    ],
)
def test_a_granted_scope_has_spaces_whatever_the_provider_writes(answered: str | None, granted: str) -> None:
    assert Asked(entry(), {**ISSUED, "scope": answered}).refresh().scope == granted


def test_an_answer_without_a_lifetime_has_that_of_the_entry() -> None:
    body = {name: value for name, value in ISSUED.items() if name != "expires_in"}
    grant = Asked(entry(access_token_lifetime=timedelta(days=30)), body).refresh()
    assert grant.expires_at == NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("seconds", "ends_at"),
    [
        pytest.param(86400, NOW + timedelta(days=1), id="a number"),
        pytest.param("86400", NOW + timedelta(days=1), id="a text"),
        pytest.param(None, None, id="nothing"),
        pytest.param("soon", None, id="a word"),
        pytest.param(0, None, id="zero"),
        pytest.param(-5, None, id="less than zero"),
    ],
)
def test_an_answer_may_say_when_its_refresh_token_ends(seconds: Any, ends_at: datetime | None) -> None:
    facts = RefreshTokenFacts(TokenRotation.NEVER, lifetime_member="x_refresh_token_expires_in")
    body = {**ISSUED, "x_refresh_token_expires_in": seconds}
    assert Asked(entry(refresh_token=facts), body).refresh().refresh_token_expires_at == ends_at


# --- Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "body", "error"),
    [
        pytest.param("error", {"error": "invalid_grant"}, "invalid_grant", id="the RFC's member"),
        pytest.param("status", {"status": "BAD_REFRESH_TOKEN"}, "BAD_REFRESH_TOKEN", id="a member of its own"),
        pytest.param("status", {"error": "invalid_grant"}, "invalid_grant", id="the RFC's, in place of its own"),
        pytest.param("code", {"code": 283, "message": "planted"}, "283", id="a number"),
        pytest.param("error", {"error": 400}, "400", id="a number in the RFC's member"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_has_its_code_whatever_its_member_and_its_status(
    member: str, body: dict[str, Any], error: str, status: int
) -> None:
    failure = Asked(entry(token=replace(entry().token, error_member=member)), body, status).failure()
    assert (failure.kind, failure.error, failure.http_status) == (FailureKind.REFUSED, error, status)
    assert not failure.may_have_been_granted


@pytest.mark.parametrize("body", [{"error": "<b>planted</b>"}, {"error": True}, {"error": {"code": "planted"}}])
def test_nothing_else_of_a_refusal_is_kept(body: dict[str, Any]) -> None:
    failure = Asked(entry(), body, 400).failure()
    assert (failure.kind, failure.error) == (FailureKind.UNUSABLE_ANSWER, "")


def test_tokens_beside_an_error_are_kept() -> None:
    assert Asked(entry(), {**ISSUED, "error": "odd"}).refresh().refresh_token == Sensitive("refresh-1")


def test_an_error_code_means_what_the_entry_says_in_the_words_of_the_provider() -> None:
    described = entry(errors={"invalid_code": OwnMeaning("grant_ended", cause="The sign-in at {provider} has ended.")})
    asked = Asked(described, {"error": "invalid_code"})
    diagnosis = asked.provider.diagnose(asked.failure())
    assert (diagnosis.code, diagnosis.actor, diagnosis.meaning) == ("invalid_code", Actor.USER, "grant_ended")
    assert diagnosis.cause == "The sign-in at the provider has ended."


def test_an_error_code_without_a_meaning_of_its_own_means_what_the_rfc_says() -> None:
    asked = Asked(entry(), {"error": "invalid_client"}, 401)
    assert asked.provider.diagnose(asked.failure()).meaning == "client_refused"


# --- Who signed in --------------------------------------------------------------------------------------------------


def id_token(**claims: Any) -> str:
    whole = {"aud": "app-1", "sub": "person-1", "email": "owner@example.com", "nonce": "nonce-1", **claims}
    kept = {name: claim for name, claim in whole.items() if claim is not None}
    return f"h.{base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip('=')}.s"


BY_ID_TOKEN = {
    "identity": IdentityFacts(is_id_token=True, subject=("sub",), username="email"),
    "scope": ScopeFacts(identity="openid email"),
}


def test_an_id_token_says_who_signed_in() -> None:
    asked = Asked(entry(**BY_ID_TOKEN), {**ISSUED, "id_token": id_token()})
    identity = asked.provider.identify(credential(), asked.redeem(), "nonce-1", NOW)
    assert (identity.username, identity.person, identity.consented_at) == ("owner@example.com", "person-1", NOW)


@pytest.mark.parametrize(
    "claims", [{"nonce": None}, {"aud": ["app-1"]}, {"email": None}], ids=["no nonce", "a list", "no name"]
)
def test_what_providers_do_differently_with_an_id_token_is_accepted(claims: dict[str, Any]) -> None:
    asked = Asked(entry(**BY_ID_TOKEN), {**ISSUED, "id_token": id_token(**claims)})
    assert asked.provider.identify(credential(), asked.redeem(), "nonce-1", NOW).person == "person-1"


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        pytest.param({"nonce": "nonce-2"}, None, id="of another sign-in"),
        pytest.param({"aud": "app-2"}, Fault.FOREIGN, id="for another application"),
        pytest.param({"aud": ["app-1", "app-2"]}, Fault.FOREIGN, id="for several applications"),
        pytest.param({"sub": None}, Fault.INCOMPLETE, id="about nobody"),
        pytest.param({"exp": NOW.timestamp() - 3600}, Fault.OVER, id="that has expired"),
    ],
)
def test_an_id_token_of_something_else_names_nobody(claims: dict[str, Any], fault: Fault | None) -> None:
    asked = Asked(entry(**BY_ID_TOKEN), {**ISSUED, "id_token": id_token(**claims)})
    with pytest.raises(InvalidIdTokenError) as caught:
        asked.provider.identify(credential(), asked.redeem(), "nonce-1", NOW)
    assert caught.value.fault == fault


def test_an_answer_may_say_by_itself_who_signed_in() -> None:
    facts = IdentityFacts(is_id_token=False, subject=("hub_id", "user_id"), username="user")
    body = {**ISSUED, "hub_id": 62515, "user_id": 7, "user": "owner@example.com"}
    asked = Asked(entry(identity=facts), body)
    identity = asked.provider.identify(credential(), asked.redeem(), "nonce-1", NOW)
    assert (identity.username, identity.person) == ("owner@example.com", "62515/7")


def test_a_provider_that_names_nobody_gives_an_unknown_person() -> None:
    asked = Asked(entry(identity=None))
    identity = asked.provider.identify(credential(), asked.redeem(), "nonce-1", NOW)
    assert (identity.is_known, identity.consented_at) == (False, NOW)


def test_only_an_entry_with_advertising_accounts_asks_for_one() -> None:
    asked = Asked(entry())
    with_account = credential(account_id="1234567", developer_token="planted-developer-token")
    assert asked.provider.verify_account(with_account, Sensitive("access-1"), timedelta(minutes=1)) is None


def test_the_account_is_asked_with_the_headers_that_a_token_of_the_provider_needs() -> None:
    asked = Asked(entry(has_advertising_accounts=True, account_api_headers={"IdentityProvider": "Google"}))
    with_account = credential(account_id="1234567", developer_token="planted-developer-token")
    assert asked.provider.verify_account(with_account, Sensitive("access-1"), timedelta(minutes=1)) is not None
    assert asked.ads_api.asked_with == [{"IdentityProvider": "Google"}]


@pytest.mark.parametrize(
    ("needed", "scope", "brings"), [("", "ads", True), ("offline_access", "ads", False), ("rt", "ads rt", True)]
)
def test_a_scope_brings_a_refresh_token_if_the_entry_says_so(needed: str, scope: str, brings: bool) -> None:
    provider = Asked(entry(scope=ScopeFacts(refresh_token=needed))).provider
    assert provider.brings_refresh_token(credential(scope=scope)) is brings


def test_the_authority_is_the_host_of_the_token_endpoint() -> None:
    described = entry(token=TokenFacts("https://ID.example.com:443/oauth2/token"))
    assert Asked(described).provider.authority == "https://id.example.com"
