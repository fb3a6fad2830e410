"""Microsoft as a provider: what its sign-in service does in its own way."""

from datetime import datetime

from token_refresher.base.clock import Clock
from token_refresher.base.failure import ProviderFailure
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.credential.scopes import asks_for_refresh_token
from token_refresher.diagnosis.diagnosis import Diagnosis, diagnose
from token_refresher.providers.catalogue.builtin import builtin
from token_refresher.providers.catalogue.entry import ProviderEntry
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.id_token import identify
from token_refresher.providers.oauth2 import OAuth2Provider
from token_refresher.providers.token_endpoint import TokenEndpoint


class MicrosoftProvider(OAuth2Provider):
    """The provider of Microsoft Advertising, and of any other API behind Microsoft Entra."""

    def identify(self, credential: Credential, grant: Grant, nonce: str, now: datetime) -> Identity:
        """See `Provider.identify`."""
        return identify(grant.id_token, credential.client_id, nonce, now)

    def brings_refresh_token(self, credential: Credential) -> bool:
        """See `Provider.brings_refresh_token`. Microsoft ignores the case of scopes."""
        return asks_for_refresh_token(credential.scope or self.entry.scope.default)

    def diagnose(self, failure: ProviderFailure) -> Diagnosis:
        """See `Provider.diagnose`."""
        return diagnose(failure, self.entry.words)


def microsoft_entry(authority_url: str, name: str = DEFAULT_PROVIDER) -> ProviderEntry:
    """Return an entry of Microsoft's at the address of its sign-in service that the stack uses."""
    return builtin(name).at(authority_url)


def microsoft_endpoint(http: HttpClient, authority_url: str, clock: Clock) -> TokenEndpoint:
    """Return the client of Microsoft's token endpoint."""
    return TokenEndpoint(http, microsoft_entry(authority_url), clock)
