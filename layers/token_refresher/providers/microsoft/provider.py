"""Microsoft as a provider: the token endpoint and the Ads API."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from token_refresher.providers.token_endpoint import TokenEndpoint

if TYPE_CHECKING:
    from token_refresher.providers.microsoft.ads_api import AdsApi


@dataclass(frozen=True)
class MicrosoftProvider:
    """The provider of Microsoft Advertising.

    Attributes:
        endpoint: The client of the token endpoint.
        ads_api: The client that checks the access to an advertising account.
    """

    endpoint: TokenEndpoint
    ads_api: "AdsApi"
