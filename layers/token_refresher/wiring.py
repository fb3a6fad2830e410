"""Where the parts are put together: settings and AWS clients in, use cases out. Nothing happens at import."""

import os
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from botocore.config import Config
from botocore.exceptions import ClientError

from token_refresher.account_check import AccountCheck
from token_refresher.ads_api import AdsApi
from token_refresher.alerting import Alerting
from token_refresher.authorize_request import AuthorizeEndpoint
from token_refresher.aws_errors import translated, unavailable
from token_refresher.breaker import Breaker
from token_refresher.clock import system_clock
from token_refresher.connect_link import ConnectLinks
from token_refresher.connection import Connection
from token_refresher.consent import ConsentService
from token_refresher.counted_topic import CountedTopic
from token_refresher.dispatch import DispatchService
from token_refresher.dynamodb_circuits import DynamoDbCircuits
from token_refresher.dynamodb_consents import DynamoDbConsents
from token_refresher.dynamodb_incidents import DynamoDbIncidents
from token_refresher.dynamodb_registry import DynamoDbRegistry
from token_refresher.http_client import CHECKING, INTERACTIVE, HttpClient
from token_refresher.messages import Messages
from token_refresher.pages import Pages
from token_refresher.parameter_store import ParameterStoreEscrow
from token_refresher.refresh import RefreshService
from token_refresher.reminders import Reminders
from token_refresher.secrets_manager import SecretsManagerStore
from token_refresher.settings import Settings
from token_refresher.shared_alerting import SharedAlerting
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
        breaker=_breaker(settings),
        alerting=_alerting(settings, _links(settings)),
        check=_account_check(settings),
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
        check=_account_check(settings),
        connection=Connection(store, _registry(settings), _alerting(settings, links), settings.timing, system_clock),
        links=links,
        clock=system_clock,
        authorize=AuthorizeEndpoint(settings.authority_url, f"{settings.public_url}/callback"),
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
        try:
            with translated("secretsmanager"):
                return client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]
        except ClientError as error:
            raise unavailable("secretsmanager", error) from error

    keys = SigningKeys(read, system_clock)
    return ConnectLinks(keys, settings.public_url, settings.connect_link_lifetime, system_clock)


def _alerting(settings: Settings, links: ConnectLinks) -> Alerting:
    topic = CountedTopic(SnsAlertTopic(boto3.client("sns", config=_AWS), settings.alert_topic_arn))
    incidents = DynamoDbIncidents(_dynamodb().Table(settings.incidents_table))
    reminders = Reminders(settings.reminders)
    return Alerting(
        topic,
        Messages(links, settings.runbook_url, system_clock),
        SharedAlerting(topic, incidents, _registry(settings), reminders, system_clock),
        _registry(settings),
        reminders,
        settings.authority_url,
        system_clock,
    )


def _account_check(settings: Settings) -> AccountCheck:
    ads_api = AdsApi(HttpClient(CHECKING), settings.ads_api_url, settings.sandbox_ads_api_url)
    return AccountCheck(ads_api, system_clock)


def _breaker(settings: Settings) -> Breaker:
    # Asked once: a table that is down must not cost the time that the exchange needs.
    table = boto3.resource("dynamodb", config=_ONCE).Table(settings.incidents_table)
    return Breaker(
        DynamoDbCircuits(table),
        settings.authority_url,
        settings.timing.schedule_period,
        system_clock,
    )
