"""AWS Secrets Manager as the secret store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from token_refresher.aws_errors import translated, unavailable
from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.secret_store import MOVED_TO_TAG, SecretState, successor
from token_refresher.status_label import StatusLabel

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import TagTypeDef

_CURRENT: Final = "AWSCURRENT"
_PENDING: Final = "AWSPENDING"
_SERVICE: Final = "secretsmanager"


class SecretsManagerStore:
    """The secrets under one prefix, through the Secrets Manager API.

    Whatever Secrets Manager does not do, and this does not know better of, is a `ServiceUnavailableError`.
    """

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client = client
        self._prefix = f"{prefix}/"

    def managed(self) -> Iterator[SecretState]:
        """See `SecretInventory.managed`."""
        pages = self._client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self._prefix]}], PaginationConfig={"PageSize": 100}
        )
        for page in pages:
            for entry in page["SecretList"]:
                # Local stand-ins take the filter less exactly than AWS does.
                tags = _tags(entry.get("Tags", []))
                is_there = entry["Name"].startswith(self._prefix) and "DeletedDate" not in entry
                if is_there and MOVED_TO_TAG not in tags:
                    name = entry["Name"].removeprefix(self._prefix)
                    yield _state(name, entry["ARN"], entry.get("SecretVersionsToStages", {}), tags)

    def describe(self, name: str) -> SecretState:
        """See `SecretStore.describe`."""
        try:
            with translated(_SERVICE):
                answer = self._client.describe_secret(SecretId=self._prefix + name)
        except ClientError as error:
            raise _translated(error, name) from error
        # A secret in its recovery window is still described, and nothing else can be done with it.
        tags = _tags(answer.get("Tags", []))
        if answer.get("DeletedDate") is not None or MOVED_TO_TAG in tags:
            raise CredentialNotFoundError(name)
        return _state(name, answer["ARN"], answer.get("VersionIdsToStages", {}), tags)

    def read(self, name: str, version_id: str) -> str:
        """See `SecretStore.read`."""
        try:
            with translated(_SERVICE):
                answer = self._client.get_secret_value(SecretId=self._prefix + name, VersionId=version_id)
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                raise VersionNotFoundError(name) from error
            raise _translated(error, name) from error
        if "SecretString" not in answer:
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return answer["SecretString"]

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """See `SecretStore.put_pending`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        try:
            with translated(_SERVICE):
                self._client.put_secret_value(
                    SecretId=self._prefix + name,
                    ClientRequestToken=version_id,
                    SecretString=document,
                    VersionStages=[_PENDING],
                )
        except ClientError as error:
            if _code(error) == "ResourceExistsException":
                raise SuccessorExistsError(version_id) from error
            raise _translated(error, name) from error

    def promote(self, name: str, version_id: str, replacing: str) -> None:
        """See `SecretStore.promote`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
        """
        try:
            with translated(_SERVICE):
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
            if _code(error) == "ResourceNotFoundException":
                # The secret or the version: after a secret was deleted and created anew it is the version.
                self.describe(name)
                raise VersionNotFoundError(name) from error
            raise _translated(error, name) from error

    def label(self, name: str, label: StatusLabel) -> None:
        """See `SecretStore.label`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
        """
        tags: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in label.to_tags().items()]
        try:
            with translated(_SERVICE):
                self._client.tag_resource(SecretId=self._prefix + name, Tags=tags)
        except ClientError as error:
            raise _translated(error, name) from error


def _tags(listed: "Iterable[TagTypeDef]") -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def _state(name: str, arn: str, versions: Mapping[str, Sequence[str]], tags: Mapping[str, str]) -> SecretState:
    def labelled(label: str) -> list[str]:
        return [version for version, labels in versions.items() if label in labels]

    current = next(iter(labelled(_CURRENT)), None)
    pending = [version for version in labelled(_PENDING) if version != current]
    # On AWS a label is on one version. Local stand-ins leave it behind, and then the one that continues is meant.
    expected = successor(arn, current) if current else None
    label = StatusLabel.from_tags(tags)
    return SecretState(name, arn, current, expected if expected in pending else next(iter(pending), None), label)


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _translated(error: ClientError, name: str) -> Exception:
    """Return what an error of Secrets Manager means to us."""
    gone = _code(error) == "ResourceNotFoundException" or (
        # What Secrets Manager answers for a secret that is scheduled for deletion.
        _code(error) == "InvalidRequestException" and "delet" in error.response["Error"].get("Message", "").lower()
    )
    return CredentialNotFoundError(name) if gone else unavailable(_SERVICE, error)
