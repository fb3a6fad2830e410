"""The adapter of Secrets Manager with answers of AWS that moto does not give."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from tests.fakes.manual_clock import START
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.errors import (
    CredentialNotFoundError,
    PromotionRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
)
from token_refresher.credential.status_tags import StatusTags
from token_refresher.rotation.secret_store import StoredVersion

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

VERSION = "00000000-0000-4000-8000-000000000001"
SUCCESSOR = "00000000-0000-4000-8000-000000000002"
THIRD = "00000000-0000-4000-8000-000000000003"
MINUTE = timedelta(minutes=1)
MARKED = (
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
)
Call = Callable[[SecretsManagerStore], object]


@pytest.fixture
def client(aws: boto3.Session) -> "SecretsManagerClient":
    return aws.client("secretsmanager")


def put(store: SecretsManagerStore) -> None:
    store.put_pending("search-ads", SUCCESSOR, "{}")


def promote(store: SecretsManagerStore) -> None:
    store.promote("search-ads", SUCCESSOR, replacing=VERSION)


def read(store: SecretsManagerStore) -> str:
    return store.read("search-ads", VERSION)


def history(store: SecretsManagerStore) -> object:
    return store.history("search-ads")


@pytest.mark.parametrize(
    ("operation", "call", "answer", "error"),
    [
        pytest.param(
            "put_secret_value", put, MARKED, CredentialNotFoundError, id="a write to a secret marked for deletion"
        ),
        pytest.param(
            "update_secret_version_stage",
            promote,
            MARKED,
            CredentialNotFoundError,
            id="a promotion in a secret marked for deletion",
        ),
        pytest.param(
            "get_secret_value", read, MARKED, CredentialNotFoundError, id="a read of a secret marked for deletion"
        ),
        pytest.param(
            "put_secret_value",
            put,
            ("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
            CredentialNotFoundError,
            id="a write to a secret that is gone",
        ),
        pytest.param(
            "put_secret_value",
            put,
            ("ResourceExistsException", "The operation failed because a resource with the ID exists."),
            SuccessorExistsError,
            id="a write under the id of a version with another content",
        ),
        pytest.param(
            "update_secret_version_stage",
            promote,
            ("InvalidParameterException", "The parameter RemoveFromVersionId can't be this version."),
            PromotionRefusedError,
            id="a promotion while AWSCURRENT is on another version",
        ),
        pytest.param(
            "put_secret_value",
            put,
            ("InvalidRequestException", "You can't have more than 20 labels."),
            ServiceUnavailableError,
            id="a request that is invalid for another reason",
        ),
        pytest.param(
            "list_secret_version_ids",
            history,
            ("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
            CredentialNotFoundError,
            id="a list of the versions of a secret that is gone",
        ),
        pytest.param(
            "get_secret_value",
            read,
            ("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text."),
            ServiceUnavailableError,
            id="a key that may not be used",
        ),
    ],
)
def test_an_answer_of_aws_becomes_an_error_of_the_port(
    client: "SecretsManagerClient", operation: str, call: Call, answer: tuple[str, str], error: type[Exception]
) -> None:
    with Stubber(client) as stubber:
        stubber.add_client_error(operation, *answer)
        with pytest.raises(error):
            call(SecretsManagerStore(client, "token-refresher"))


def test_a_write_gets_the_pending_label_and_no_other(client: "SecretsManagerClient") -> None:
    expected = {
        "SecretId": "token-refresher/search-ads",
        "ClientRequestToken": SUCCESSOR,
        "SecretString": "{}",
        "VersionStages": ["AWSPENDING"],
    }
    with Stubber(client) as stubber:
        stubber.add_response("put_secret_value", {}, expected)
        put(SecretsManagerStore(client, "token-refresher"))
        stubber.assert_no_pending_responses()


def test_a_promotion_names_the_version_it_replaces(client: "SecretsManagerClient") -> None:
    expected = {
        "SecretId": "token-refresher/search-ads",
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": SUCCESSOR,
        "RemoveFromVersionId": VERSION,
    }
    with Stubber(client) as stubber:
        stubber.add_response("update_secret_version_stage", {}, expected)
        promote(SecretsManagerStore(client, "token-refresher"))
        stubber.assert_no_pending_responses()


def test_setting_status_tags_sets_two_tags_and_names_no_version(client: "SecretsManagerClient") -> None:
    expected = {
        "SecretId": "token-refresher/search-ads",
        "Tags": [
            {"Key": "token-refresher:status", "Value": "needs_consent"},
            {"Key": "token-refresher:reason", "Value": "50173: revoked"},
        ],
    }
    with Stubber(client) as stubber:
        stubber.add_response("tag_resource", {}, expected)
        label = StatusTags("needs_consent", "50173: revoked")
        SecretsManagerStore(client, "token-refresher").set_status_tags("search-ads", label)
        stubber.assert_no_pending_responses()


def test_the_history_reads_every_page_and_sorts_the_versions(
    client: "SecretsManagerClient",
) -> None:
    asked = {"SecretId": "token-refresher/search-ads", "IncludeDeprecated": True, "MaxResults": 100}
    first = {"VersionId": VERSION, "VersionStages": ["AWSPREVIOUS"], "CreatedDate": START}
    second = {"VersionId": SUCCESSOR, "VersionStages": ["AWSCURRENT", "AWSPENDING"], "CreatedDate": START + MINUTE}
    third = {"VersionId": THIRD, "CreatedDate": START + 2 * MINUTE}
    with Stubber(client) as stubber:
        stubber.add_response("list_secret_version_ids", {"Versions": [third, first], "NextToken": "more"}, asked)
        stubber.add_response("list_secret_version_ids", {"Versions": [second]}, {**asked, "NextToken": "more"})
        assert SecretsManagerStore(client, "token-refresher").history("search-ads") == [
            StoredVersion(THIRD, False, False, False, START + 2 * MINUTE),
            StoredVersion(SUCCESSOR, True, False, True, START + MINUTE),
            StoredVersion(VERSION, False, True, False, START),
        ]
