"""The secret of a credential as Secrets Manager describes it, without any value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher_cli.installation import Installation

_AWS_KEY = "alias/aws/secretsmanager"
"""What encrypts a secret for which no key was named."""


@dataclass(frozen=True)
class SecretFacts:
    """What there is to know of a secret.

    Attributes:
        arn: Its ARN.
        description: What somebody wrote about it.
        kms_key: The key that encrypts it.
        tags: All of them.
        created_at: When it was made.
        last_read_on: The day on which it was last read, as AWS counts them.
        replicas: The Regions that it is replicated to.
    """

    arn: str
    description: str
    kms_key: str
    tags: Mapping[str, str]
    created_at: datetime | None
    last_read_on: datetime | None
    replicas: tuple[str, ...]

    @classmethod
    def read(cls, installation: Installation, name: str) -> Self:
        """Describe the secret of a credential, which is there."""
        try:
            answer = installation.secrets.describe_secret(SecretId=installation.secret_id(name))
        except ClientError as error:
            raise unavailable("secretsmanager", error) from error
        return cls(
            answer["ARN"],
            answer.get("Description", ""),
            answer.get("KmsKeyId", _AWS_KEY),
            {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])},
            _utc(answer.get("CreatedDate")),
            _utc(answer.get("LastAccessedDate")),
            tuple(replica["Region"] for replica in answer.get("ReplicationStatus", [])),
        )


def _utc(moment: Any) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None
