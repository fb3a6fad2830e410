"""The two calls to Secrets Manager, and what its refusals mean to a reader."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from token_refresher_client.errors import (
    OPERATOR,
    MalformedSecretError,
    MissingPermissionError,
    SecretMissingError,
    SecretsManagerError,
    TokenReaderError,
)

_CONFIG: Final = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 4}, user_agent_extra="token-reader"
)
"""A pipeline waits while this fails, so it takes less than a minute in all."""

_GET: Final = "secretsmanager:GetSecretValue"


class SecretsManagerClient(Protocol):
    """The part of boto3's client ``secretsmanager`` that a reader uses."""

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> Mapping[str, Any]:  # noqa: N803 - Of AWS.
        """See boto3."""

    def describe_secret(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803 - Of AWS.
        """See boto3."""


@dataclass(frozen=True)
class SecretValue:
    """One version of a secret.

    Attributes:
        arn: The ARN of the secret.
        version_id: Which version it is.
        created_at: When this version was written.
        text: The value. It is not in the ``repr``.
    """

    arn: str
    version_id: str
    created_at: datetime
    text: str = field(repr=False)


class SecretsManager:
    """Reads secrets.

    The client is made with the first read, so that importing and constructing need no Region and no network.
    """

    def __init__(self, client: SecretsManagerClient | None = None) -> None:
        self._client = client

    def value(self, secret_id: str) -> SecretValue:
        """Return the version under ``AWSCURRENT``. It makes one call.

        Raises:
            TokenReaderError: The reader may not read it, it is not there, or Secrets Manager does not answer.
        """
        with _translated(secret_id):
            answer = self._connected(secret_id).get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise malformed(secret_id, "it is binary")
        return SecretValue(answer["ARN"], answer["VersionId"], answer["CreatedDate"], text)

    def tags(self, secret_id: str) -> Mapping[str, str]:
        """Return the tags of a secret, or none if the reader may not see them. It makes one call."""
        try:
            with _translated(secret_id):
                answer = self._connected(secret_id).describe_secret(SecretId=secret_id)
        except TokenReaderError:
            return {}  # They only say why. Many readers may read a value and nothing else.
        return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}

    def _connected(self, secret_id: str) -> SecretsManagerClient:
        if self._client is None:
            region = secret_id.split(":")[3] if secret_id.startswith("arn:") else None
            # A session of its own: the one of boto3 must not be used by several threads.
            self._client = boto3.session.Session().client("secretsmanager", region_name=region, config=_CONFIG)
        return self._client


def malformed(secret_id: str, why: str) -> MalformedSecretError:
    """Return the error for a secret whose value cannot be read."""
    return MalformedSecretError(
        f"The value of {secret_id} is not what Token Refresher writes: {why}.",
        f"Check the name, and ask {OPERATOR}.",
        secret_id,
    )


@contextmanager
def _translated(secret_id: str) -> Iterator[None]:
    """Translate the refusals of AWS. They name actions and resources, never a value.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """
    try:
        yield
    except ClientError as error:
        raise _refusal(secret_id, error) from error
    except BotoCoreError as error:
        raise SecretsManagerError(
            f"{secret_id} could not be read, because Secrets Manager was not reached: {error}.",
            "Check the Region, the credentials and the network of this process (AWS_REGION, AWS_PROFILE, a VPC"
            " endpoint).",
            secret_id,
        ) from error


def _refusal(secret_id: str, error: ClientError) -> TokenReaderError:
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    match code:
        # "Access to KMS is not allowed" is all that Secrets Manager says about a key.
        case "DecryptionFailure":
            return _denied(secret_id, "kms:Decrypt", "on the KMS key of the secret", message)
        case "AccessDeniedException" if "KMS" in message or "kms:" in message:
            return _denied(secret_id, "kms:Decrypt", "on the KMS key of the secret", message)
        case "AccessDeniedException" | "AccessDenied":
            return _denied(secret_id, _GET, "on this secret", message)
        case "ResourceNotFoundException":
            return SecretMissingError(
                f"There is no secret {secret_id} with a value in this account and Region.",
                f"Check the name, the prefix (TOKEN_REFRESHER_PREFIX), the account and the Region. A consumer secret"
                f" appears after token-refresher publish: ask {OPERATOR}.",
                secret_id,
            )
        case "InvalidRequestException":
            return SecretMissingError(
                f"The secret {secret_id} cannot be read: {message}",
                f"If it was deleted by mistake, ask {OPERATOR} to restore it.",
                secret_id,
            )
        case _:
            return SecretsManagerError(
                f"{secret_id} could not be read: {code}, {message}",
                "Try again. If it lasts, check the AWS credentials of this process.",
                secret_id,
            )


def _denied(secret_id: str, action: str, where: str, message: str) -> MissingPermissionError:
    return MissingPermissionError(
        f"AWS does not let this process read {secret_id}: {message}",
        f"Whoever owns the role of this process has to allow {action} {where}. In another account, the resource policy"
        " of the secret and the policy of its key have to allow it as well.",
        secret_id,
        action,
    )
