"""Secrets Manager as the secret store: its errors, and what a description of a secret means."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.credential.status_tags import StatusTags
from token_refresher.rotation.secret_store import successor

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:token-refresher/team/ads"
V0, V1 = "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"
NEXT = successor(ARN, V0)
MARKED = "You can't perform this operation on the secret because it was marked for deletion."

LABEL = StatusTags("healthy", "-")

Call = Callable[[SecretsManagerStore], object]
CALLS = [
    pytest.param("describe_secret", lambda store: store.describe("team/ads"), id="describe"),
    pytest.param("get_secret_value", lambda store: store.read("team/ads", V0), id="read"),
    pytest.param("put_secret_value", lambda store: store.put_pending("team/ads", V1, "{}"), id="put"),
    pytest.param("update_secret_version_stage", lambda store: store.promote("team/ads", V1, V0), id="promote"),
    pytest.param("tag_resource", lambda store: store.set_status_tags("team/ads", LABEL), id="label"),
]


@pytest.fixture
def client() -> "SecretsManagerClient":
    return boto3.client(
        "secretsmanager", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )


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
    if (operation, code) == ("update_secret_version_stage", "ResourceNotFoundException"):
        stub.add_client_error("describe_secret", code, message)  # Whether the secret is gone, or only the version.
    with pytest.raises((CredentialNotFoundError, VersionNotFoundError), match="team/ads"):
        call(store)


def test_promoting_a_version_that_is_gone_does_not_mean_that_the_secret_is_gone(
    store: SecretsManagerStore, stub: Stubber
) -> None:
    """A secret that was deleted and created anew has another set of versions."""
    stub.add_client_error("update_secret_version_stage", "ResourceNotFoundException", "can't find the version")
    stub.add_response("describe_secret", {"ARN": ARN})
    with pytest.raises(VersionNotFoundError):
        store.promote("team/ads", V1, V0)


def test_promoting_a_version_of_a_secret_that_is_gone_finds_no_secret(
    store: SecretsManagerStore, stub: Stubber
) -> None:
    for operation in ("update_secret_version_stage", "describe_secret"):
        stub.add_client_error(operation, "ResourceNotFoundException", "can't find the specified secret")
    with pytest.raises(CredentialNotFoundError):
        store.promote("team/ads", V1, V0)


def test_a_version_that_is_not_visible_yet_does_not_mean_that_the_secret_is_gone(
    store: SecretsManagerStore, stub: Stubber
) -> None:
    """Secrets Manager is eventually consistent, and gives the same answer for both."""
    stub.add_client_error("get_secret_value", "ResourceNotFoundException", "can't find the specified secret value")
    with pytest.raises(VersionNotFoundError):
        store.read("team/ads", "11111111-2222-4333-8444-555555555555")


@pytest.mark.parametrize(("operation", "call"), CALLS)
@pytest.mark.parametrize(
    ("code", "status", "passing"),
    [
        pytest.param("ThrottlingException", 400, True, id="throttled: may pass"),
        pytest.param("InternalServiceError", 500, True, id="an internal error: may pass"),
        pytest.param("AccessDeniedException", 400, False, id="denied: will not pass"),
        pytest.param("InvalidRequestException", 400, False, id="refused for another reason: will not pass"),
        pytest.param("DecryptionFailure", 400, False, id="a key that may not be used: will not pass"),
        pytest.param("LimitExceededException", 400, False, id="a quota that is used up: will not pass"),
    ],
)
def test_every_other_error_raises_service_unavailable(
    store: SecretsManagerStore, stub: Stubber, operation: str, call: Call, code: str, status: int, passing: bool
) -> None:
    stub.add_client_error(operation, code, "No.", http_status_code=status)
    with pytest.raises(ServiceUnavailableError) as caught:
        call(store)
    assert (caught.value.call.partition(".")[0], caught.value.code, caught.value.passing) == (
        "secretsmanager",
        code,
        passing,
    )


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_an_error_names_the_call_and_the_code_and_nothing_else(
    store: SecretsManagerStore, stub: Stubber, operation: str, call: Call
) -> None:
    stub.add_client_error(operation, "AccessDeniedException", "canary")
    with pytest.raises(ServiceUnavailableError, match=r"^secretsmanager\.\w+: AccessDeniedException$"):
        call(store)


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_an_error_of_the_network_may_pass(
    client: "SecretsManagerClient",
    store: SecretsManagerStore,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    call: Call,
) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager.example.com")

    monkeypatch.setattr(client, operation, unreachable)
    with pytest.raises(ServiceUnavailableError, match="secretsmanager: EndpointConnectionError") as caught:
        call(store)
    assert caught.value.passing


def test_storing_other_content_under_the_id_of_a_version_raises_successor_exists(
    store: SecretsManagerStore, stub: Stubber
) -> None:
    stub.add_client_error("put_secret_value", "ResourceExistsException", "already exists")
    with pytest.raises(SuccessorExistsError, match=V1):
        store.put_pending("team/ads", V1, "{}")


def test_a_promotion_is_refused_if_the_staging_label_is_on_another_version(
    store: SecretsManagerStore, stub: Stubber
) -> None:
    stub.add_client_error("update_secret_version_stage", "InvalidParameterException", "attached to another version")
    with pytest.raises(PromotionRefusedError, match="team/ads"):
        store.promote("team/ads", V1, V0)


def test_a_binary_secret_is_malformed(store: SecretsManagerStore, stub: Stubber) -> None:
    stub.add_response("get_secret_value", {"ARN": ARN, "SecretBinary": b"canary"})
    with pytest.raises(MalformedCredentialError, match="binary") as caught:
        store.read("team/ads", V0)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "pending"),
    [
        pytest.param({V0: ["AWSCURRENT"]}, None, id="on no version: none is pending"),
        pytest.param({V0: ["AWSCURRENT", "AWSPENDING"]}, None, id="on the current version: none is pending"),
        pytest.param({V0: ["AWSCURRENT"], V1: ["AWSPENDING"]}, V1, id="on one other version: that one is pending"),
        pytest.param({V0: ["AWSCURRENT"], NEXT: ["AWSPENDING"], V1: ["AWSPENDING"]}, NEXT, id="the successor first"),
        pytest.param({V0: ["AWSCURRENT"], V1: ["AWSPENDING"], NEXT: ["AWSPENDING"]}, NEXT, id="the successor last"),
        pytest.param(
            {V0: ["AWSCURRENT", "AWSPENDING"], V1: ["AWSPENDING"], NEXT: ["AWSPENDING"]},
            NEXT,
            id="the current version among them",
        ),
        pytest.param({V1: ["AWSPENDING"]}, V1, id="without a current version: that one is pending"),
    ],
)
def test_if_several_versions_have_the_pending_label_the_successor_is_pending(
    store: SecretsManagerStore, stub: Stubber, labels: dict[str, list[str]], pending: str | None
) -> None:
    """On AWS one version at most has the label; a local stand-in leaves it on older versions as well."""
    stub.add_response("describe_secret", {"ARN": ARN, "VersionIdsToStages": labels})
    assert store.describe("team/ads").pending == pending


def test_the_inventory_reads_staging_labels_as_a_description_does(store: SecretsManagerStore, stub: Stubber) -> None:
    labels = {V0: ["AWSCURRENT"], V1: ["AWSPENDING"], NEXT: ["AWSPENDING"]}
    secret = {"Name": "token-refresher/team/ads", "ARN": ARN, "SecretVersionsToStages": labels}
    stub.add_response("list_secrets", {"SecretList": [secret]})
    assert [state.pending for state in store.managed()] == [NEXT]


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ORDERED = {"SortBy": "last-changed-date", "SortOrder": "desc"}


def add_pages(stub: Stubber, minutes: list[list[int]], order: dict[str, str], asked: int) -> None:
    """Let ListSecrets answer so often, with pages of secrets that changed so many minutes before noon."""
    for number, page in enumerate(minutes[:asked]):
        listed = [
            {
                "Name": f"token-refresher/changed-{ago}-{place}",
                "ARN": ARN,
                "LastChangedDate": NOON - timedelta(minutes=ago),
                "SecretVersionsToStages": {V0: ["AWSCURRENT"]},
            }
            for place, ago in enumerate(page)
        ]
        parameters = {"Filters": [{"Key": "name", "Values": ["token-refresher/"]}], "MaxResults": 100, **order}
        parameters |= {"NextToken": str(number)} if number else {}
        following = {"NextToken": str(number + 1)} if number + 1 < len(minutes) else {}
        stub.add_response("list_secrets", {"SecretList": listed, **following}, parameters)


def changed_since(store: SecretsManagerStore, minutes: int) -> list[int]:
    """Read what changed since so many minutes before noon; return how many secrets each page has."""
    return [len(page.secrets) for page in store.pages(NOON - timedelta(minutes=minutes))]


@pytest.mark.parametrize(
    ("pages", "read"),
    [
        pytest.param([[0, 1], [2, 9], [10, 11]], [2, 2], id="down to the page with an older one"),
        pytest.param([[0, 5], [5, 5], [5, 6], [7, 8]], [2, 2, 2], id="with all that changed at that time"),
        pytest.param([[0, 1], [2, 3]], [2, 2], id="to the end, if nothing is older"),
        pytest.param([[9, 10], [11, 12]], [2], id="one page, if everything is older"),
        pytest.param([[9, 1], [2, 9], [0, 11]], [2, 2, 2], id="to the end, if it is in no order"),
        pytest.param([[3, 4], [2, 9], [0, 11]], [2, 2, 2], id="to the end, if a page is in no order with another"),
    ],
)
def test_the_list_of_changes_is_read(
    store: SecretsManagerStore, stub: Stubber, pages: list[list[int]], read: list[int]
) -> None:
    add_pages(stub, pages, ORDERED, len(read))
    assert changed_since(store, 5) == read


def test_an_sdk_that_cannot_order_the_list_reads_all_of_it(
    store: SecretsManagerStore, stub: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape = stub.client.meta.service_model.operation_model("ListSecrets").input_shape
    assert shape is not None
    monkeypatch.delitem(shape.members, "SortBy")
    add_pages(stub, [[9, 1], [2, 9]], {}, 2)
    assert changed_since(store, 5) == [2, 2]


def test_only_the_last_page_says_that_the_list_ends(store: SecretsManagerStore, stub: Stubber) -> None:
    add_pages(stub, [[1], [2], [3]], {}, 3)
    assert [page.is_last for page in store.pages()] == [False, False, True]


def test_a_write_names_its_version_and_staging_label(store: SecretsManagerStore, stub: Stubber) -> None:
    parameters = {
        "SecretId": "token-refresher/team/ads",
        "ClientRequestToken": V1,
        "SecretString": "{}",
        "VersionStages": ["AWSPENDING"],
    }
    stub.add_response("put_secret_value", {"ARN": ARN}, parameters)
    store.put_pending("team/ads", V1, "{}")


def test_a_promotion_names_the_version_that_it_replaces(store: SecretsManagerStore, stub: Stubber) -> None:
    parameters = {
        "SecretId": "token-refresher/team/ads",
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": V1,
        "RemoveFromVersionId": V0,
    }
    stub.add_response("update_secret_version_stage", {"ARN": ARN}, parameters)
    store.promote("team/ads", V1, V0)
