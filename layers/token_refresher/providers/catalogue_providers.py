"""Finds the provider of a credential in the catalogue, or among the entries that a team has added."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.providers.addresses import check_address
from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import AuthMethod, Dialect, ProviderEntry
from token_refresher.providers.catalogue.reader import InvalidEntryError
from token_refresher.providers.client_assertion import KmsSign, no_kms
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.provider import MicrosoftProvider
from token_refresher.providers.oauth2 import OAuth2Provider
from token_refresher.providers.provider import Provider
from token_refresher.providers.token_endpoint import TokenEndpoint

if TYPE_CHECKING:
    from token_refresher.providers.microsoft.ads_api import AdsApi

OAUTH2: Final = "oauth2"
"""The provider whose addresses are in the document."""

OwnEntry = Callable[[str], tuple[str, str] | None]
"""Returns the text of an entry that a team has added, and where it is; ``None`` if there is none of this name."""


@dataclass(frozen=True)
class CatalogueProviders:
    """The providers of the catalogue, those that a team has added, and those that a document describes.

    Attributes:
        http: The client for calls to the providers of the catalogue.
        public_http: The client for the addresses that a document or a team's own entry names.
        ads_api: The client of the Microsoft Advertising API.
        authority_url: The address of Microsoft's sign-in service.
        own_entry: Reads an entry that a team has added.
        clock: Returns the time.
        is_local: Whether the stack runs on one machine, and may use addresses of that machine.
        kms_sign: Signs by a key of KMS.
    """

    http: HttpClient
    public_http: HttpClient
    ads_api: "AdsApi"
    authority_url: str
    own_entry: OwnEntry
    clock: Clock
    is_local: bool = False
    kms_sign: KmsSign = no_kms
    _known: dict[tuple[str, ...], Provider] = field(default_factory=dict)

    def of(self, credential: Credential) -> Provider:
        """See `Providers.of`."""
        if credential.provider == OAUTH2:
            provider = self._made(_description(credential), lambda: self._described(credential))
        else:
            provider = self._made((credential.provider,), lambda: self.entry(credential.provider))
        if not credential.scope and not provider.entry.scope.default:
            raise MalformedCredentialError("scope", f"is missing; {provider.words.provider} has no default")
        return provider

    def _made(self, key: tuple[str, ...], entry: Callable[[], ProviderEntry]) -> Provider:
        """Return the provider of a key. It is made once, and keeps what it prepared for the next request."""
        if key not in self._known:
            self._known[key] = self._provider(entry())
        return self._known[key]

    def entry(self, name: str) -> ProviderEntry:
        """Return the entry of a provider; that of `OAUTH2` has no addresses.

        Raises:
            MalformedCredentialError: There is none of this name, or it cannot be used.
        """
        if name in builtin_names():
            entry = builtin(name)
            return entry.at(self.authority_url) if entry.dialect is Dialect.MICROSOFT else entry
        found = self.own_entry(name)
        if found is None:
            known = ", ".join(builtin_names())
            raise MalformedCredentialError("provider", f"is no provider that is known here; the catalogue has {known}")
        from token_refresher.providers.catalogue.own import read_own_entry  # noqa: PLC0415 - Few stacks have entries.

        text, where = found
        try:
            return read_own_entry(name, text, where, is_local=self.is_local)
        except InvalidEntryError as error:
            raise MalformedCredentialError("provider", f"has an entry that cannot be used ({error})") from None

    def _described(self, credential: Credential) -> ProviderEntry:
        """Return the entry of the provider that a document describes."""
        entry = builtin(OAUTH2)
        entry = entry.with_endpoints(credential.authorization_endpoint, credential.token_endpoint)
        for key, url in (
            ("authorization_endpoint", credential.authorization_endpoint),
            ("token_endpoint", credential.token_endpoint),
        ):
            problem = check_address(url, is_local=self.is_local) if url else "is missing; the provider oauth2 needs it"
            if problem:
                raise MalformedCredentialError(key, problem)
        method = credential.token_endpoint_auth_method
        if not method:
            return entry
        if method not in set(AuthMethod):
            raise MalformedCredentialError("token_endpoint_auth_method", f"must be one of {', '.join(AuthMethod)}")
        return entry.with_auth_method(AuthMethod(method))

    def http_of(self, entry: ProviderEntry) -> HttpClient:
        """Return the client for calls to a provider: the addresses of the catalogue come with the code."""
        return self.http if _is_ours(entry) else self.public_http

    def _provider(self, entry: ProviderEntry) -> Provider:
        endpoint = TokenEndpoint(self.http_of(entry), entry, self.clock, self.kms_sign)
        if entry.dialect is Dialect.MICROSOFT:
            authority = self.authority_url if _is_ours(entry) else entry.authority
            return MicrosoftProvider(entry, endpoint, authority, self.ads_api)
        return OAuth2Provider(entry, endpoint, entry.authority, self.ads_api)


def _is_ours(entry: ProviderEntry) -> bool:
    return entry.name in builtin_names() and entry.name != OAUTH2


def _description(credential: Credential) -> tuple[str, ...]:
    """Return what a document says of its provider."""
    return (
        OAUTH2,
        credential.authorization_endpoint,
        credential.token_endpoint,
        credential.token_endpoint_auth_method,
    )
