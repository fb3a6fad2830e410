"""Connecting at every provider: the sign-in, the code, the first tokens, and who signed in."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.identity_provider.codes import challenge_of
from tests.conformance.connection import PERSON, Connection, issued, where, without
from tests.fakes.keys import another_key, certificate, pem, rsa_key
from tests.local.identity_provider.client_app import CALLBACK, TIMEOUT_SECONDS, VERIFIER
from token_refresher.base.errors import MalformedCredentialError, ProviderError
from token_refresher.credential.account import AccountAccess
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.providers.access_check import check_access
from token_refresher.providers.catalogue.entry import AuthMethod, Dialect
from token_refresher.providers.discovery import discover
from token_refresher.providers.http import HttpClient
from token_refresher.providers.id_token import InvalidIdTokenError


def test_a_sign_in_brings_both_tokens_and_all_scopes(connection: Connection) -> None:
    grant = connection.consent()
    assert grant.access_token
    assert grant.refresh_token
    assert grant.expires_at
    assert grant.expires_at > connection.clock()
    assert connection.provider().missing_scopes(connection.credential(), grant.scope) == ()


def test_the_answer_says_who_signed_in_where_the_entry_says_so(connection: Connection) -> None:
    identity = connection.provider().identify(
        connection.credential(), connection.consent(), "the-nonce", connection.clock()
    )
    facts = connection.entry.identity
    assert identity.is_known is (facts is not None)
    assert identity.username == (PERSON if facts and facts.username else "")


@where(lambda entry: entry.identity)
def test_another_person_is_another_subject(connection: Connection) -> None:
    def signed_in(person: str) -> str:
        connection.register(auto_account=person)
        grant = connection.consent()
        return connection.provider().identify(connection.credential(), grant, "the-nonce", connection.clock()).person

    assert signed_in(PERSON) == signed_in(PERSON) != signed_in("colleague@example.com")


@where(lambda entry: entry.identity and entry.identity.is_id_token)
def test_an_id_token_of_another_sign_in_is_refused(connection: Connection) -> None:
    grant = connection.consent()
    with pytest.raises(InvalidIdTokenError):
        connection.provider().identify(connection.credential(), grant, "of-another-sign-in", connection.clock())


def test_a_code_is_good_for_one_use(connection: Connection) -> None:
    code = connection.sign_in(connection.authorization_url())["code"]
    connection.redeem(code)
    with pytest.raises(ProviderError) as caught:
        connection.redeem(code)
    assert connection.provider().diagnose(caught.value.failure).actor is not Actor.NOBODY


def test_a_code_ends(connection: Connection) -> None:
    code = connection.sign_in(connection.authorization_url())["code"]
    connection.clock.pass_by(connection.entry.authorization.code_lifetime or timedelta(minutes=10))
    with pytest.raises(ProviderError):
        connection.redeem(code)


@where(lambda entry: entry.authorization.code_challenge_method)
def test_the_verifier_of_another_sign_in_is_refused(connection: Connection) -> None:
    url = connection.authorization_url()
    other = url.replace(challenge_of(VERIFIER), challenge_of("another"))
    assert other != url
    with pytest.raises(ProviderError):
        connection.redeem(connection.sign_in(other)["code"])


@where(lambda entry: not entry.authorization.code_challenge_method)
def test_a_provider_without_pkce_gets_no_challenge(connection: Connection) -> None:
    """It gets no verifier either: the server would refuse it."""
    url = connection.authorization_url()
    assert "code_challenge" not in url
    assert connection.redeem(connection.sign_in(url)["code"]).access_token


def test_without_what_brings_it_there_is_no_refresh_token(connection: Connection) -> None:
    """A scope at some providers, a parameter of the sign-in at others, and nothing at the rest."""
    needed = connection.entry.scope.refresh_token
    scope = " ".join(one for one in connection.scope.split() if one != needed)
    url = without(connection.authorization_url(scope=scope), "access_type", "duration")
    grant = connection.redeem(connection.sign_in(url)["code"], scope=scope)
    parameters = {"access_type", "duration"} & set(connection.entry.authorization.parameters)
    assert (grant.refresh_token is None) is bool(needed or parameters)
    assert connection.provider().brings_refresh_token(connection.credential(scope=scope)) is not bool(needed)


def test_a_declined_consent_comes_back_as_access_denied(connection: Connection) -> None:
    connection.register(auto_account=None)
    chooser = requests.get(connection.authorization_url(), timeout=TIMEOUT_SECONDS)
    assert chooser.status_code == 200
    query = {key: values[0] for key, values in parse_qs(urlsplit(connection.authorization_url()).query).items()}
    answer = requests.post(chooser.url, data={**query, "cancel": "1"}, allow_redirects=False, timeout=TIMEOUT_SECONDS)
    assert answer.headers["Location"].startswith(f"{CALLBACK}?error=access_denied")


@where(lambda entry: AuthMethod.NONE in entry.token.auth_methods)
def test_a_public_client_connects(connection: Connection) -> None:
    public = Connection(connection.name, connection.url, connection.clock, secret=None)
    assert public.refresh(issued(public.consent())).access_token


@where(lambda entry: AuthMethod.PRIVATE_KEY_JWT in entry.token.auth_methods)
def test_a_private_key_connects_and_another_one_needs_the_operator(connection: Connection) -> None:
    signing = Connection(connection.name, connection.url, connection.clock, secret=None)
    signing.register(certificate=certificate(rsa_key()))
    ours, other = (pem(key) for key in (rsa_key(), another_key()))
    token = issued(signing.consent(private_key=ours))
    assert signing.refresh(token, private_key=ours).access_token
    assert signing.diagnosis(token, private_key=other).actor is Actor.OPERATOR
    assert signing.diagnosis(token).actor is Actor.OPERATOR


@where(lambda entry: AuthMethod.NONE not in entry.token.auth_methods)
def test_without_a_client_secret_the_operator_is_told_so(connection: Connection) -> None:
    with pytest.raises(MalformedCredentialError, match="client_secret"):
        connection.redeem("a-code", client_secret=None)


def test_a_wrong_client_secret_needs_the_operator(connection: Connection) -> None:
    token = issued(connection.consent())
    diagnosis = connection.diagnosis(token, client_secret="planted-wrong-secret")
    assert diagnosis.actor is Actor.OPERATOR
    assert connection.refresh(token).access_token, "the refusal ended the sign-in"


@where(lambda entry: entry.access_check_url)
def test_the_access_token_opens_the_page_of_the_access_check(connection: Connection) -> None:
    grant = connection.consent()
    assert grant.access_token
    assert grant.expires_at
    page, http = connection.provider().entry.access_check_url, HttpClient(clock=connection.clock)
    assert page.startswith(connection.url)
    assert check_access(http, page, grant.access_token).access is AccountAccess.REACHABLE
    connection.clock.pass_by(grant.expires_at - connection.clock())
    assert check_access(http, page, grant.access_token).access is AccountAccess.REFUSED


@where(lambda entry: entry.dialect is Dialect.OAUTH2)
def test_the_server_says_about_itself_what_the_entry_says(connection: Connection) -> None:
    found = discover(HttpClient(), f"{connection.url}/{connection.name}", is_local=True)
    described = connection.provider().entry
    assert found.authorization_endpoint == described.authorization.authorization_endpoint
    assert found.token_endpoint == described.token.token_endpoint
    assert found.auth_methods == described.token.auth_methods
    assert found.gives_refresh_tokens
