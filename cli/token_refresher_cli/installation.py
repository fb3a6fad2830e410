"""The installation that a command is about: a deployed stack, found by its name, and what it is made of."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.clock import Clock, system_clock
from token_refresher.connect_link import ConnectLinks
from token_refresher.dynamodb_registry import DynamoDbRegistry
from token_refresher.secrets_manager import SecretsManagerStore
from token_refresher.settings import Settings
from token_refresher.signing_keys import SigningKeys
from token_refresher.sqs_queue import SqsRefreshQueue
from token_refresher.version import __version__
from token_refresher_cli.errors import CommandError
from token_refresher_cli.exit_code import ExitCode

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_secretsmanager import SecretsManagerClient

DEFAULT_STACK: Final = "token-refresher"

USER_AGENT: Final = "token-refresher/"
"""What our calls can be told by in CloudTrail: to look at a credential is no use of it."""

_PATIENT: Final = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra=f"{USER_AGENT}{__version__}",
)
_OURS: Final = "RefreshFunctionName"
"""An output that every stack of this template has."""


@dataclass(frozen=True)
class Where:
    """Which stack, as the operator says it; ``None`` is what the AWS CLI would take.

    Attributes:
        stack: The name of the stack.
        profile: A profile of the AWS configuration.
        region: A Region.
    """

    stack: str | None = None
    profile: str | None = None
    region: str | None = None

    def over(self, other: "Where") -> "Where":
        """Return this, and what it does not say from another one."""
        return Where(self.stack or other.stack, self.profile or other.profile, self.region or other.region)


@dataclass(frozen=True)
class Installation:
    """A deployed stack.

    Attributes:
        stack: The name of the stack.
        session: The operator's AWS credentials and Region.
        outputs: The outputs of the stack.
        parameters: Its parameters, as they were deployed.
        environment: The environment of its refresh function, which is that of all its functions.
        status: The status of the stack, as CloudFormation has it.
        clock: What time it is.
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
            CommandError: There is no such stack, or it is another software's.
        """
        name = where.stack or DEFAULT_STACK
        region = where.region or os.environ.get("AWS_REGION")  # boto3 itself reads AWS_DEFAULT_REGION alone.
        session = boto3.Session(profile_name=where.profile, region_name=region)
        found = _describe(session, name)
        outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
        if _OURS not in outputs:
            raise CommandError(
                f"The stack {name} is no installation of Token Refresher, or is not complete"
                f" ({found['StackStatus']}): it has no output {_OURS}.",
                "Deploy it with make deploy, or say another one with --stack.",
                ExitCode.NOT_FOUND,
            )
        function = session.client("lambda", config=_PATIENT).get_function_configuration(FunctionName=outputs[_OURS])
        parameters = {given["ParameterKey"]: given.get("ParameterValue", "") for given in found.get("Parameters", [])}
        environment = environment_of(function)
        return cls(name, session, outputs, parameters, environment, found["StackStatus"])

    def client(self, service: str) -> Any:
        """Return a client of a service of AWS, with retries as an operator has time for them."""
        return self.session.client(service, config=_PATIENT)  # type: ignore[call-overload] # Any service.

    @cached_property
    def settings(self) -> Settings:
        """What the functions read from their environment.

        Raises:
            ConfigurationError: The numbers of the stack cannot hold.
        """
        return Settings.from_environment(self.environment)

    @property
    def prefix(self) -> str:
        """What the names of the managed secrets begin with, without the slash."""
        return self.environment["SECRET_PREFIX"]

    def secret_id(self, name: str) -> str:
        """Return the name of the secret of a credential."""
        return f"{self.prefix}/{name}"

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """The client of Secrets Manager."""
        client: SecretsManagerClient = self.client("secretsmanager")
        return client

    @cached_property
    def store(self) -> SecretsManagerStore:
        """The secrets under the prefix."""
        return SecretsManagerStore(self.secrets, self.prefix)

    @cached_property
    def registry(self) -> DynamoDbRegistry:
        """What is known of the credentials."""
        table = self.session.resource("dynamodb", config=_PATIENT).Table(self.environment["CREDENTIALS_TABLE"])
        return DynamoDbRegistry(table)

    @cached_property
    def queue(self) -> SqsRefreshQueue:
        """The queue that refreshes are asked for through."""
        return SqsRefreshQueue(self.client("sqs"), self.environment["REFRESH_QUEUE_URL"])

    @cached_property
    def links(self) -> ConnectLinks:
        """What makes connect links, signed with the key of the stack."""
        keys = SigningKeys(self._signing_document, self.clock)
        settings = self.settings
        return ConnectLinks(keys, settings.public_url, settings.connect_link_lifetime, self.clock)

    def _signing_document(self) -> str:
        arn = self.environment["INVITE_SECRET_ARN"]
        try:
            return self.secrets.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]
        except ClientError as error:
            raise unavailable("secretsmanager", error) from error


def environment_of(function: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a function reads from its environment, where the operator may see it.

    Raises:
        CommandError: Lambda could not decrypt it for them.
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
    client = session.client("cloudformation", config=_PATIENT)
    try:
        [found] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # What CloudFormation answers for a stack that there is not: a ValidationError with this text.
        if "does not exist" not in error.response["Error"].get("Message", ""):
            raise
        raise CommandError(
            f"There is no stack {name} in {session.region_name}.",
            "Say which one with --stack and --region, or deploy it with make deploy.",
            ExitCode.NOT_FOUND,
        ) from error
    return found
