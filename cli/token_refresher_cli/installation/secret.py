"""A secret as Secrets Manager describes it, and every call of the command to Secrets Manager."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.aws.errors import all_translated, unavailable
from token_refresher.aws.secret_pages import is_under, kept_versions, listed_secrets
from token_refresher.base.errors import CredentialNotFoundError, ServiceUnavailableError
from token_refresher.rotation.secret_store import MOVED_TO_TAG, NAMELESS
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.explanations import is_refused
from token_refresher_cli.installation.kms_keys import OF_AWS

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import (
        APIErrorTypeTypeDef,
        BatchGetSecretValueResponseTypeDef,
        CreateSecretRequestTypeDef,
        SecretVersionsListEntryTypeDef,
    )

_SERVICE: Final = "secretsmanager"

_NOT_FOUND: Final = "ResourceNotFoundException"

_GONE: Final = frozenset({_NOT_FOUND, "InvalidRequestException"})
"""The secret is deleted, or scheduled for deletion."""

_UNDECIPHERABLE: Final = "DecryptionFailure"
"""The KMS key cannot decrypt the secret, whoever asks."""


@dataclass(frozen=True)
class Secret:
    """What can be seen of a secret without its value. A pointer or a deleted secret is one as well.

    Attributes:
        name: The name of the credential, without the prefix.
        arn: Its ARN.
        staging_labels: The version that each staging label is on.
        tags: All tags.
        description: The description that a person gave it.
        kms_key_id: The key that encrypts it; empty for the key that AWS manages.
        created_at: When it was created.
        last_read_on: The day of the last read; AWS counts in days.
        deleted_at: When somebody scheduled it for deletion, or ``None``.
        replicas: The Regions that it is replicated to. `ListSecrets` does not return them.
    """

    name: str
    arn: str
    staging_labels: Mapping[str, str]
    tags: Mapping[str, str]
    description: str
    kms_key_id: str
    created_at: datetime | None
    last_read_on: datetime | None
    deleted_at: datetime | None
    replicas: tuple[str, ...]

    @property
    def current(self) -> str | None:
        """The version under ``AWSCURRENT``."""
        return self.staging_labels.get("AWSCURRENT")

    @property
    def moved_to(self) -> str | None:
        """The new name of the credential if this secret is a pointer; ``None`` for a credential."""
        return self.tags.get(MOVED_TO_TAG)

    @property
    def kms_key(self) -> str:
        """The name of the key that encrypts it, for people."""
        return self.kms_key_id or OF_AWS


@dataclass(frozen=True)
class Secrets:
    """Reads, creates, tags and deletes the secrets of an installation.

    Each method raises `ServiceUnavailableError` if Secrets Manager refuses the call or cannot be reached.

    Attributes:
        client: The client of Secrets Manager.
        prefix: The prefix of the managed secrets, with its slash.
    """

    client: "SecretsManagerClient"
    prefix: str

    def all(self, beginning: str = "") -> list[Secret]:
        """Return every secret under the prefix, pointers included, except those that are scheduled for deletion.

        Args:
            beginning: How the names of the credentials begin; AWS lists no others.
        """
        return [
            _secret(entry["Name"].removeprefix(self.prefix) or NAMELESS, entry)
            for entry in listed_secrets(self.client, self.prefix + beginning)
            if is_under(entry, self.prefix)
        ]

    def find(self, name: str) -> Secret | None:
        """Return a secret under the prefix, or ``None`` if there is none of that name."""
        with all_translated(_SERVICE):
            try:
                answer = self.client.describe_secret(SecretId=self._id(name))
            except ClientError as error:
                if _code(error) == _NOT_FOUND:
                    return None
                raise
        return _secret(name, answer)

    def find_listed(self, arn: str) -> Secret | None:
        """Return a secret as `ListSecrets` has it, which needs no right to the secret itself."""
        # Secrets Manager adds what follows the last hyphen; what is before it is the name.
        name = arn.rpartition(":")[2].rpartition("-")[0]
        return next((_secret(name, entry) for entry in listed_secrets(self.client, name) if entry["ARN"] == arn), None)

    def current(self, name: str) -> CurrentDocument | None:
        """Read the document under ``AWSCURRENT``; ``None`` if the secret is deleted.

        A document that the operator may not read is returned as that; other refusals are raised.
        """
        with all_translated(_SERVICE):
            try:
                answer = self.client.get_secret_value(SecretId=self._id(name), VersionStage="AWSCURRENT")
            except ClientError as error:
                if not _is_settled(error):
                    raise
                return _instead(error)
        return _document(answer)

    def currents(self, names: Sequence[str]) -> dict[str, CurrentDocument | None]:
        """Read the documents of at most 20 secrets in one call, each as `current` does.

        A secret is left out if the answer does not settle what is wrong with it.
        """
        ids = {self._id(name): name for name in names}
        found: dict[str, CurrentDocument | None] = {}
        with all_translated(_SERVICE):
            try:
                for page in self._batches(list(ids)):
                    found |= {ids[value["Name"]]: _document(value) for value in page["SecretValues"]}
                    errors = {one["SecretId"]: _of_one(one) for one in page.get("Errors", [])}
                    found |= {ids[key]: _instead(error) for key, error in errors.items() if _is_settled(error)}
            except ClientError as error:
                if is_refused(error):  # The right to this call is missing, and so none of them can be read.
                    return dict.fromkeys(names, _instead(error))
                if not _is_settled(error):
                    raise
        return found

    def _batches(self, ids: Sequence[str]) -> "Iterator[BatchGetSecretValueResponseTypeDef]":
        """Yield the answers for some secrets: one, unless their values together are too long for it."""
        answer = self.client.batch_get_secret_value(SecretIdList=ids)
        yield answer
        while token := answer.get("NextToken"):
            answer = self.client.batch_get_secret_value(SecretIdList=ids, NextToken=token)
            yield answer

    def versions(self, arn: str) -> "Iterator[SecretVersionsListEntryTypeDef]":
        """Yield the versions of a secret that are kept, also those without a staging label."""
        with all_translated(_SERVICE):
            yield from kept_versions(self.client, arn)

    def get(self, name: str) -> Secret:
        """Return a secret under the prefix.

        Raises:
            CredentialNotFoundError: There is none of that name.
        """
        secret = self.find(name)
        if secret is None:
            raise CredentialNotFoundError(name)
        return secret

    def create(
        self,
        name: str,
        text: str,
        *,
        tags: Mapping[str, str] | None = None,
        kms_key_id: str = "",
        description: str = "",
    ) -> str:
        """Create a secret, and return its ARN."""
        request: CreateSecretRequestTypeDef = {"Name": self._id(name), "SecretString": text}
        if kms_key_id:
            request["KmsKeyId"] = kms_key_id
        if description:
            request["Description"] = description
        if tags:
            request["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        with all_translated(_SERVICE):
            return self.client.create_secret(**request)["ARN"]

    @contextmanager
    def staged(self, name: str, version_id: str, text: str, label: str) -> Iterator[None]:
        """Store a version under a staging label, and remove the label at the end."""
        secrets, secret_id = self.client, self._id(name)
        with all_translated(_SERVICE):
            secrets.put_secret_value(
                SecretId=secret_id, ClientRequestToken=version_id, SecretString=text, VersionStages=[label]
            )
        try:
            yield
        finally:
            # AWS refuses this if another version has the label by now. The change itself is made all the same.
            with suppress(ClientError, BotoCoreError):
                secrets.update_secret_version_stage(
                    SecretId=secret_id, VersionStage=label, RemoveFromVersionId=version_id
                )

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        with all_translated(_SERVICE):
            self.client.tag_resource(SecretId=self._id(name), Tags=pairs)  # type: ignore[arg-type]

    def untag(self, name: str, key: str) -> None:
        """Remove a tag."""
        with all_translated(_SERVICE):
            self.client.untag_resource(SecretId=self._id(name), TagKeys=[key])

    def delete(self, name: str, recovery_days: int | None) -> None:
        """Delete a secret. It can be restored for some days; with ``None`` it cannot be restored."""
        secrets, secret_id = self.client, self._id(name)
        with all_translated(_SERVICE):
            if recovery_days is None:
                secrets.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
            else:
                secrets.delete_secret(SecretId=secret_id, RecoveryWindowInDays=recovery_days)

    def has_policy(self, name: str) -> bool:
        """Tell whether a secret has a resource policy of its own."""
        with all_translated(_SERVICE):
            answer = self.client.get_resource_policy(SecretId=self._id(name))
        return bool(answer.get("ResourcePolicy"))

    def _id(self, name: str) -> str:
        return self.prefix + ("" if name == NAMELESS else name)


def _secret(name: str, described: Mapping[str, Any]) -> Secret:
    """Return a secret as `DescribeSecret` or `ListSecrets` describes it."""
    versions = described.get("VersionIdsToStages") or described.get("SecretVersionsToStages") or {}
    return Secret(
        name,
        described["ARN"],
        {label: version for version, labels in versions.items() for label in labels},
        {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        described.get("Description", ""),
        described.get("KmsKeyId", ""),
        _utc(described.get("CreatedDate")),
        _utc(described.get("LastAccessedDate")),
        _utc(described.get("DeletedDate")),
        tuple(replica["Region"] for replica in described.get("ReplicationStatus", [])),
    )


def _document(answer: Mapping[str, Any]) -> CurrentDocument:
    """Return the document in an answer of `GetSecretValue`, or in one entry of `BatchGetSecretValue`."""
    return CurrentDocument.of(answer["VersionId"], answer.get("SecretString"))


def _of_one(error: "APIErrorTypeTypeDef") -> ClientError:
    """Return what `BatchGetSecretValue` says of one secret as the error that `GetSecretValue` would have raised."""
    code, message = error.get("ErrorCode", ""), error.get("Message", "")
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetSecretValue")


def _is_settled(error: ClientError) -> bool:
    """Tell whether an error says for good that a document cannot be read; others may pass."""
    return is_refused(error) or _code(error) in {_UNDECIPHERABLE, *_GONE}


def _instead(error: ClientError) -> CurrentDocument | None:
    """Return what stands for the document after a settled error; ``None`` for a deleted secret."""
    return None if _code(error) in _GONE else CurrentDocument.unread(_unread(error))


def _unread(error: ClientError) -> ServiceUnavailableError:
    """Return a refusal together with its cause, which has the words of AWS."""
    refusal = unavailable(_SERVICE, error)
    refusal.__cause__ = error
    return refusal


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _utc(moment: Any) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None
