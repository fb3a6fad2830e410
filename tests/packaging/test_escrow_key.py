"""Who can read the tokens in escrow on AWS, by the key policy and the policies of the principal.

The local stack has keys, and asks none of them: this is decided by a simulation alone.
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.packaging.made import ACCOUNT, REGION, RESOURCES, STACK, TEMPLATE, arn, arn_of, resolved, role_policies
from tests.packaging.policies import Request, identity_allows, key_allows

KEY: Final = arn_of("EscrowKey")
KEY_POLICY: Final[Mapping[str, Any]] = resolved(RESOURCES["EscrowKey"]["Properties"]["KeyPolicy"])
PARAMETER: Final = arn("ssm", f"parameter/token-refresher/escrow/{STACK}/acme-bing-ads/attempt")
PERSON: Final = f"arn:aws:iam::{ACCOUNT}:role/somebody"
THROUGH: Final = {"kms:ViaService": f"ssm.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT}
"""The context of a call of KMS that Parameter Store makes for a principal."""

READ_ONLY_ACCESS: Final = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                *("kms:Describe*", "kms:Get*", "kms:List*"),
                *("secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:List*"),
                *("ssm:Describe*", "ssm:Get*", "ssm:List*"),
            ],
            "Resource": "*",
        }
    ]
}
"""The part of the AWS managed policy of that name about the three services.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ReadOnlyAccess.html
"""

KEY_OF_AWS: Final = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"StringEquals": THROUGH},
        }
    ]
}
"""The policy of ``aws/ssm``: everybody in the account, through Parameter Store.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html
"""

EVERYTHING: Final = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
"""AdministratorAccess."""


def reads(identity: Mapping[str, Any], key_policy: Mapping[str, Any]) -> bool:
    """Tell whether a principal can read and decrypt a parameter."""
    return identity_allows([identity], Request(PERSON, "ssm:GetParameter", PARAMETER)) and key_allows(
        key_policy, [identity], Request(PERSON, "kms:Decrypt", KEY, THROUGH)
    )


def test_with_the_key_of_aws_everybody_with_read_only_access_could_read_the_tokens() -> None:
    """This is why the escrow has a key of its own, and shows that the simulation finds it."""
    assert reads(READ_ONLY_ACCESS, KEY_OF_AWS)


@pytest.mark.parametrize("identity", [READ_ONLY_ACCESS, EVERYTHING], ids=["ReadOnlyAccess", "AdministratorAccess"])
def test_with_the_key_of_the_escrow_no_other_principal_of_the_account_reads_the_tokens(
    identity: Mapping[str, Any],
) -> None:
    assert not reads(identity, KEY_POLICY)


@pytest.mark.parametrize("action", ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"])
def test_administrators_can_administer_the_key_and_readers_cannot(action: str) -> None:
    request = Request(PERSON, action, KEY)
    assert key_allows(KEY_POLICY, [EVERYTHING], request)
    assert not key_allows(KEY_POLICY, [READ_ONLY_ACCESS], request)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        pytest.param("RefreshRole", {"kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"}, id="refresh puts and reads"),
        pytest.param("CallbackRole", {"kms:Encrypt", "kms:GenerateDataKey"}, id="callback puts"),
        pytest.param("DispatchRole", set[str](), id="dispatch does neither"),
        pytest.param("TickRole", set[str](), id="the schedule does neither"),
    ],
)
def test_a_role_does_with_the_key_what_it_does_with_the_escrow(role: str, allowed: set[str]) -> None:
    asked = ("kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt")
    through = [
        action
        for action in asked
        if key_allows(KEY_POLICY, role_policies(role), Request(arn_of(role), action, KEY, THROUGH))
    ]
    assert set(through) == allowed
    # And only through Parameter Store.
    by_itself = [Request(arn_of(role), action, KEY) for action in asked]
    assert not [request for request in by_itself if key_allows(KEY_POLICY, role_policies(role), request)]


@pytest.mark.parametrize("key_policy", [KEY_OF_AWS, None], ids=["under the key of AWS", "under a key of one's own"])
def test_tokens_that_an_earlier_version_put_into_escrow_can_still_be_read(key_policy: Mapping[str, Any] | None) -> None:
    """An upgrade during an outage: the parameters are encrypted with the key of the earlier version."""
    own = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ]
    }
    key = arn("kms", "key/of-aws") if key_policy else resolved({"Ref": "KmsKeyArn"})
    request = Request(arn_of("RefreshRole"), "kms:Decrypt", key, THROUGH)
    assert key_allows(key_policy or own, role_policies("RefreshRole"), request)


def test_the_functions_get_the_arn_of_the_key() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["ESCROW_KEY_ARN"] == {"Fn::GetAtt": "EscrowKey.Arn"}
