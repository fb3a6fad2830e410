"""The providers of the functions that call one."""

from token_refresher.aws.kms_signing import kms_sign
from token_refresher.aws.provider_entries import own_entries
from token_refresher.base.clock import Clock
from token_refresher.base.timeouts import Timeouts
from token_refresher.entrypoints.clients import ONCE, later
from token_refresher.entrypoints.settings import Settings
from token_refresher.providers.catalogue_providers import CatalogueProviders
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.ads_api import AdsApi


def providers(settings: Settings, timeouts: Timeouts, ads_api: AdsApi, clock: Clock) -> CatalogueProviders:
    """Return the providers."""
    return CatalogueProviders(
        HttpClient(timeouts),
        HttpClient(timeouts, only_public=not settings.is_local),
        ads_api,
        settings.authority_url,
        own_entries(later("ssm"), settings.providers_path),
        clock,
        is_local=settings.is_local,
        kms_sign=kms_sign(later("kms", ONCE)),
    )
