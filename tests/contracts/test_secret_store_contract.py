"""The store in memory and Secrets Manager keep the same contract."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.secretsmanager.models import SecretsManagerBackend

from tests.contracts.secret_store_contract import LABEL, NAME, SecretStoreContract
from tests.fakes.memory_store import MemorySecretStore
from token_refresher.errors import CredentialNotFoundError
from token_refresher.secrets_manager import SecretsManagerStore

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


class AwsConsole:
    """An operator with the Secrets Manager API."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client

    def create(self, name: str, content: str | bytes) -> str:
        self.create_without_value(name)
        return self.edit(name, content)

    def create_without_value(self, name: str) -> None:
        self.create_elsewhere(f"{PREFIX}/{name}")

    def create_elsewhere(self, whole_name: str) -> None:
        self._client.create_secret(Name=whole_name)

    def edit(self, name: str, content: str | bytes) -> str:
        secret_id = f"{PREFIX}/{name}"
        if isinstance(content, bytes):
            return self._client.put_secret_value(SecretId=secret_id, SecretBinary=content)["VersionId"]
        return self._client.put_secret_value(SecretId=secret_id, SecretString=content)["VersionId"]

    def tag(self, name: str, **tags: str) -> None:
        listed: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._client.tag_resource(SecretId=f"{PREFIX}/{name}", Tags=listed)

    def tags(self, name: str) -> dict[str, str]:
        listed = self._client.describe_secret(SecretId=f"{PREFIX}/{name}").get("Tags", [])
        return {tag["Key"]: tag["Value"] for tag in listed}

    def delete(self, name: str) -> None:
        self._client.delete_secret(SecretId=f"{PREFIX}/{name}")

    def labels(self, name: str) -> dict[str, str]:
        versions = self._client.describe_secret(SecretId=f"{PREFIX}/{name}")["VersionIdsToStages"]
        return {label: version for version, labels in versions.items() for label in labels}


class TestMemorySecretStore(SecretStoreContract):
    @pytest.fixture
    def store(self) -> MemorySecretStore:
        return MemorySecretStore()

    @pytest.fixture
    def console(self, store: MemorySecretStore) -> MemorySecretStore:
        return store

    # moto lets a secret be written that is scheduled for deletion; what the adapter makes of AWS's refusal is in
    # test_secrets_manager_answers.py.

    def test_nothing_is_stored_in_a_secret_that_is_scheduled_for_deletion(
        self, store: MemorySecretStore, second: str
    ) -> None:
        store.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            store.put_pending(NAME, second, "{}")

    def test_a_secret_that_is_scheduled_for_deletion_is_not_labelled(
        self, store: MemorySecretStore, first: str
    ) -> None:
        store.delete(NAME)
        with pytest.raises(CredentialNotFoundError):
            store.label(NAME, LABEL)

    def test_nothing_is_promoted_in_a_secret_that_is_scheduled_for_deletion(
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
            pytest.param("Token-Refresher/search-ads", id="the prefix in other letters"),
            pytest.param("other/token-refresher/search-ads", id="the prefix in the middle"),
        ],
    )
    def test_a_secret_outside_of_the_prefix_is_not_managed(
        self, store: SecretsManagerStore, console: AwsConsole, whole_name: str
    ) -> None:
        console.create_elsewhere(whole_name)
        assert list(store.managed()) == []

    def test_the_inventory_goes_through_every_page(self, store: SecretsManagerStore, console: AwsConsole) -> None:
        names = {f"credential-{number:03}" for number in range(101)}
        for name in names:
            console.create_without_value(name)
        assert {state.name for state in store.managed()} == names
