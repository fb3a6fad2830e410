"""What AWS refuses, in words that name the secret, the missing action and the next step."""

import pickle
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError
from moto import mock_aws

from tests.client.aws import CONSUMER, FakeSecrets, ManualClock, arn, consumer, refusal
from token_refresher_client import (
    MissingPermissionError,
    SecretMissingError,
    SecretsManagerError,
    TokenReader,
    TokenReaderError,
)
from token_refresher_client.reading import SecretLocator
from token_refresher_client.secrets_manager import SecretsManager

ROLE = "User: arn:aws:sts::111122223333:assumed-role/pipeline/run is not authorized to perform: "
"""How the refusals of IAM begin."""

DENIED = {
    "identity policy": (
        refusal("AccessDeniedException", f"{ROLE}secretsmanager:GetSecretValue on resource: {CONSUMER} because no"),
        "secretsmanager:GetSecretValue",
    ),
    "key policy": (refusal("AccessDeniedException", "Access to KMS is not allowed"), "kms:Decrypt"),
    "identity policy for a key": (
        refusal("AccessDeniedException", f"{ROLE}kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/1"),
        "kms:Decrypt",
    ),
    "key that cannot decrypt": (refusal("DecryptionFailure", "Secrets Manager can't decrypt"), "kms:Decrypt"),
}

FAILURES = {
    "no secret": (refusal("ResourceNotFoundException", "can't find the specified secret"), SecretMissingError),
    "deleted": (
        refusal("InvalidRequestException", "You can't perform this operation on the secret: it was deleted."),
        SecretMissingError,
    ),
    "throttled": (refusal("ThrottlingException", "Rate exceeded"), SecretsManagerError),
    "down": (refusal("InternalServiceError", "An error occurred"), SecretsManagerError),
    "credentials of AWS that ended": (refusal("ExpiredTokenException", "expired"), SecretsManagerError),
    "no credentials of AWS": (NoCredentialsError(), SecretsManagerError),
    "no network": (EndpointConnectionError(endpoint_url="https://localhost"), SecretsManagerError),
    "no answer": (ConnectTimeoutError(endpoint_url="https://localhost"), SecretsManagerError),
}


def error_of(refused: Exception) -> TokenReaderError:
    secrets = FakeSecrets()
    secrets.refusals[CONSUMER] = refused
    with pytest.raises(TokenReaderError) as caught:
        TokenReader("acme-ads", client=secrets, clock=ManualClock()).token()
    return caught.value


@pytest.mark.parametrize(("refused", "action"), DENIED.values(), ids=DENIED)
def test_a_denied_read_names_the_secret_and_the_action(refused: Exception, action: str) -> None:
    error = error_of(refused)
    assert isinstance(error, MissingPermissionError)
    assert (error.secret_id, error.action) == (CONSUMER, action)
    assert CONSUMER in error.problem
    assert f"has to allow {action} on " in error.next_step


@pytest.mark.parametrize(("refused", "kind"), FAILURES.values(), ids=FAILURES)
def test_a_failed_read_names_the_secret_and_the_next_step(refused: Exception, kind: type[TokenReaderError]) -> None:
    error = error_of(refused)
    assert type(error) is kind
    assert CONSUMER in str(error)
    assert error.next_step


@pytest.mark.parametrize("refused", [refused for refused, _ in (*DENIED.values(), *FAILURES.values())])
def test_an_error_reaches_another_process_whole(refused: Exception) -> None:
    error = error_of(refused)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - It was made in the line above.
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_a_token_at_hand_outlives_an_outage_until_its_margin() -> None:
    secrets, clock = FakeSecrets(), ManualClock()
    secrets.put(CONSUMER, consumer())
    reader = TokenReader("acme-ads", client=secrets, clock=clock)
    reader.token()
    secrets.refusals[CONSUMER] = refusal("InternalServiceError")
    clock.advance(minutes=55)
    assert reader.token().access_token == "token-1"
    clock.advance(minutes=1)
    with pytest.raises(SecretsManagerError):
        reader.token()


class TestOnMoto:
    """The same calls by boto3's own client."""

    @pytest.fixture(autouse=True)
    def aws(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        with mock_aws():
            yield

    def test_a_reader_makes_its_own_client(self) -> None:
        boto3.client("secretsmanager").create_secret(Name=CONSUMER, SecretString=consumer())
        assert TokenReader("acme-ads", clock=ManualClock()).token().access_token == "token-1"

    def test_a_reader_takes_a_client(self) -> None:
        client = boto3.client("secretsmanager", region_name="us-east-2")
        client.create_secret(Name=CONSUMER, SecretString=consumer())
        assert TokenReader("acme-ads", client=client, clock=ManualClock()).token().access_token == "token-1"

    def test_the_region_of_an_arn_is_where_it_is_read(self) -> None:
        made = boto3.client("secretsmanager", region_name="us-east-2").create_secret(
            Name=CONSUMER, SecretString=consumer()
        )
        assert TokenReader(made["ARN"], clock=ManualClock()).token().access_token == "token-1"

    def test_a_secret_without_a_value_is_missing(self) -> None:
        boto3.client("secretsmanager").create_secret(Name=CONSUMER)
        with pytest.raises(SecretMissingError, match=CONSUMER):
            TokenReader("acme-ads").token()

    def test_a_secret_that_does_not_exist_is_missing(self) -> None:
        with pytest.raises(SecretMissingError, match="token-refresher publish"):
            TokenReader("acme-ads").token()

    def test_a_secret_that_is_scheduled_for_deletion_is_missing(self) -> None:
        client = boto3.client("secretsmanager")
        client.create_secret(Name=CONSUMER, SecretString=consumer())
        client.delete_secret(SecretId=CONSUMER)
        with pytest.raises(SecretMissingError, match="marked deleted"):
            TokenReader("acme-ads").token()

    def test_a_binary_secret_is_malformed(self) -> None:
        boto3.client("secretsmanager").create_secret(Name=CONSUMER, SecretBinary=b"1")
        with pytest.raises(TokenReaderError, match="it is binary"):
            TokenReader("acme-ads").token()

    def test_tags_say_how_the_credential_is(self) -> None:
        tags = [{"Key": "token-refresher:status", "Value": "paused"}, {"Key": "team", "Value": "search"}]
        boto3.client("secretsmanager").create_secret(Name=CONSUMER, SecretString=consumer(), Tags=tags)  # type: ignore[arg-type]
        locator = SecretLocator(CONSUMER, SecretsManager())
        assert locator.condition(locator.read(), ManualClock()()).status == "paused"

    def test_without_a_region_the_error_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        monkeypatch.delenv("AWS_REGION", raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
        with pytest.raises(SecretsManagerError, match="AWS_REGION"):
            TokenReader("acme-ads").token()


def test_the_fake_names_secrets_as_aws_does() -> None:
    assert arn("a/b") == "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-a1B2c3"
