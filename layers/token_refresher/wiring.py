"""Where the parts are put together: settings and AWS clients in, use cases out. Nothing happens at import."""

import os
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from botocore.config import Config

from token_refresher.account_check import AccountCheck
from token_refresher.ads_api import AdsApi
from token_refresher.alerting import Alerting
from token_refresher.clock import system_clock
from token_refresher.connect_link import ConnectLinks
from token_refresher.connection import Connection
from token_refresher.consent import ConsentService
from token_refresher.counted_topic import CountedTopic
from token_refresher.dispatch import DispatchService
from token_refresher.dynamodb_consents import DynamoDbConsents
from token_refresher.dynamodb_registry import DynamoDbRegistry
from token_refresher.http_client import CHECKING, INTERACTIVE, HttpClient
from token_refresher.pages import Pages
from token_refresher.parameter_store import ParameterStoreEscrow
from token_refresher.refresh import RefreshService
from token_refresher.secrets_manager import SecretsManagerStore
from token_refresher.settings import Settings
from token_refresher.signing_keys import SigningKeys
from token_refresher.sns_topic import SnsAlertTopic
from token_refresher.sqs_queue import SqsRefreshQueue
from token_refresher.token_endpoint import TokenEndpoint
from token_refresher.web import routes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_secretsmanager import SecretsManagerClient

_AWS: Final = Config(
    connect_timeout=1,
    read_timeout=3,
    # With jitter and backoff by botocore. A write that went unanswered is repeated; every write of ours may be.
    retries={"mode": "standard", "total_max_attempts": 3},
)

_ONCE: Final = _AWS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For what is repeated by `Patience`, which knows how much time is left."""


@cache
def dispatch_service() -> DispatchService:
    """Return what the dispatch function runs."""
    settings = _settings()
    return DispatchService(
        inventory=SecretsManagerStore(_secrets_manager(_AWS), settings.secret_prefix),
        escrow=_escrow(settings, _AWS),
        registry=_registry(settings),
        queue=SqsRefreshQueue(boto3.client("sqs", config=_AWS), settings.refresh_queue_url),
        clock=system_clock,
    )


@cache
def refresh_service() -> RefreshService:
    """Return what the refresh function runs."""
    settings = _settings()
    return RefreshService(
        store=SecretsManagerStore(_secrets_manager(_ONCE), settings.secret_prefix),
        escrow=_escrow(settings, _ONCE),
        registry=_registry(settings),
        endpoint=TokenEndpoint(HttpClient(), settings.authority_url, system_clock),
        alerting=_alerting(settings, _links(settings)),
        timing=settings.timing,
        clock=system_clock,
    )


@cache
def callback_routes() -> APIGatewayHttpResolver:
    """Return what the callback function runs."""
    settings = _settings()
    links = _links(settings)
    store = SecretsManagerStore(_secrets_manager(_ONCE), settings.secret_prefix)
    service = ConsentService(
        store=store,
        escrow=_escrow(settings, _ONCE),
        consents=DynamoDbConsents(_dynamodb().Table(settings.consents_table)),
        endpoint=TokenEndpoint(HttpClient(INTERACTIVE), settings.authority_url, system_clock),
        check=AccountCheck(AdsApi(HttpClient(CHECKING), settings.ads_api_url), system_clock),
        connection=Connection(store, _registry(settings), _alerting(settings, links), settings.timing, system_clock),
        links=links,
        clock=system_clock,
        authority_url=settings.authority_url,
        redirect_uri=f"{settings.public_url}/callback",
    )
    return routes(service, Pages(links), settings.public_url)


def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _secrets_manager(config: Config) -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=config)


def _escrow(settings: Settings, config: Config) -> ParameterStoreEscrow:
    return ParameterStoreEscrow(boto3.client("ssm", config=config), settings.escrow_path, settings.kms_key_arn)


@cache
def _dynamodb() -> "DynamoDBServiceResource":
    return boto3.resource("dynamodb", config=_AWS)


def _registry(settings: Settings) -> DynamoDbRegistry:
    return DynamoDbRegistry(_dynamodb().Table(settings.credentials_table))


def _links(settings: Settings) -> ConnectLinks:
    def read() -> str:
        client, arn = _secrets_manager(_AWS), settings.invite_secret_arn
        return client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]

    keys = SigningKeys(read, system_clock)
    return ConnectLinks(keys, settings.public_url, settings.connect_link_lifetime, system_clock)


def _alerting(settings: Settings, links: ConnectLinks) -> Alerting:
    topic = CountedTopic(SnsAlertTopic(boto3.client("sns", config=_AWS), settings.alert_topic_arn))
    return Alerting(topic, links, settings.reminders[0], system_clock)
