"""One provider for every credential: the real code of a provider over the authorization server in memory."""

from tests.fakes.fake_ads_api import FakeAdsApi
from tests.fakes.fake_authority import FakeAuthority
from token_refresher.credential.document import Credential
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry
from token_refresher.providers.microsoft.provider import MicrosoftProvider, microsoft_entry
from token_refresher.providers.oauth2 import OAuth2Provider
from token_refresher.providers.provider import Provider


class FakeProviders:
    """Finds the same provider for every credential.

    Args:
        authority: The authorization server.
        ads_api: The Microsoft Advertising API.
        authority_url: The address of the authorization server.
        entry: How it behaves; Microsoft's entry if none is given.
    """

    def __init__(
        self, authority: FakeAuthority, ads_api: FakeAdsApi, authority_url: str, entry: ProviderEntry | None = None
    ) -> None:
        entry = entry or microsoft_entry(authority_url)
        kind = MicrosoftProvider if entry.dialect is Dialect.MICROSOFT else OAuth2Provider
        self._provider = kind(entry, authority, authority_url, ads_api)

    def of(self, credential: Credential) -> Provider:
        """See `Providers.of`."""
        return self._provider
