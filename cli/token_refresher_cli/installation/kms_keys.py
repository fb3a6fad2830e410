"""The KMS keys that the functions of a stack may use, and the key that encrypts a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

OF_AWS: Final = "alias/aws/secretsmanager"
"""The key that AWS manages for Secrets Manager. Every role of the account may use it through Secrets Manager."""


@dataclass(frozen=True)
class UsableKeys:
    """The customer-managed keys that the functions may use.

    Attributes:
        current: The key in `KmsKeyArn`; empty if AWS manages the key.
        former: The keys in `FormerKmsKeyArns`.
    """

    current: str
    former: frozenset[str]

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        """Read the parameters of a stack. A stack of an earlier version has no former keys."""
        former = (arn.strip() for arn in parameters.get("FormerKmsKeyArns", "").split(","))
        return cls(parameters.get("KmsKeyArn", ""), frozenset(arn for arn in former if arn))

    @property
    def all(self) -> frozenset[str]:
        """The current and the former keys."""
        return self.former | ({self.current} if self.current else frozenset())


def key_of(named: str, kms: Any) -> str:
    """Return the ARN of the key that encrypts a secret; empty for the key that AWS manages.

    Args:
        named: The `KmsKeyId` of the secret: the ARN or the ID of a key, or an alias; empty for the key that AWS
            manages.
        kms: A client of KMS. It is asked if that is no ARN of a key.
    """
    if not named or named.endswith(OF_AWS):
        return ""
    if ":key/" in named:
        return named
    key: Mapping[str, str] = kms.describe_key(KeyId=named)["KeyMetadata"]
    return "" if key.get("KeyManager") == "AWS" else key["Arn"]
