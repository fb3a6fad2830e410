"""The client of the token endpoint, against the local identity provider over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.identity_provider.server import running
from tests.local.identity_provider.client_app import CALLBACK, SECRET, VERIFIER, ClientApp, Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.json_members import JsonMembers
from token_refresher.diagnosis.diagnosis import Actor, diagnose
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.provider import microsoft_endpoint
from token_refresher.providers.token_endpoint import TokenEndpoint

SCOPE = "https://ads.microsoft.com/msads.manage"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(clock: Clock) -> Iterator[str]:
    with running(clock=clock) as started:
        yield started


@pytest.fixture
def app(url: str, clock: Clock) -> ClientApp:
    return ClientApp(url, clock).register()


@pytest.fixture
def endpoint(url: str, clock: Clock) -> Iterator[TokenEndpoint]:
    http = HttpClient()
    yield microsoft_endpoint(http, f"{url}/", clock)
    http._session.close()


def credential(app: ClientApp, **changes: Any) -> Credential:
    document = {"client_id": app.client_id, "client_secret": app.secret, **changes}
    return Credential.parse(JsonMembers({}).replace(document).dump())


def refresh_token(app: ClientApp) -> Sensitive:
    return Sensitive(app.consent()["refresh_token"])


def failure(endpoint: TokenEndpoint, of: Credential, token: Sensitive) -> ProviderFailure:
    with pytest.raises(ProviderError) as caught:
        endpoint.refresh(of, token)
    return caught.value.failure


def test_a_refresh_returns_the_successor_of_the_refresh_token(
    app: ClientApp, endpoint: TokenEndpoint, clock: Clock
) -> None:
    presented = refresh_token(app)
    grant = endpoint.refresh(credential(app), presented)
    assert grant.refresh_token is not None
    assert grant.access_token is not None
    assert [app.journal()[-1][key] for key in ("presented", "issued", "access_token")] == [
        presented.fingerprint,
        grant.refresh_token.fingerprint,
        grant.access_token.fingerprint,
    ]
    assert (grant.token_type, grant.scope, grant.id_token, grant.identity) == ("Bearer", SCOPE, None, None)
    assert (grant.issued_at, grant.expires_at) == (clock.at, clock.at + timedelta(hours=1))


def test_a_public_client_refreshes_without_a_secret(url: str, clock: Clock, endpoint: TokenEndpoint) -> None:
    app = ClientApp(url, clock, secret=None).register()
    assert endpoint.refresh(credential(app), refresh_token(app)).refresh_token is not None


@pytest.mark.parametrize("secret", [SECRET, None], ids=["with a secret", "a public client"])
def test_a_code_returns_tokens_and_who_signed_in(
    url: str, clock: Clock, endpoint: TokenEndpoint, secret: str | None
) -> None:
    app = ClientApp(url, clock, secret=secret).register()
    grant = endpoint.redeem(credential(app), Sensitive(app.code()), Sensitive(VERIFIER), CALLBACK)
    assert grant.refresh_token is not None
    assert grant.id_token is not None
    assert SCOPE in grant.scope.split()


def test_a_code_with_another_verifier_is_refused(app: ClientApp, endpoint: TokenEndpoint) -> None:
    with pytest.raises(ProviderError) as caught:
        endpoint.redeem(credential(app), Sensitive(app.code()), Sensitive("x" * 43), CALLBACK)
    assert caught.value.failure.error == "invalid_grant"


def test_a_code_works_once(app: ClientApp, endpoint: TokenEndpoint) -> None:
    code = Sensitive(app.code())
    endpoint.redeem(credential(app), code, Sensitive(VERIFIER), CALLBACK)
    with pytest.raises(ProviderError) as caught:
        endpoint.redeem(credential(app), code, Sensitive(VERIFIER), CALLBACK)
    assert diagnose(caught.value.failure).code == "54005"


def test_an_answer_without_a_refresh_token_is_a_grant_without_one(app: ClientApp, endpoint: TokenEndpoint) -> None:
    presented = refresh_token(app)
    app.control("faults", {"fault": "omit_refresh_token"})
    assert endpoint.refresh(credential(app), presented).refresh_token is None


def test_a_lifetime_may_be_sent_as_a_text(app: ClientApp, endpoint: TokenEndpoint, clock: Clock) -> None:
    app.register(expires_in_as_string=True, access_token_lifetime_seconds=4321)
    grant = endpoint.refresh(credential(app), refresh_token(app))
    assert grant.expires_at == clock.at + timedelta(seconds=4321)


@pytest.mark.parametrize(
    ("fault", "kind", "status", "actor"),
    [
        pytest.param("throttle", FailureKind.UNUSABLE_ANSWER, 429, Actor.NOBODY, id="throttled"),
        pytest.param("server_error", FailureKind.UNUSABLE_ANSWER, 503, Actor.NOBODY, id="a page of HTML"),
        pytest.param("temporarily_unavailable", FailureKind.REFUSED, 503, Actor.NOBODY, id="a transient error"),
        pytest.param("empty", FailureKind.UNUSABLE_ANSWER, 200, Actor.NOBODY, id="an empty success"),
        pytest.param("no_access_token", FailureKind.UNUSABLE_ANSWER, 200, Actor.NOBODY, id="no access token"),
        pytest.param("drop_after_rotating", FailureKind.NO_ANSWER, None, Actor.NOBODY, id="dropped after rotating"),
        pytest.param("invalid_client_secret_id", FailureKind.REFUSED, 401, Actor.OPERATOR, id="the secret's id"),
        pytest.param("client_secret_expired", FailureKind.REFUSED, 401, Actor.OPERATOR, id="an expired secret"),
    ],
)
def test_a_failure_becomes_facts(
    app: ClientApp, endpoint: TokenEndpoint, fault: str, kind: FailureKind, status: int | None, actor: Actor
) -> None:
    presented = refresh_token(app)
    app.control("faults", {"fault": fault})
    facts = failure(endpoint, credential(app), presented)
    assert (facts.kind, facts.http_status, diagnose(facts).actor) == (kind, status, actor)


def test_throttling_says_when_to_try_again(app: ClientApp, endpoint: TokenEndpoint) -> None:
    app.control("faults", {"fault": "throttle", "seconds": 17})
    assert failure(endpoint, credential(app), Sensitive("any")).retry_after == timedelta(seconds=17)


def test_a_revoked_grant_has_microsofts_codes(app: ClientApp, endpoint: TokenEndpoint) -> None:
    presented = refresh_token(app)
    app.control("revoke")
    facts = failure(endpoint, credential(app), presented)
    assert (facts.kind, facts.http_status, facts.error) == (FailureKind.REFUSED, 400, "invalid_grant")
    assert facts.codes
    assert facts.correlation_id
    assert diagnose(facts).actor is Actor.USER


def test_the_operator_has_to_act_on_a_wrong_client_secret(app: ClientApp, endpoint: TokenEndpoint) -> None:
    facts = failure(endpoint, credential(app, client_secret="planted-other"), refresh_token(app))
    assert (facts.http_status, facts.error, facts.codes) == (401, "invalid_client", (7000215,))
