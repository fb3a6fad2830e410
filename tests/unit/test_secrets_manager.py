"""What the errors of Secrets Manager mean to the rest."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.secrets_manager import SecretsManagerStore

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:token-refresher/team/ads"
V0, V1 = "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"
MARKED = "You can't perform this operation on the secret because it was marked for deletion."

Call = Callable[[SecretsManagerStore], object]
CALLS = [
    pytest.param("describe_secret", lambda store: store.describe("team/ads"), id="describe"),
    pytest.param("get_secret_value", lambda store: store.read("team/ads", V0), id="read"),
    pytest.param("put_secret_value", lambda store: store.put_pending("team/ads", V1, "{}"), id="put"),
    pytest.param("update_secret_version_stage", lambda store: store.promote("team/ads", V1, V0), id="promote"),
]


@pytest.fixture
def client() -> "SecretsManagerClient":
    return boto3.client(
        "secretsmanager", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


@pytest.fixture
def stub(client: "SecretsManagerClient") -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: "SecretsManagerClient") -> SecretsManagerStore:
    return SecretsManagerStore(client, "token-refresher")


@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", id="gone"),
        pytest.param("InvalidRequestException", MARKED, id="marked for deletion"),
    ],
)
def test_a_secret_that_is_gone_is_not_found(
    store: SecretsManagerStore, stub: Stubber, operation: str, call: Call, code: str, message: str
) -> None:
    stub.add_client_error(operation, code, message)
    with pytest.raises((CredentialNotFoundError, VersionNotFoundError), match="team/ads"):
        call(store)


def test_a_version_that_is_not_seen_yet_is_no_reason_to_forget_the_secret(
    store: SecretsManagerStore, stub: Stubber
) -> None:
    """Secrets Manager is eventually consistent, and answers for both alike."""
    stub.add_client_error("get_secret_value", "ResourceNotFoundException", "can't find the specified secret value")
    with pytest.raises(VersionNotFoundError):
        store.read("team/ads", "11111111-2222-4333-8444-555555555555")


@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ThrottlingException", "InternalServiceError", "InvalidRequestException"]
)
def test_what_has_no_meaning_here_passes_as_it_is(
    store: SecretsManagerStore, stub: Stubber, operation: str, call: Call, code: str
) -> None:
    stub.add_client_error(operation, code, "No.")
    with pytest.raises(ClientError) as caught:
        call(store)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_an_error_that_passes_is_not_its_own_cause(
    store: SecretsManagerStore, stub: Stubber, operation: str, call: Call
) -> None:
    """Whoever walks the chain of causes would walk forever."""
    stub.add_client_error(operation, "AccessDeniedException", "No.")
    with pytest.raises(ClientError) as caught:
        call(store)
    assert caught.value.__cause__ is not caught.value


def test_a_successor_with_other_content_exists(store: SecretsManagerStore, stub: Stubber) -> None:
    stub.add_client_error("put_secret_value", "ResourceExistsException", "already exists")
    with pytest.raises(SuccessorExistsError, match=V1):
        store.put_pending("team/ads", V1, "{}")


def test_a_label_that_is_elsewhere_refuses_the_promotion(store: SecretsManagerStore, stub: Stubber) -> None:
    stub.add_client_error("update_secret_version_stage", "InvalidParameterException", "attached to another version")
    with pytest.raises(PromotionRefusedError, match="team/ads"):
        store.promote("team/ads", V1, V0)


def test_a_binary_secret_is_malformed(store: SecretsManagerStore, stub: Stubber) -> None:
    stub.add_response("get_secret_value", {"ARN": ARN, "SecretBinary": b"canary"})
    with pytest.raises(MalformedCredentialError, match="binary") as caught:
        store.read("team/ads", V0)
    assert "canary" not in str(caught.value)


def test_a_write_names_its_version_and_label(store: SecretsManagerStore, stub: Stubber) -> None:
    parameters = {
        "SecretId": "token-refresher/team/ads",
        "ClientRequestToken": V1,
        "SecretString": "{}",
        "VersionStages": ["AWSPENDING"],
    }
    stub.add_response("put_secret_value", {"ARN": ARN}, parameters)
    store.put_pending("team/ads", V1, "{}")


def test_a_promotion_names_what_it_replaces(store: SecretsManagerStore, stub: Stubber) -> None:
    parameters = {
        "SecretId": "token-refresher/team/ads",
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": V1,
        "RemoveFromVersionId": V0,
    }
    stub.add_response("update_secret_version_stage", {"ARN": ARN}, parameters)
    store.promote("team/ads", V1, V0)
