"""What the policies of the page allow, on a local AWS that enforces IAM and for ARNs as AWS makes them."""

import json
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.recipes.page import code
from local.stack.aws import LocalAws
from local.stack.toolchain import REGION
from tests.recipes.publisher import SECRET_ID, Publisher

CONSUMER = json.loads(code("Who may read it", "json"))["Statement"][0]
OF_AN_ACCOUNT = code("Who may read it", "json", 1)
OPERATORS = "token-refresher/acme-bing-ads"
BESIDE = "token-refresher-consumers-of-others/acme-ads"


@pytest.fixture
def consumer(publisher: Publisher, aws_port: int, rights: dict[str, str]) -> Any:
    session = boto3.Session(
        rights["AWS_ACCESS_KEY_ID"], rights["AWS_SECRET_ACCESS_KEY"], rights["AWS_SESSION_TOKEN"], REGION
    )
    return session.client("secretsmanager", endpoint_url=f"http://localhost:{aws_port}")


def _may(call: Any, **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


def test_a_consumer_reads_the_consumer_secret_and_changes_nothing(consumer: Any) -> None:
    assert _may(consumer.get_secret_value, SecretId=SECRET_ID)
    assert not _may(consumer.put_secret_value, SecretId=SECRET_ID, SecretString="{}")
    assert not _may(consumer.delete_secret, SecretId=SECRET_ID)
    assert not _may(consumer.list_secrets)


@pytest.mark.parametrize("name", [OPERATORS, BESIDE])
def test_a_consumer_reads_no_secret_beside_the_prefix(consumer: Any, aws: LocalAws, name: str) -> None:
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name=name, SecretString="{}")
    assert not _may(consumer.get_secret_value, SecretId=name)
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        pytest.param(SECRET_ID, True, id="a consumer secret"),
        pytest.param("token-refresher-consumers/team/acme-ads", True, id="a consumer secret in a folder"),
        pytest.param(OPERATORS, False, id="the secret of the operator"),
        pytest.param(BESIDE, False, id="a prefix that begins alike"),
    ],
)
def test_the_policy_matches_the_arns_that_aws_makes(name: str, allowed: bool) -> None:
    """AWS adds a hyphen and six characters."""
    arn = f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}-Ab3xYz"
    assert fnmatchcase(arn, CONSUMER["Resource"]) is allowed


def test_secrets_manager_takes_the_policy_for_another_account(publisher: Publisher, aws: LocalAws) -> None:
    secrets = aws.client("secretsmanager")
    secrets.put_resource_policy(SecretId=SECRET_ID, ResourcePolicy=OF_AN_ACCOUNT, BlockPublicPolicy=True)
    kept = json.loads(secrets.get_resource_policy(SecretId=SECRET_ID)["ResourcePolicy"])["Statement"][0]
    assert (kept["Action"], kept["Principal"]) == (
        "secretsmanager:GetSecretValue",
        {"AWS": "arn:aws:iam::444455556666:role/pipeline"},
    )
