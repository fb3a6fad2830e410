"""The store in memory and Secrets Manager keep the same contract."""

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.secretsmanager.models import SecretsManagerBackend

from tests.contracts.secret_store_contract import LABEL, NAME, SecretStoreContract
from tests.fakes.memory_store import MemorySecretStore
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.errors import CredentialNotFoundError
from token_refresher.rotation.secret_store import NAMELESS

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_secretsmanager.type_defs import TagTypeDef

PREFIX = "token-refresher"

CHECK = "_check_with_existing_secrets_and_versions"
_check = getattr(SecretsManagerBackend, CHECK)


def _checking_pending_versions_too(
    backend: Any, name: str, version_id: str, *content: Any, on_create: bool = False
) -> Any:
    """Compare a version with what is already there under its id, as AWS does for every version.

    moto leaves out the versions that are labelled AWSPENDING, and overwrites them.
    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    (ClientRequestToken).
    """
    version = None if on_create else backend.secrets[name].versions.get(version_id)
    if version is None:
        return _check(backend, name, version_id, *content, on_create=on_create)
    labels, version["version_stages"] = version["version_stages"], []
    try:
        return _check(backend, name, version_id, *content)
    finally:
        version["version_stages"] = labels


def _id(name: str) -> str:
    return f"{PREFIX}/" + ("" if name == NAMELESS else name)


class AwsConsole:
    """An operator who uses the Secrets Manager API."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client

    def create(self, name: str, content: str | bytes) -> str:
        self.create_without_value(name)
        return self.edit(name, content)

    def create_without_value(self, name: str) -> None:
        self.create_elsewhere(_id(name))

    def create_elsewhere(self, whole_name: str) -> None:
        self._client.create_secret(Name=whole_name)

    def edit(self, name: str, content: str | bytes) -> str:
        secret_id = _id(name)
        if isinstance(content, bytes):
            return self._client.put_secret_value(SecretId=secret_id, SecretBinary=content)["VersionId"]
        return self._client.put_secret_value(SecretId=secret_id, SecretString=content)["VersionId"]

    def tag(self, name: str, **tags: str) -> None:
        listed: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._client.tag_resource(SecretId=_id(name), Tags=listed)

    def tags(self, name: str) -> dict[str, str]:
        listed = self._client.describe_secret(SecretId=_id(name)).get("Tags", [])
        return {tag["Key"]: tag["Value"] for tag in listed}

    def delete(self, name: str) -> None:
        self._client.delete_secret(SecretId=_id(name))

    def deny(self, name: str, operation: str) -> None:
        """Give the answer of AWS to a call that a resource policy denies; moto enforces no policy."""

        def refused(params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
            if json.loads(params["body"])["SecretId"] != _id(name):
                return None
            error = {"Code": "AccessDeniedException", "Message": "User is not authorized to perform it."}
            answer = AWSResponse(params["url"], 400, HTTPHeaders(), None)
            return answer, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}

        self._client.meta.events.register(f"before-call.secretsmanager.{operation}", refused)  # type: ignore[arg-type] # botocore takes the return value of a handler as the answer.

    def labels(self, name: str) -> dict[str, str]:
        versions = self._client.describe_secret(SecretId=_id(name))["VersionIdsToStages"]
        return {label: version for version, labels in versions.items() for label in labels}

    def stage(self, name: str, content: str | bytes) -> str:
        secret_id, stages = _id(name), ["AWSPENDING"]
        if isinstance(content, bytes):
            answer = self._client.put_secret_value(SecretId=secret_id, SecretBinary=content, VersionStages=stages)
        else:
            answer = self._client.put_secret_value(SecretId=secret_id, SecretString=content, VersionStages=stages)
        return answer["VersionId"]

    def move(self, name: str, label: str, version_id: str) -> None:
        self._client.update_secret_version_stage(
            SecretId=_id(name),
            VersionStage=label,
            MoveToVersionId=version_id,
            RemoveFromVersionId=self.labels(name)[label],
        )

    def remove_label(self, name: str, label: str) -> None:
        self._client.update_secret_version_stage(
            SecretId=_id(name), VersionStage=label, RemoveFromVersionId=self.labels(name)[label]
        )


class TestMemorySecretStore(SecretStoreContract):
    @pytest.fixture
    def store(self) -> MemorySecretStore:
        return MemorySecretStore()

    @pytest.fixture
    def console(self, store: MemorySecretStore) -> MemorySecretStore:
        return store

    # Not in the contract, because moto writes to secrets that are scheduled for deletion, and crashes when it lists the
    # versions of a missing one. test_secrets_manager_answers.py has the errors of AWS for these calls.

    def test_a_secret_that_is_not_there_has_no_history(self, store: MemorySecretStore) -> None:
        with pytest.raises(CredentialNotFoundError):
            store.history(NAME)

    def test_no_version_is_stored_in_a_secret_that_is_scheduled_for_deletion(
        self, store: MemorySecretStore, second: str
    ) -> None:
        store.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            store.put_pending(NAME, second, "{}")

    def test_a_secret_that_is_scheduled_for_deletion_gets_no_status_tags(
        self, store: MemorySecretStore, first: str
    ) -> None:
        store.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            store.set_status_tags(NAME, LABEL)

    def test_no_version_is_promoted_in_a_secret_that_is_scheduled_for_deletion(
        self, store: MemorySecretStore, first: str, second: str
    ) -> None:
        store.put_pending(NAME, second, "{}")
        store.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            store.promote(NAME, second, replacing=first)


class TestSecretsManagerStore(SecretStoreContract):
    @pytest.fixture
    def client(self, aws: boto3.Session) -> "SecretsManagerClient":
        return aws.client("secretsmanager")

    @pytest.fixture
    def store(self, client: "SecretsManagerClient", monkeypatch: pytest.MonkeyPatch) -> SecretsManagerStore:
        monkeypatch.setattr(SecretsManagerBackend, CHECK, _checking_pending_versions_too)
        return SecretsManagerStore(client, PREFIX)

    @pytest.fixture
    def console(self, client: "SecretsManagerClient") -> AwsConsole:
        return AwsConsole(client)

    @pytest.mark.parametrize(
        "whole_name",
        [
            pytest.param("token-refresher-invites", id="a name that starts like the prefix"),
            pytest.param("Token-Refresher/search-ads", id="the prefix in other case"),
            pytest.param("other/token-refresher/search-ads", id="the prefix in the middle"),
        ],
    )
    def test_a_secret_outside_of_the_prefix_is_not_managed(
        self, store: SecretsManagerStore, console: AwsConsole, whole_name: str
    ) -> None:
        console.create_elsewhere(whole_name)
        assert list(store.managed()) == []

    def test_the_inventory_reads_every_page(self, store: SecretsManagerStore, console: AwsConsole) -> None:
        names = {f"credential-{number:03}" for number in range(101)}
        for name in names:
            console.create_without_value(name)
        assert {state.name for state in store.managed()} == names
