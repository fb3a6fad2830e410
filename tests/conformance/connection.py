"""One credential at one provider of the catalogue: the real client, over HTTP, against the local identity provider."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from local.identity_provider.catalogue import LOCAL, at_this_machine
from local.identity_provider.codes import challenge_of
from local.identity_provider.control_client import IdentityProvider
from tests.fakes.fake_ads_api import FakeAdsApi
from tests.local.identity_provider.client_app import CALLBACK, SECRET, TIMEOUT_SECONDS, VERIFIER, Clock
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timeouts import Timeouts
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.diagnosis.diagnosis import Diagnosis
from token_refresher.providers.authorization import AuthorizationRequest, SignInOptions
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry, Reuse, TokenRotation
from token_refresher.providers.catalogue_providers import OAUTH2, CatalogueProviders
from token_refresher.providers.http import HttpClient
from token_refresher.providers.provider import Provider

PERSON = "ads-owner@example.com"
_PATIENT = Timeouts(connect=timedelta(seconds=5), read=timedelta(seconds=10))


@dataclass
class Connection:
    """One credential at one provider.

    Attributes:
        name: The entry of the catalogue.
        url: The address of the local identity provider.
        clock: The clock of both sides.
        secret: The client secret, or ``None`` for a public client.
        client_id: The registered app.
    """

    name: str
    url: str
    clock: Clock
    secret: str | None = SECRET
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        self.control = IdentityProvider(self.url)
        self.register()

    def register(self, **settings: Any) -> None:
        """Register the app at the provider, or change its settings."""
        at = {} if self.is_microsoft else {"provider": self.name}
        secret = {"client_secret": self.secret} if self.secret else {}
        whole = {"redirect_uris": [CALLBACK], "auto_account": PERSON, **at, **secret, **settings}
        self.control.register(self.client_id, **whole)

    # --- What the entry says ----------------------------------------------------------------------------------------

    @property
    def entry(self) -> ProviderEntry:
        """The entry, with the provider's own addresses."""
        return builtin(self.name)

    @property
    def is_microsoft(self) -> bool:
        """Whether the provider is Microsoft, which has an address for all its entries."""
        return self.entry.dialect is Dialect.MICROSOFT

    @property
    def rotation(self) -> TokenRotation:
        """Whether a refresh brings another refresh token; always, if that is not known."""
        return self.entry.refresh_token.rotation or TokenRotation.ALWAYS

    @property
    def reuse(self) -> Reuse:
        """What happens to a replaced refresh token; the worst, if that is not known."""
        return self.entry.refresh_token.reuse or Reuse.REVOKES

    @property
    def scope(self) -> str:
        """A scope that brings a refresh token, with spaces."""
        if self.is_microsoft:
            return "https://ads.microsoft.com/msads.manage offline_access"
        facts = self.entry.scope
        return facts.default or " ".join(filter(None, ("read:one", "read:two", facts.refresh_token)))

    # --- The real client --------------------------------------------------------------------------------------------

    def credential(self, **keys: Any) -> Credential:
        """Return a document for this provider; a key given as ``None`` is left out."""
        provider = self.name if self.is_microsoft or self.name == OAUTH2 else f"{LOCAL}{self.name}"
        at = f"{self.url}/oauth2"
        addresses = {"authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token"}
        whole = {
            "client_id": self.client_id,
            "client_secret": self.secret,
            "provider": provider,
            "scope": self.scope,
            **(addresses if self.name == OAUTH2 else {}),
            **keys,
        }
        return Credential.parse(json.dumps({key: value for key, value in whole.items() if value is not None}))

    def provider(self, timeouts: Timeouts = _PATIENT) -> Provider:
        """Return the provider that the product finds for the document."""

        def own_entry(name: str) -> tuple[str, str]:
            return at_this_machine(name.removeprefix(LOCAL), self.url), name

        http = HttpClient(timeouts, clock=self.clock)
        found = CatalogueProviders(http, http, FakeAdsApi(), self.url, own_entry, self.clock, is_local=True)
        return found.of(self.credential())

    def authorization_url(self, **keys: Any) -> str:
        """Return the address that a browser is sent to."""
        values = AuthorizationRequest(
            Sensitive("the-state"), "the-nonce", challenge_of(VERIFIER), CALLBACK, SignInOptions()
        )
        return self.provider().authorization_url(self.credential(**keys), values)

    def sign_in(self, url: str) -> dict[str, str]:
        """Sign in, as a person in a browser does; return the query of the redirect."""
        answer = requests.get(url, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def redeem(self, code: str, **keys: Any) -> Grant:
        """Redeem a code."""
        return self.provider().redeem(self.credential(**keys), Sensitive(code), Sensitive(VERIFIER), CALLBACK)

    def consent(self, **keys: Any) -> Grant:
        """Connect, from the address of the sign-in to the tokens."""
        arrived = self.sign_in(self.authorization_url(**keys))
        assert arrived["state"] == "the-state"
        return self.redeem(arrived["code"], **keys)

    def refresh(self, refresh_token: Sensitive, **keys: Any) -> Grant:
        """Redeem a refresh token."""
        return self.provider().refresh(self.credential(**keys), refresh_token)

    def failure(self, refresh_token: Sensitive, timeouts: Timeouts = _PATIENT, **keys: Any) -> ProviderFailure:
        """Return the failure of a refresh."""
        with pytest.raises(ProviderError) as caught:
            self.provider(timeouts).refresh(self.credential(**keys), refresh_token)
        return caught.value.failure

    def diagnosis(self, refresh_token: Sensitive, **keys: Any) -> Diagnosis:
        """Return what the failure of a refresh means."""
        return self.provider().diagnose(self.failure(refresh_token, **keys))


def where(applies: Callable[[ProviderEntry], object]) -> pytest.MarkDecorator:
    """Run a test at each provider whose entry says something."""
    names = [name for name in builtin_names() if applies(builtin(name))]
    assert names, "no entry says this"
    return pytest.mark.parametrize("connection", names, indirect=True)


def issued(grant: Grant) -> Sensitive:
    """Return the refresh token of a grant that has one."""
    assert grant.refresh_token is not None
    return grant.refresh_token


def kept(grant: Grant, presented: Sensitive) -> Sensitive:
    """Return the refresh token that is kept after a refresh: the new one, or the old one if there is none."""
    return grant.refresh_token or presented


def without(url: str, *names: str) -> str:
    """Return an address without some parameters."""
    head, _, query = url.partition("?")
    return f"{head}?{urlencode([(name, value) for name, value in parse_qsl(query) if name not in names])}"
