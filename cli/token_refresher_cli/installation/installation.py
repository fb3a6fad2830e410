"""The installation that a command works on: a deployed stack, and the clients of its parts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from token_refresher.aws.refresh_queue import SqsRefreshQueue
from token_refresher.aws.registry_table import DynamoDbRegistry
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.aws.signing_secret import read_signing_secret
from token_refresher.base.clock import Clock, system_clock
from token_refresher.base.version import __version__
from token_refresher.entrypoints.settings import Settings
from token_refresher.invites.links import ConnectLinks
from token_refresher.invites.signing_keys import SigningKeys
from token_refresher_cli.installation.secret import Secrets
from token_refresher_cli.installation.where import DEFAULT_STACK, Where
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_secretsmanager import SecretsManagerClient

USER_AGENT: Final = "token-refresher/"
"""Marks the calls of this command in CloudTrail: `doctor unread` does not count them as use of a credential."""

_AWS_CONFIG: Final = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra=f"{USER_AGENT}{__version__}",
)
_REQUIRED_OUTPUT: Final = "RefreshFunctionName"
"""Every stack of this template has this output."""


@dataclass(frozen=True)
class Installation:
    """A deployed stack.

    Attributes:
        stack: The name of the stack.
        session: The operator's AWS credentials and Region.
        outputs: Its outputs.
        parameters: Its deployed parameters.
        environment: The environment variables of its refresh function; all its functions have the same.
        status: Its status in CloudFormation.
        clock: The current time.
    """

    stack: str
    session: boto3.Session
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    environment: Mapping[str, str]
    status: str = "CREATE_COMPLETE"
    clock: Clock = system_clock

    @classmethod
    def find(cls, where: Where) -> Self:
        """Find a stack by its name.

        Raises:
            CommandError: There is no such stack, or it is none of Token Refresher.
        """
        name = where.stack or DEFAULT_STACK
        region = where.region or os.environ.get("AWS_REGION")  # boto3 itself reads only AWS_DEFAULT_REGION.
        session = boto3.Session(profile_name=where.profile, region_name=region)
        found = _describe(session, name)
        outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
        if _REQUIRED_OUTPUT not in outputs:
            raise CommandError(
                f"The stack {name} is no installation of Token Refresher, or is not complete"
                f" ({found['StackStatus']}): it has no output {_REQUIRED_OUTPUT}.",
                "Deploy it with make deploy, or choose another one with --stack.",
                ExitCode.NOT_FOUND,
            )
        function = session.client("lambda", config=_AWS_CONFIG).get_function_configuration(
            FunctionName=outputs[_REQUIRED_OUTPUT]
        )
        parameters = {given["ParameterKey"]: given.get("ParameterValue", "") for given in found.get("Parameters", [])}
        environment = environment_of(function)
        return cls(name, session, outputs, parameters, environment, found["StackStatus"])

    def client(self, service: str) -> Any:
        """Return a client of an AWS service, with retries and timeouts for a person who waits."""
        return self.session.client(service, config=_AWS_CONFIG)  # type: ignore[call-overload] # Any service.

    @cached_property
    def settings(self) -> Settings:
        """The settings that the functions read from their environment.

        Raises:
            ConfigurationError: The timing of the stack cannot hold.
        """
        return Settings.from_environment(self.environment)

    @property
    def prefix(self) -> str:
        """The prefix of the managed secrets, without its slash."""
        return self.environment["SECRET_PREFIX"]

    def secret_id(self, name: str) -> str:
        """Return the name of the secret of a credential."""
        return f"{self.prefix}/{name}"

    @cached_property
    def secrets_client(self) -> "SecretsManagerClient":
        """The client of Secrets Manager."""
        client: SecretsManagerClient = self.client("secretsmanager")
        return client

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets under the prefix, as an operator reads and changes them."""
        return Secrets(self.secrets_client, self.secret_id(""))

    @cached_property
    def store(self) -> SecretsManagerStore:
        """The secrets under the prefix, as the functions read and rotate them."""
        return SecretsManagerStore(self.secrets_client, self.prefix)

    @cached_property
    def registry(self) -> DynamoDbRegistry:
        """The registry."""
        table = self.session.resource("dynamodb", config=_AWS_CONFIG).Table(self.environment["CREDENTIALS_TABLE"])
        return DynamoDbRegistry(table)

    @cached_property
    def queue(self) -> SqsRefreshQueue:
        """The queue of refresh requests."""
        return SqsRefreshQueue(self.client("sqs"), self.environment["REFRESH_QUEUE_URL"])

    @cached_property
    def links(self) -> ConnectLinks:
        """Makes connect links, signed with the key of the stack."""
        keys = SigningKeys(self._signing_document, self.clock)
        settings = self.settings
        return ConnectLinks(keys, settings.public_url, settings.connect_link_lifetime, self.clock)

    def _signing_document(self) -> str:
        return read_signing_secret(self.secrets_client, self.environment["INVITE_SECRET_ARN"])


def environment_of(function: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the environment variables of a function.

    Raises:
        CommandError: Lambda could not decrypt them for the operator.
    """
    environment = function.get("Environment", {})
    variables: Mapping[str, str] = environment.get("Variables", {})
    if "SECRET_PREFIX" not in variables:
        code = environment.get("Error", {}).get("ErrorCode", "it has none of Token Refresher")
        raise CommandError(
            f"The environment of the refresh function cannot be read ({code}).",
            "Ask for kms:Decrypt with the key that Lambda encrypts it with, or deploy the stack again.",
            ExitCode.AWS,
        )
    return variables


def _describe(session: boto3.Session, name: str) -> "StackTypeDef":
    client = session.client("cloudformation", config=_AWS_CONFIG)
    try:
        [found] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # CloudFormation answers with a ValidationError and this text if there is no such stack.
        if "does not exist" not in error.response["Error"].get("Message", ""):
            raise
        raise CommandError(
            f"There is no stack {name} in {session.region_name}.",
            "Choose one with --stack and --region, or deploy it with make deploy.",
            ExitCode.NOT_FOUND,
        ) from error
    return found
