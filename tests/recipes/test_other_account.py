"""Who of another account may read a consumer secret, as far as a machine without AWS can show it.

The call itself cannot be made here. The local AWS has accounts: an access key of twelve digits is the root of the
account with that number, and a role that it makes belongs there. But it finds a secret only in the account of the
caller, so a call with the ARN of another account ends with ``ResourceNotFoundException``, whatever the policies say.
moto, the other stand-in of these tests, asks no policy of a resource.

So it is shown in two halves: a call that only the policy of the secret allows, in one account; and the decision about a
call from one account to another, by the evaluator of the local AWS.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.recipes.page import code
from local.recipes.rights import ROLE_TRUST, here
from local.stack.aws import LocalAws
from local.stack.toolchain import REGION, tool
from tests.recipes.publisher import SECRET_ID, Publisher
from token_refresher_client import SecretMissingError, TokenReader

OF_THE_ROLE = json.loads(code("Who may read it", "json"))
OF_THE_SECRET = json.loads(code("Who may read it", "json", 1))
ACCOUNT = "444455556666"
PUBLISHED = f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{SECRET_ID}-Ab3xYz"
OF_THE_OPERATOR = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:token-refresher/acme-bing-ads-Ab3xYz"
PIPELINE = f"arn:aws:sts::{ACCOUNT}:assumed-role/pipeline/recipe"
DECIDE = str(Path(__file__).parent / "decide.py")


def secrets_of(aws_port: int, role: str, account: Any) -> Any:
    """Return Secrets Manager with the rights of a role that has no policy unless it gets one."""
    iam, sts = account("iam"), account("sts")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(ROLE_TRUST))["Role"]["Arn"]
    rights = sts.assume_role(RoleArn=arn, RoleSessionName="recipe")["Credentials"]
    session = boto3.Session(rights["AccessKeyId"], rights["SecretAccessKey"], rights["SessionToken"], REGION)
    return session.client("secretsmanager", endpoint_url=f"http://localhost:{aws_port}")


def may_read(secrets: Any, secret: str) -> bool:
    try:
        secrets.get_secret_value(SecretId=secret)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


def test_whom_only_the_policy_of_the_secret_names_reads_that_secret_and_not_the_operators(
    publisher: Publisher, aws: LocalAws, aws_port: int
) -> None:
    named, other = (secrets_of(aws_port, role, aws.client) for role in ("named", "not-named"))
    secrets = aws.client("secretsmanager")
    policy = json.dumps(OF_THE_SECRET).replace(f"{ACCOUNT}:role/pipeline", "000000000000:role/named")
    assert not may_read(named, SECRET_ID)
    secrets.put_resource_policy(SecretId=SECRET_ID, ResourcePolicy=policy, BlockPublicPolicy=True)
    assert (may_read(named, SECRET_ID), may_read(other, SECRET_ID)) == (True, False)
    operators = secrets.create_secret(Name="token-refresher/acme-bing-ads", SecretString="{}")["ARN"]
    assert not may_read(named, operators)
    secrets.delete_secret(SecretId=operators, ForceDeleteWithoutRecovery=True)


@pytest.mark.parametrize(
    ("of_the_role", "of_the_secret", "caller", "secret", "decision"),
    [
        pytest.param(OF_THE_ROLE, OF_THE_SECRET, PIPELINE, PUBLISHED, "Allow", id="both policies"),
        pytest.param(OF_THE_ROLE, None, PIPELINE, PUBLISHED, "ImplicitDeny", id="only that of the role"),
        pytest.param(None, OF_THE_SECRET, PIPELINE, PUBLISHED, "ImplicitDeny", id="only that of the secret"),
        pytest.param(OF_THE_ROLE, OF_THE_SECRET, PIPELINE, OF_THE_OPERATOR, "ImplicitDeny", id="the operator's secret"),
        pytest.param(
            OF_THE_ROLE,
            OF_THE_SECRET,
            PIPELINE.replace("pipeline", "another"),
            PUBLISHED,
            "ImplicitDeny",
            id="another role of that account",
        ),
    ],
)
def test_across_accounts_both_policies_have_to_allow_it(
    of_the_role: Any, of_the_secret: Any, caller: str, secret: str, decision: str
) -> None:
    asked = {"of_the_role": of_the_role, "of_the_secret": of_the_secret, "caller": caller, "secret": secret}
    answer = subprocess.run(
        [tool(".venv-aws", "python"), DECIDE], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    assert answer.stdout == decision


def test_the_local_aws_finds_no_secret_of_another_account(publisher: Publisher, aws: LocalAws, aws_port: int) -> None:
    """If this fails, the local AWS has learned it: make the call, and remove the two halves above."""
    secrets = aws.client("secretsmanager")
    arn = secrets.describe_secret(SecretId=SECRET_ID)["ARN"]
    policy = json.dumps(OF_THE_SECRET)
    secrets.put_resource_policy(SecretId=SECRET_ID, ResourcePolicy=policy, BlockPublicPolicy=True)
    session = boto3.Session(ACCOUNT, "test", region_name=REGION)

    def of_the_other(service: str) -> Any:
        return session.client(service, endpoint_url=f"http://localhost:{aws_port}")  # type: ignore[call-overload] # Any service.

    assert of_the_other("sts").get_caller_identity()["Account"] == ACCOUNT
    pipeline = secrets_of(aws_port, "pipeline", of_the_other)
    of_the_other("iam").put_role_policy(
        RoleName="pipeline", PolicyName="reads", PolicyDocument=here(code("Who may read it", "json"))
    )
    with pytest.raises(SecretMissingError, match="this account"):
        TokenReader(arn, client=pipeline).token()
