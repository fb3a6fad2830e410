"""What the role of each function may and may not do, as the deployed stack enforces it."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.stack.deployment import STACK
from local.stack.stack import LocalStack
from local.stack.toolchain import REGION
from tests.flows.household import Household
from token_refresher.credential.status_tags import StatusTags


class Role:
    """Makes calls with the permissions of a deployed role."""

    def __init__(self, stack: LocalStack, logical_id: str, *, of: str = STACK) -> None:
        resource = stack.aws.client("cloudformation").describe_stack_resource(
            StackName=of, LogicalResourceId=logical_id
        )
        name = resource["StackResourceDetail"]["PhysicalResourceId"]
        arn = stack.aws.client("iam").get_role(RoleName=name)["Role"]["Arn"]
        rights = stack.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self._session = boto3.Session(
            rights["AccessKeyId"], rights["SecretAccessKey"], rights["SessionToken"], region_name=REGION
        )
        self._endpoint = f"http://localhost:{stack.ports.aws}"

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint)  # type: ignore[call-overload] # Any service.

    def may(self, service: str, operation: str, **arguments: Any) -> bool:
        try:
            getattr(self.client(service), operation)(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert "AccessDenied" in code or "NotAuthorized" in code or "AuthorizationError" in code, code
            return False
        return True


@pytest.fixture(scope="module")
def credential(household: Household) -> str:
    household.put("role-target")
    return household.secret_id("role-target")


@pytest.fixture(scope="module")
def foreign_secret(stack: LocalStack) -> str:
    """A secret of another team, whose name begins with the prefix but is not below it."""
    name = f"{stack.prefix}-of-another-team"
    stack.aws.client("secretsmanager").create_secret(Name=name, SecretString="{}")
    return name


def test_dispatch_reads_names_and_no_values(stack: LocalStack, credential: str) -> None:
    role = Role(stack, "DispatchRole")
    assert role.may("secretsmanager", "list_secrets")
    assert not role.may("secretsmanager", "get_secret_value", SecretId=credential)
    assert not role.may("secretsmanager", "put_secret_value", SecretId=credential, SecretString="{}")
    tag = {"Key": "token-refresher:status", "Value": "healthy"}
    assert not role.may("secretsmanager", "tag_resource", SecretId=credential, Tags=[tag])


@pytest.mark.parametrize("logical_id", ["RefreshRole", "CallbackRole"])
def test_workers_read_credentials_under_the_prefix_and_nothing_beside_it(
    stack: LocalStack, credential: str, foreign_secret: str, logical_id: str
) -> None:
    role = Role(stack, logical_id)
    assert role.may("secretsmanager", "get_secret_value", SecretId=credential)
    assert not role.may("secretsmanager", "get_secret_value", SecretId=foreign_secret)
    assert not role.may("secretsmanager", "put_secret_value", SecretId=foreign_secret, SecretString="{}")


@pytest.mark.parametrize("logical_id", ["RefreshRole", "CallbackRole"])
def test_workers_set_status_tags_under_the_prefix_and_no_other_tags(
    stack: LocalStack, credential: str, foreign_secret: str, logical_id: str
) -> None:
    role = Role(stack, logical_id)
    label = [{"Key": key, "Value": value} for key, value in StatusTags("healthy", "-").to_tags().items()]
    foreign_tag = {"Key": "team", "Value": "search"}
    assert role.may("secretsmanager", "tag_resource", SecretId=credential, Tags=label)
    assert not role.may("secretsmanager", "tag_resource", SecretId=credential, Tags=[foreign_tag])
    assert not role.may("secretsmanager", "tag_resource", SecretId=credential, Tags=[*label, foreign_tag])
    assert not role.may("secretsmanager", "tag_resource", SecretId=foreign_secret, Tags=label)
    assert not role.may("secretsmanager", "untag_resource", SecretId=credential, TagKeys=["team"])


@pytest.mark.parametrize("logical_id", ["DispatchRole", "RefreshRole", "CallbackRole"])
def test_no_role_deletes_or_creates_a_secret(stack: LocalStack, credential: str, logical_id: str) -> None:
    role = Role(stack, logical_id)
    assert not role.may("secretsmanager", "delete_secret", SecretId=credential)
    assert not role.may("secretsmanager", "create_secret", Name=f"{credential}-copy", SecretString="{}")


def test_only_the_callback_reaches_the_consents(stack: LocalStack) -> None:
    resource = stack.aws.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="ConsentsTable"
    )
    table = resource["StackResourceDetail"]["PhysicalResourceId"]
    read = {"TableName": table, "Key": {"id": {"S": "none"}}}
    may = {name: Role(stack, name).may("dynamodb", "get_item", **read) for name in ("DispatchRole", "RefreshRole")}
    assert may == {"DispatchRole": False, "RefreshRole": False}
    assert Role(stack, "CallbackRole").may("dynamodb", "get_item", **read)


def test_only_dispatch_enqueues_and_only_the_workers_publish_alerts(stack: LocalStack) -> None:
    queue = {"QueueUrl": stack.outputs["RefreshQueueUrl"], "MessageBody": "{}", "MessageGroupId": "roles"}
    publish = {"TopicArn": stack.outputs["AlertTopicArn"], "Message": "role test"}
    queue["MessageDeduplicationId"] = "roles"
    assert not Role(stack, "RefreshRole").may("sqs", "send_message", **queue)
    assert not Role(stack, "DispatchRole").may("sns", "publish", **publish)


def test_only_the_refresh_function_reads_the_escrow(stack: LocalStack) -> None:
    below = "/token-refresher/escrow"
    ours, foreign = f"{below}/{STACK}/role-target/one", f"{below}/another-stack/role-target/one"
    ssm = stack.aws.client("ssm")
    for name in (ours, foreign):
        ssm.put_parameter(Name=name, Value="a test value", Type="SecureString")
    try:
        reading = {"WithDecryption": True}
        refresh, callback, dispatch = (Role(stack, f"{part}Role") for part in ("Refresh", "Callback", "Dispatch"))
        assert refresh.may("ssm", "get_parameter", Name=ours, **reading)
        assert not refresh.may("ssm", "get_parameter", Name=foreign, **reading)
        assert not refresh.may("ssm", "delete_parameter", Name=foreign)
        assert not callback.may("ssm", "get_parameter", Name=ours, **reading)
        assert callback.may("ssm", "put_parameter", Name=f"{ours}-more", Value="nothing", Type="SecureString")
        assert dispatch.may("ssm", "describe_parameters")
        assert not dispatch.may("ssm", "get_parameter", Name=ours, **reading)
    finally:
        ssm.delete_parameters(Names=[ours, foreign, f"{ours}-more"])
