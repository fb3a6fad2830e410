"""AWS Secrets Manager as the secret store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from token_refresher.aws.errors import translated, unavailable
from token_refresher.aws.read_ahead import read_ahead
from token_refresher.aws.secret_pages import is_under, kept_versions, secret_pages
from token_refresher.base.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.credential.status_tags import StatusTags
from token_refresher.rotation.secret_store import (
    MOVED_TO_TAG,
    NAMELESS,
    CurrentVersion,
    SecretPage,
    SecretState,
    StoredVersion,
    successors,
)

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import (
        GetSecretValueResponseTypeDef,
        SecretListEntryTypeDef,
        SecretVersionsListEntryTypeDef,
        TagTypeDef,
    )

_CURRENT: Final = "AWSCURRENT"
_PREVIOUS: Final = "AWSPREVIOUS"
_PENDING: Final = "AWSPENDING"
_SERVICE: Final = "secretsmanager"


class SecretsManagerStore:
    """The secrets under one prefix, through the Secrets Manager API.

    An error that no method gives a meaning of its own is raised as `ServiceUnavailableError`.
    """

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client = client
        self._prefix = f"{prefix}/"

    def pages(self, changed_since: datetime | None = None) -> Iterator[SecretPage]:
        """See `SecretInventory.pages`."""
        pages = secret_pages(self._client, self._prefix, changed_since)
        for page in pages if changed_since is None else read_ahead(pages):
            states = [state for entry in page["SecretList"] if (state := self._managed(entry))]
            yield SecretPage(states, is_last="NextToken" not in page)

    def managed(self) -> Iterator[SecretState]:
        """Yield every secret that is no pointer and not scheduled for deletion; the list may be minutes behind."""
        for page in self.pages():
            yield from page.secrets

    def _managed(self, entry: "SecretListEntryTypeDef") -> SecretState | None:
        tags = _tags(entry.get("Tags", []))
        if not is_under(entry, self._prefix) or MOVED_TO_TAG in tags:
            return None
        name = entry["Name"].removeprefix(self._prefix) or NAMELESS
        return _state(name, entry["ARN"], entry.get("SecretVersionsToStages", {}), tags)

    def describe(self, name: str) -> SecretState:
        """See `SecretStore.describe`."""
        try:
            with translated(_SERVICE):
                answer = self._client.describe_secret(SecretId=self._id(name))
        except ClientError as error:
            raise _translated(error, name) from error
        # DescribeSecret still answers for a secret in its recovery window, but no other call does.
        tags = _tags(answer.get("Tags", []))
        if answer.get("DeletedDate") is not None or MOVED_TO_TAG in tags:
            raise CredentialNotFoundError(name)
        return _state(name, answer["ARN"], answer.get("VersionIdsToStages", {}), tags)

    def current(self, name: str) -> CurrentVersion:
        """See `SecretStore.current`."""
        answer = self._value(name, VersionStage=_CURRENT)
        return CurrentVersion(answer["ARN"], answer["VersionId"], answer["SecretString"])

    def read(self, name: str, version_id: str) -> str:
        """See `SecretStore.read`."""
        return self._value(name, VersionId=version_id)["SecretString"]

    def _value(self, name: str, **version: str) -> "GetSecretValueResponseTypeDef":
        try:
            with translated(_SERVICE):
                answer = self._client.get_secret_value(SecretId=self._id(name), **version)
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                raise VersionNotFoundError(name) from error
            raise _translated(error, name) from error
        if "SecretString" not in answer:
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return answer

    def history(self, name: str) -> list[StoredVersion]:
        """See `SecretStore.history`."""
        try:
            with translated(_SERVICE):
                versions = list(map(_stored, kept_versions(self._client, self._id(name))))
        except ClientError as error:
            raise _translated(error, name) from error
        # AWS documents no order. If two versions have the same time, the one listed later counts as the newer.
        versions.reverse()
        return sorted(versions, key=lambda version: version.created_at, reverse=True)

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """See `SecretStore.put_pending`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        try:
            with translated(_SERVICE):
                self._client.put_secret_value(
                    SecretId=self._id(name),
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
                    SecretId=self._id(name),
                    VersionStage=_CURRENT,
                    MoveToVersionId=version_id,
                    RemoveFromVersionId=replacing,
                )
        except ClientError as error:
            # "If the staging label is attached to a different version, the request fails" with this code.
            if _code(error) == "InvalidParameterException":
                raise PromotionRefusedError(name) from error
            if _code(error) == "ResourceNotFoundException":
                # Either the secret is gone, or only the version: the secret was deleted and created anew.
                self.describe(name)
                raise VersionNotFoundError(name) from error
            raise _translated(error, name) from error

    def set_status_tags(self, name: str, status_tags: StatusTags) -> None:
        """See `SecretStore.set_status_tags`.

        Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
        """
        tags: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in status_tags.to_tags().items()]
        try:
            with translated(_SERVICE):
                self._client.tag_resource(SecretId=self._id(name), Tags=tags)
        except ClientError as error:
            raise _translated(error, name) from error

    def _id(self, name: str) -> str:
        return self._prefix + ("" if name == NAMELESS else name)


def _tags(listed: "Iterable[TagTypeDef]") -> dict[str, str]:
    return {tag.get("Key", ""): tag.get("Value", "") for tag in listed}  # The API requires neither of the two.


def _state(name: str, arn: str, versions: Mapping[str, Sequence[str]], tags: Mapping[str, str]) -> SecretState:
    def with_label(label: str) -> list[str]:
        return [version for version, labels in versions.items() if label in labels]

    current = next(iter(with_label(_CURRENT)), None)
    pending = [version for version in with_label(_PENDING) if version != current]
    if len(pending) > 1 and current:
        # On AWS a staging label is on one version only. Local stand-ins leave it on older ones as well; then the
        # successor of the current version is meant.
        pending = [version for version in successors(arn, current) if version in pending] or pending
    previous = next(iter(with_label(_PREVIOUS)), None)
    return SecretState(name, arn, current, next(iter(pending), None), StatusTags.from_tags(tags), previous)


def _stored(entry: "SecretVersionsListEntryTypeDef") -> StoredVersion:
    labels = entry.get("VersionStages", [])
    return StoredVersion(
        entry["VersionId"], _CURRENT in labels, _PREVIOUS in labels, _PENDING in labels, entry["CreatedDate"]
    )


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _translated(error: ClientError, name: str) -> Exception:
    """Return the error of this package that stands for an error of Secrets Manager."""
    gone = _code(error) == "ResourceNotFoundException" or (
        # Secrets Manager answers so for a secret that is scheduled for deletion.
        _code(error) == "InvalidRequestException" and "delet" in error.response["Error"].get("Message", "").lower()
    )
    return CredentialNotFoundError(name) if gone else unavailable(_SERVICE, error)
