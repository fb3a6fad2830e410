"""Which provider a document gets, and what is wrong if it gets none."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.fake_ads_api import FakeAdsApi
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.builtin import builtin_names, builtin_text
from token_refresher.providers.catalogue_providers import CatalogueProviders
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.provider import MicrosoftProvider

WHERE = "/token-refresher/providers/acme"
OWN = """
title = "Acme"
[authorization]
authorization_endpoint = "https://id.example.com/authorize"
source = ["GUIDE"]
[token]
token_endpoint = "https://id.example.com/token"
source = ["GUIDE"]
[sources.GUIDE]
url = "https://example.com/oauth"
looked_at = 2026-01-31
"""
DESCRIBED = {
    "provider": "oauth2",
    "authorization_endpoint": "https://id.example.com/authorize",
    "token_endpoint": "https://id.example.com/token",
    "scope": "ads",
}


def providers(own: str | None = None, *, is_local: bool = False) -> CatalogueProviders:
    http = HttpClient()
    return CatalogueProviders(
        http,
        http,
        FakeAdsApi(),
        "https://login.example.com",
        lambda name: (own, WHERE) if own is not None and name == "acme" else None,
        lambda: datetime(2026, 1, 31, 9, tzinfo=UTC),
        is_local=is_local,
    )


def credential(**keys: Any) -> Credential:
    return Credential.parse(json.dumps({"client_id": "app-1", **keys}))


def problem(found: CatalogueProviders, **keys: Any) -> str:
    with pytest.raises(MalformedCredentialError) as caught:
        found.of(credential(**keys))
    return str(caught.value)


def test_a_document_without_a_provider_is_of_microsoft_advertising_at_the_address_of_the_stack() -> None:
    provider = providers().of(credential())
    assert isinstance(provider, MicrosoftProvider)
    assert (provider.entry.name, provider.authority) == ("microsoft-advertising", "https://login.example.com")
    assert provider.entry.token.token_endpoint == "https://login.example.com/{tenant}/oauth2/v2.0/token"


@pytest.mark.parametrize("name", sorted(set(builtin_names()) - {"oauth2"}))
def test_each_entry_of_the_catalogue_is_a_provider(name: str) -> None:
    provider = providers().of(credential(provider=name, scope="ads"))
    assert (provider.entry.name, provider.words) == (name, provider.entry.words)
    assert provider.authority.startswith("https://")


def test_a_provider_is_made_once() -> None:
    found = providers()
    assert found.of(credential()) is found.of(credential())
    assert found.of(credential(**DESCRIBED)) is found.of(credential(**DESCRIBED, client_secret="planted-secret"))


def test_a_team_adds_a_provider_of_its_own() -> None:
    provider = providers(OWN).of(credential(provider="acme", scope="ads"))
    assert (provider.words.provider, provider.authority) == ("Acme", "https://id.example.com")


def test_a_microsoft_of_the_team_is_an_authority_of_its_own() -> None:
    """A sovereign cloud may be down while the public one is not."""
    own = 'dialect = "microsoft"\n' + OWN
    provider = providers(own).of(credential(provider="acme", scope="ads"))
    assert isinstance(provider, MicrosoftProvider)
    assert provider.authority == "https://id.example.com"


def test_an_entry_of_a_team_replaces_none_of_the_catalogue() -> None:
    found = replace(providers(), own_entry=lambda _: (OWN, WHERE))
    assert found.of(credential(provider="google", scope="ads")).words.provider == "Google"


def test_a_document_may_describe_its_provider() -> None:
    provider = providers().of(credential(**DESCRIBED, token_endpoint_auth_method="client_secret_basic"))
    assert provider.authority == "https://id.example.com"
    assert [str(method) for method in provider.entry.token.auth_methods] == ["client_secret_basic"]


def test_two_documents_may_describe_two_providers() -> None:
    found = providers()
    other = {**DESCRIBED, "token_endpoint": "https://other.example.com/token"}
    authorities = [found.of(credential(**document)).authority for document in (DESCRIBED, other)]
    assert authorities == ["https://id.example.com", "https://other.example.com"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param({"provider": "acme"}, "provider is no provider that is known here", id="an unknown one"),
        pytest.param({"provider": "google"}, "scope is missing; Google has no default", id="no scope"),
        pytest.param({**DESCRIBED, "scope": None}, "scope is missing", id="described, without a scope"),
        pytest.param({**DESCRIBED, "token_endpoint": None}, "token_endpoint is missing", id="described, no endpoint"),
        pytest.param(
            {**DESCRIBED, "authorization_endpoint": None}, "authorization_endpoint is missing", id="no authorization"
        ),
        pytest.param(
            {**DESCRIBED, "token_endpoint": "http://id.example.com/token"},
            "token_endpoint must begin with https://",
            id="no TLS",
        ),
        pytest.param(
            {**DESCRIBED, "token_endpoint": "https://10.0.0.7/token"},
            "token_endpoint points to a private network",
            id="a private network",
        ),
        pytest.param(
            {**DESCRIBED, "token_endpoint_auth_method": "tls_client_auth"},
            "token_endpoint_auth_method must be one of",
            id="an unknown method",
        ),
    ],
)
def test_what_is_wrong_with_a_document_names_its_key(keys: dict[str, Any], said: str) -> None:
    assert problem(providers(), **keys).startswith(said)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        pytest.param(OWN.replace("title", "title ="), f"{WHERE}, line 2: the entry is not TOML", id="no TOML"),
        pytest.param(OWN.replace("title", "titel"), f"{WHERE}: title is missing", id="a misspelt key"),
        pytest.param(
            OWN + "\n[token_endpoint]\n", f"{WHERE}, line 13: token_endpoint is no key", id="an unknown table"
        ),
        pytest.param(
            OWN.replace("https://id.example.com/token", "http://id.example.com/token"),
            f"{WHERE}, line 7: token.token_endpoint must begin with https://",
            id="no TLS",
        ),
        pytest.param(
            OWN.replace("https://id.example.com/token", "https://169.254.169.254/token"),
            f"{WHERE}, line 7: token.token_endpoint points to a private network",
            id="a private network",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_names_the_parameter_the_line_and_the_key(own: str, said: str) -> None:
    assert said in problem(providers(own), provider="acme", scope="ads")


def test_a_stack_on_one_machine_may_use_that_machine() -> None:
    here = OWN.replace("https://id.example.com", "http://localhost:8080/acme")
    provider = providers(here, is_local=True).of(credential(provider="acme", scope="ads"))
    assert provider.authority == "http://localhost:8080"
    assert "must begin with https" in problem(providers(here), provider="acme", scope="ads")


def test_a_text_of_the_catalogue_is_an_example_for_an_own_entry() -> None:
    own = providers(builtin_text("xero")).of(credential(provider="acme", scope="ads"))
    assert own.words.provider == "Xero"
