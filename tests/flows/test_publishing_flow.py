"""What pipelines read, on the deployed stack: fresh after each refresh, and readable with one right and no other."""

import json
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from local.stack.stack import LocalStack
from local.stack.toolchain import REGION
from local.stack.waiting import eventually
from tests.flows.household import Household

PREFIX: Final = "token-refresher-consumers"
SECRET: Final = f"{PREFIX}/analytics/published"


def read(secrets: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=SECRET)["SecretString"])
    return value


@pytest.fixture(scope="module")
def pipeline(stack: LocalStack) -> Any:
    """Secrets Manager with the rights of a pipeline: it may read the secrets of one prefix."""
    iam, sts = stack.aws.client("iam"), stack.aws.client("sts")
    account = sts.get_caller_identity()["Account"]
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    policy = {
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": f"arn:aws:secretsmanager:{REGION}:{account}:secret:{PREFIX}/*",
    }
    role = iam.create_role(
        RoleName="pipeline", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    )
    iam.put_role_policy(
        RoleName="pipeline",
        PolicyName="reads",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    rights = sts.assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="pipeline")["Credentials"]
    session = boto3.Session(
        rights["AccessKeyId"], rights["SecretAccessKey"], rights["SessionToken"], region_name=REGION
    )
    return session.client("secretsmanager", endpoint_url=f"http://localhost:{stack.ports.aws}")


def test_a_pipeline_reads_the_token_of_each_refresh_and_no_other_secret(household: Household, pipeline: Any) -> None:
    held = household.connected("published")
    seen = eventually(lambda: read(pipeline) if held.consumer.document()["access_token"] else None)
    assert seen
    assert seen["access_token"] == held.consumer.document()["access_token"]
    assert household.refreshed(held, since=held.consumer.version_id())

    def renewed() -> dict[str, Any] | None:
        now = read(pipeline)
        return now if now["access_token"] == held.consumer.document()["access_token"] else None

    after = eventually(renewed)
    assert after
    assert (after["generation"] > seen["generation"], after["status"]) == (True, "healthy")
    assert {"refresh_token", "client_secret", "developer_token"} & after.keys() == set()
    with pytest.raises(ClientError, match="AccessDenied"):
        pipeline.get_secret_value(SecretId=household.secret_id("published"))
    with pytest.raises(ClientError, match="AccessDenied"):
        pipeline.put_secret_value(SecretId=SECRET, SecretString="{}")


def test_the_secret_for_pipelines_goes_with_its_credential(household: Household) -> None:
    held = household.connected("published-and-gone", publish_to="gone")
    secrets = household.stack.aws.client("secretsmanager")
    secret = f"{PREFIX}/gone"
    assert eventually(lambda: secrets.describe_secret(SecretId=secret).get("DeletedDate") is None)
    secrets.delete_secret(SecretId=household.secret_id(held.name), RecoveryWindowInDays=7)
    assert eventually(lambda: secrets.describe_secret(SecretId=secret).get("DeletedDate"))
