"""The AWS clients that the functions share, each built once, and the adapters that need nothing but a client."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from token_refresher.aws.parameter_store import ParameterStoreEscrow
from token_refresher.aws.registry_table import DynamoDbRegistry
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.aws.table import dynamodb_table, with_python_values
from token_refresher.entrypoints.later import on_first_use
from token_refresher.entrypoints.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_secretsmanager import SecretsManagerClient

PATIENT: Final = Config(
    connect_timeout=1,
    read_timeout=3,
    # botocore retries with jitter and backoff. It repeats a write that got no answer; every write here may be repeated.
    retries={"mode": "standard", "total_max_attempts": 3},
)

ONCE: Final = PATIENT.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For calls that `Deadline` repeats, because it knows how much time is left."""


def later(service: str, config: Config = PATIENT) -> Any:
    """Return a client that is built at its first call: an ordinary refresh needs neither SNS nor Systems Manager."""
    return on_first_use(lambda: boto3.client(service, config=config))  # type: ignore[call-overload] # Any service.


@cache
def secrets_manager(config: Config) -> "SecretsManagerClient":
    """Return the client of Secrets Manager."""
    return boto3.client("secretsmanager", config=config)


@cache
def dynamodb(config: Config) -> "DynamoDBClient":
    """Return the client of DynamoDB, which all tables share."""
    return with_python_values(boto3.client("dynamodb", config=config))


def table(name: str, config: Config = PATIENT) -> "Table":
    """Return a table of DynamoDB."""
    return dynamodb_table(dynamodb(config), name)


def store(settings: Settings, config: Config) -> SecretsManagerStore:
    """Return the store of the secrets under the prefix."""
    return SecretsManagerStore(secrets_manager(config), settings.secret_prefix)


def registry(settings: Settings) -> DynamoDbRegistry:
    """Return the registry."""
    return DynamoDbRegistry(table(settings.credentials_table))


def settings_of_the_function() -> Settings:
    """Return the settings of this function, from its environment."""
    return Settings.from_environment(os.environ)


def escrow(settings: Settings, config: Config) -> ParameterStoreEscrow:
    """Return the escrow."""
    return ParameterStoreEscrow(later("ssm", config), settings.escrow_path, settings.escrow_key_arn)
