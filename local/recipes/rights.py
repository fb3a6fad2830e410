"""The rights of a consumer: a role with the policy of docs/consumers.md, and with no other."""

import json
from typing import Final

from local.recipes.page import code
from local.stack.aws import LocalAws
from local.stack.toolchain import REGION

ROLE_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def here(policy: str) -> str:
    """Return a policy of the page for the account and the Region of the local AWS."""
    return policy.replace("111122223333", "000000000000").replace("eu-west-1", REGION)


def consumer_rights(aws: LocalAws, role: str) -> dict[str, str]:
    """Create a role for a consumer, and return the variables with its AWS credentials.

    Args:
        aws: The local AWS.
        role: The name of the role.
    """
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(ROLE_TRUST))["Role"]["Arn"]
    policy = here(code("Who may read it", "json"))
    iam.put_role_policy(RoleName=role, PolicyName="reads-tokens", PolicyDocument=policy)
    given = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="recipe")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
