"""A secret as Secrets Manager has it, pointers and those that are about to be deleted included."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.secret_store import MOVED_TO_TAG
from token_refresher_cli.installation import Installation


@dataclass(frozen=True)
class WholeSecret:
    """What there is to see of a secret without its value.

    Attributes:
        name: The name of the credential, without the prefix.
        arn: Its ARN.
        labels: The version that each label is on.
        tags: All tags.
        description: What somebody wrote about it.
        kms_key_id: The key that encrypts it; empty for the one of AWS.
        deleted_at: When its deletion was asked for, or ``None``.
    """

    name: str
    arn: str
    labels: Mapping[str, str]
    tags: Mapping[str, str]
    description: str
    kms_key_id: str
    deleted_at: datetime | None

    @classmethod
    def find(cls, installation: Installation, name: str) -> Self | None:
        """Return a secret under the prefix, or ``None`` where there is none of that name."""
        try:
            answer = installation.secrets.describe_secret(SecretId=installation.secret_id(name))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise unavailable("secretsmanager", error) from error
        versions = answer.get("VersionIdsToStages", {})
        deleted_at = answer.get("DeletedDate")
        return cls(
            name,
            answer["ARN"],
            {label: version for version, labels in versions.items() for label in labels},
            {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])},
            answer.get("Description", ""),
            answer.get("KmsKeyId", ""),
            deleted_at.astimezone(UTC) if deleted_at else None,
        )

    @property
    def current(self) -> str | None:
        """The version under ``AWSCURRENT``."""
        return self.labels.get("AWSCURRENT")

    @property
    def moved_to(self) -> str | None:
        """The name that the credential has now whose pointer this is; ``None`` for a credential."""
        return self.tags.get(MOVED_TO_TAG)
