"""What notifies people and verifies their accounts. An ordinary refresh does neither, so it loads this at first use."""

from token_refresher.alerts.messages import Messages
from token_refresher.alerts.reminders import Reminders
from token_refresher.alerts.shared import SharedAlerting
from token_refresher.aws.incidents_table import DynamoDbIncidents
from token_refresher.aws.signing_secret import read_signing_secret
from token_refresher.base.clock import system_clock
from token_refresher.base.timeouts import CHECKING
from token_refresher.entrypoints.alerting import topic
from token_refresher.entrypoints.clients import PATIENT, registry, secrets_manager, table
from token_refresher.entrypoints.settings import Settings
from token_refresher.invites.links import ConnectLinks
from token_refresher.invites.signing_keys import SigningKeys
from token_refresher.providers.http import HttpClient
from token_refresher.providers.microsoft.ads_api import AdsApi


def links(settings: Settings) -> ConnectLinks:
    """Return the maker of connect links."""

    def read() -> str:
        return read_signing_secret(secrets_manager(PATIENT), settings.invite_secret_arn)

    keys = SigningKeys(read, system_clock)
    return ConnectLinks(keys, settings.public_url, settings.connect_link_lifetime, system_clock)


def messages(settings: Settings, connect_links: ConnectLinks) -> Messages:
    """Return the writer of messages."""
    return Messages(connect_links, settings.runbook_url, system_clock)


def shared_alerting(settings: Settings) -> SharedAlerting:
    """Return the alerting of incidents that many credentials share."""
    incidents = DynamoDbIncidents(table(settings.incidents_table))
    return SharedAlerting(topic(settings), incidents, registry(settings), Reminders(settings.reminders), system_clock)


def ads_api(settings: Settings) -> AdsApi:
    """Return the client of the Microsoft Advertising API."""
    return AdsApi(HttpClient(CHECKING), settings.ads_api_url, settings.sandbox_ads_api_url)
