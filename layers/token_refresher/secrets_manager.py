"""AWS Secrets Manager as the secret store."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.secret_store import SecretState

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CURRENT: Final = "AWSCURRENT"
_PENDING: Final = "AWSPENDING"


class SecretsManagerStore:
    """The secrets under one prefix, through the Secrets Manager API.

    Retries of throttled and failed calls are botocore's, configured on the client.
    """

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client = client
        self._prefix = f"{prefix}/"

    def managed(self) -> Iterator[SecretState]:
        """Yield every secret under the prefix that is not scheduled for deletion."""
        pages = self._client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self._prefix]}], PaginationConfig={"PageSize": 100}
        )
        for page in pages:
            for entry in page["SecretList"]:
                # Local stand-ins take the filter less exactly than AWS does.
                if entry["Name"].startswith(self._prefix) and "DeletedDate" not in entry:
                    name = entry["Name"].removeprefix(self._prefix)
                    yield _state(name, entry["ARN"], entry.get("SecretVersionsToStages", {}))

    def describe(self, name: str) -> SecretState:
        """See `SecretStore.describe`."""
        try:
            answer = self._client.describe_secret(SecretId=self._prefix + name)
        except ClientError as error:
            _translate(error, name)
            raise
        # A secret in its recovery window is still described, and nothing else can be done with it.
        if answer.get("DeletedDate") is not None:
            raise CredentialNotFoundError(name)
        return _state(name, answer["ARN"], answer.get("VersionIdsToStages", {}))

    def read(self, name: str, version_id: str) -> str:
        """See `SecretStore.read`."""
        try:
            answer = self._client.get_secret_value(SecretId=self._prefix + name, VersionId=version_id)
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                raise VersionNotFoundError(name) from error
            _translate(error, name)
            raise
        if "SecretString" not in answer:
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return answer["SecretString"]

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """See `SecretStore.put_pending`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        try:
            self._client.put_secret_value(
                SecretId=self._prefix + name,
                ClientRequestToken=version_id,
                SecretString=document,
                VersionStages=[_PENDING],
            )
        except ClientError as error:
            if _code(error) == "ResourceExistsException":
                raise SuccessorExistsError(version_id) from error
            _translate(error, name)
            raise

    def promote(self, name: str, version_id: str, replacing: str) -> None:
        """See `SecretStore.promote`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
        """
        try:
            self._client.update_secret_version_stage(
                SecretId=self._prefix + name,
                VersionStage=_CURRENT,
                MoveToVersionId=version_id,
                RemoveFromVersionId=replacing,
            )
        except ClientError as error:
            # "If the staging label is attached to a different version, the request fails" with this code.
            if _code(error) == "InvalidParameterException":
                raise PromotionRefusedError(name) from error
            _translate(error, name)
            raise


def _state(name: str, arn: str, versions: Mapping[str, Sequence[str]]) -> SecretState:
    def labelled(label: str) -> str | None:
        return next((version for version, labels in versions.items() if label in labels), None)

    current, pending = labelled(_CURRENT), labelled(_PENDING)
    return SecretState(name, arn, current, pending if pending != current else None)


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _translate(error: ClientError, name: str) -> None:
    """Raise what an error of Secrets Manager means to us, if it means anything."""
    gone = _code(error) == "ResourceNotFoundException" or (
        # What Secrets Manager answers for a secret that is scheduled for deletion.
        _code(error) == "InvalidRequestException" and "delet" in error.response["Error"].get("Message", "").lower()
    )
    if gone:
        raise CredentialNotFoundError(name) from error
