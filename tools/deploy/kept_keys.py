"""The KMS keys that the functions could not use after a deployment, and the secrets that these keys still encrypt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import boto3

from token_refresher_cli.doctor.kms_keys import PROCEDURE, SIGNING
from token_refresher_cli.installation.kms_keys import UsableKeys, key_of
from token_refresher_cli.shell.errors import CommandError, bad_input

_NAMED = 5
"""The most secrets that a refusal names."""


@dataclass(frozen=True)
class LostKeys:
    """The keys that the deployed stack may use now, and could not use after a deployment.

    Attributes:
        arns: The ARNs of the keys.
        prefix: The prefix of the secrets that the stack manages now.
    """

    arns: frozenset[str]
    prefix: str

    @classmethod
    def between(cls, deployed: Mapping[str, str], wanted: Mapping[str, str]) -> Self:
        """Return the keys that are in the parameters of the deployed stack, and not in the wanted ones."""
        lost = UsableKeys.of(deployed).all - UsableKeys.of(wanted).all
        return cls(lost, deployed["SecretPrefix"])

    def check(self, session: boto3.Session, signing: Callable[[], str]) -> None:
        """Refuse the deployment if a lost key still encrypts a secret.

        Args:
            session: The session to read the secrets with.
            signing: Returns the ARN of the secret that signs links.

        Raises:
            CommandError: A lost key encrypts a secret; the message names the secrets and says what to do first.
            ClientError: The secrets could not be read; then nothing is deployed either.
        """
        if not self.arns:
            return
        names = sorted(self._encrypted_secrets(session, signing()))
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            raise self._refusal(", ".join(names[:_NAMED]) + more)

    def _encrypted_secrets(self, session: boto3.Session, signing: str) -> set[str]:
        kms = session.client("kms")
        pages = session.client("secretsmanager").get_paginator("list_secrets").paginate()
        return {
            SIGNING if secret["ARN"] == signing else secret["Name"]
            for page in pages
            for secret in page["SecretList"]
            if secret["ARN"] == signing or secret["Name"].startswith(f"{self.prefix}/")
            if key_of(secret.get("KmsKeyId", ""), kms) in self.arns
        }

    def _refusal(self, secrets: str) -> CommandError:
        keys = ", ".join(sorted(self.arns))
        return bad_input(
            f"After this deployment the functions could no longer use {keys}, which still encrypts {secrets}."
            " Every refresh of these secrets would be refused within the hour.",
            f"Add the key to FormerKmsKeyArns, deploy, and give each secret its new key: {PROCEDURE}",
        )
