"""The secrets for consumers in memory and those of Secrets Manager keep the same contract."""

import boto3
import pytest
from botocore.stub import Stubber

from tests.contracts.consumer_secrets_contract import FIRST, SECRET, ConsumerSecretsContract
from tests.fakes.memory_consumer_secrets import MemoryConsumerSecrets
from token_refresher.aws.consumer_secrets import SecretsManagerConsumerSecrets
from token_refresher.base.errors import VersionNotFoundError


class TestMemoryConsumerSecrets(ConsumerSecretsContract):
    @pytest.fixture
    def secrets(self) -> MemoryConsumerSecrets:
        return MemoryConsumerSecrets()


class TestSecretsManagerConsumerSecrets(ConsumerSecretsContract):
    @pytest.fixture
    def secrets(self, aws: boto3.Session) -> SecretsManagerConsumerSecrets:
        return SecretsManagerConsumerSecrets(aws.client("secretsmanager"), "")

    def test_a_write_to_a_deleted_secret_says_that_it_is_gone(self, aws: boto3.Session) -> None:
        """It is not so in moto, which writes to such a secret."""
        client = aws.client("secretsmanager")
        with Stubber(client) as stub:
            stub.add_client_error("put_secret_value", "InvalidRequestException", "It was marked for deletion.")
            with pytest.raises(VersionNotFoundError):
                SecretsManagerConsumerSecrets(client, "").put(SECRET, FIRST, "{}")

    def test_a_new_secret_is_encrypted_with_the_key_of_the_stack(self, aws: boto3.Session) -> None:
        client = aws.client("secretsmanager")
        key = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000001"
        SecretsManagerConsumerSecrets(client, key).create(SECRET, FIRST, "{}")
        assert client.describe_secret(SecretId=SECRET)["KmsKeyId"] == key
