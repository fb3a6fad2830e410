"""The providers that credentials of an installation may name: the catalogue, and what its team has added."""

import difflib
from dataclasses import dataclass
from functools import cached_property

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.base.timeouts import INTERACTIVE
from token_refresher.base.words import Words
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.document import PROVIDER_GRAMMAR, Credential
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.catalogue_providers import CatalogueProviders
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.ads_api import AdsApi
from token_refresher.providers.provider import Provider
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.own_providers import OwnProviders
from token_refresher_cli.shell.errors import bad_input


@dataclass(frozen=True)
class KnownProviders:
    """The providers of an installation."""

    installation: Installation

    @cached_property
    def own(self) -> OwnProviders:
        """What the team has added."""
        return OwnProviders(self.installation)

    @cached_property
    def http(self) -> HttpClient:
        """The client for calls to a provider while a person waits."""
        return HttpClient(INTERACTIVE)

    @cached_property
    def public_http(self) -> HttpClient:
        """The same, for addresses that an operator, a document or a team's own entry names."""
        return HttpClient(INTERACTIVE, only_public=not self.is_local)

    def http_of(self, entry: ProviderEntry) -> HttpClient:
        """Return the client for calls to a provider."""
        return self._catalogue.http_of(entry)

    @cached_property
    def ads_api(self) -> AdsApi:
        """The client of the Microsoft Advertising API."""
        settings = self.installation.settings
        return AdsApi(self.http, settings.ads_api_url, settings.sandbox_ads_api_url)

    @property
    def is_local(self) -> bool:
        """Whether the stack runs on one machine, and a provider may be on it too."""
        return self.installation.settings.is_local

    @cached_property
    def _catalogue(self) -> CatalogueProviders:
        installation = self.installation
        return CatalogueProviders(
            self.http,
            self.public_http,
            self.ads_api,
            installation.settings.authority_url,
            self.own.read,
            installation.clock,
            is_local=self.is_local,
        )

    def of(self, credential: Credential) -> Provider:
        """Return the provider of a credential.

        Raises:
            MalformedCredentialError: There is no such provider, its entry cannot be used, or the document lacks what it
                needs.
        """
        return self._catalogue.of(credential)

    def entry(self, name: str) -> ProviderEntry:
        """Return the entry of a provider that the operator names.

        Raises:
            CommandError: There is none of this name, or it cannot be used.
        """
        if name == DEFAULT_PROVIDER:
            return builtin(name)
        step = "To add one of your own: token-refresher add-provider FILE (docs/providers.md)"
        if not PROVIDER_GRAMMAR.fullmatch(name):
            raise bad_input(
                "The name of the provider has other characters than small letters, digits and hyphens.",
                f"The catalogue has {', '.join(builtin_names())}. {step}",
            )
        try:
            return self._catalogue.entry(name)
        except MalformedCredentialError as error:
            close = difflib.get_close_matches(name, builtin_names(), n=1)
            meant = f"Do you mean {close[0]}? " if close else ""
            raise bad_input(f"The provider {name} {error.problem}.", f"{meant}{step}") from None

    def words(self, credential: Credential) -> Words:
        """Return how texts name the provider of a credential, also if its entry cannot be used."""
        try:
            return self.of(credential).words
        except MalformedCredentialError:
            name = credential.provider
            return Words(name, name, f"the sign-in service of {name}")
