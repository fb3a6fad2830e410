"""Every policy of the template and the documentation, checked against the ARNs and condition keys of real AWS.

The flows try the roles on the local stack; where that differs from AWS, `tests.packaging.made` says in what.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from local.stack.toolchain import ROOT
from tests.packaging.made import (
    ACCOUNT,
    CREDENTIAL,
    FORMER_KEY,
    KEY,
    PARAMETERS,
    REGION,
    RESOURCES,
    SIGNING_KEY,
    STACK,
    arn,
    arn_of,
    physical_id,
    resolved,
    role_policies,
    secret_arn,
)
from tests.packaging.policies import Request, identity_allows, key_allows, listed, resource_allows
from token_refresher.credential.status_tags import REASON_TAG, STATUS_TAG
from token_refresher_cli.doctor.rights import RIGHTS, Right
from tools.docs.documents import Document

DEPLOY: Final = Document.read(ROOT / "docs" / "deploy.md")
OPERATOR: Final = f"arn:aws:iam::{ACCOUNT}:role/operator"
PIPELINES: Final = "arn:aws:iam::444455556666:role/pipelines"
"""A role of another account, as in the documentation."""


def documented(sid: str) -> Mapping[str, Any]:
    """Return the policy of docs/deploy.md that has a statement of this name; a lone statement as a policy."""
    for document in map(json.loads, DEPLOY.blocks("json")):
        policy = document if "Statement" in document else {"Statement": [document]}
        if sid in [statement.get("Sid") for statement in policy["Statement"]]:
            return policy
    raise KeyError(sid)


LOOK: Final = documented("FindTheStack")
CHANGE: Final = documented("ChangeSecrets")
CONSUMER: Final = documented("ReadTheCurrentVersion")
OWN_KEY: Final = documented("RolesOfThisAccountAsTheirPoliciesSay")
CONSUMERS_KEY: Final = documented("PipelinesOfAnotherAccount")

PROVIDER: Final = arn("ssm", f"parameter{PARAMETERS['ProvidersPath']}/acme")

ANY: Final = "*"
"""The resource of an action that supports no resource: only a statement about all resources allows it."""

TARGETS: Final[Mapping[str, list[str]]] = {
    "cloudformation:DescribeStacks": [arn("cloudformation", f"stack/{STACK}/0aaa-11bb")],
    "cloudformation:ListStackResources": [arn("cloudformation", f"stack/{STACK}/0aaa-11bb")],
    "cloudtrail:LookupEvents": [ANY],
    "cloudwatch:DescribeAlarms": [arn("cloudwatch", f"alarm:{STACK}-FreshnessAlarm-1ABC")],
    "dynamodb:DeleteItem": [arn_of("CredentialsTable")],
    "dynamodb:GetItem": [arn_of("CredentialsTable")],
    "dynamodb:PutItem": [arn_of("CredentialsTable")],
    "dynamodb:Query": [f"{arn_of('CredentialsTable')}/index/application", f"{arn_of('CredentialsTable')}/index/due"],
    "dynamodb:Scan": [arn_of("CredentialsTable")],
    "iam:SimulatePrincipalPolicy": [arn_of("RefreshRole")],
    "kms:DescribeKey": [KEY],
    "lambda:GetEventSourceMapping": [arn("lambda", "event-source-mapping:0aaa-11bb")],
    "lambda:GetFunctionConfiguration": [arn_of(name) for name in ("DispatchFunction", "RefreshFunction")],
    "logs:FilterLogEvents": [arn_of(f"{name}LogGroup") for name in ("Dispatch", "Refresh", "Callback")],
    "scheduler:GetSchedule": [arn("scheduler", f"schedule/default/{STACK}-TickSchedule-1ABC")],
    "secretsmanager:BatchGetSecretValue": [ANY],
    "secretsmanager:CreateSecret": [CREDENTIAL],
    "secretsmanager:DeleteSecret": [CREDENTIAL],
    "secretsmanager:DescribeSecret": [CREDENTIAL],
    "secretsmanager:GetResourcePolicy": [CREDENTIAL],
    "secretsmanager:GetSecretValue": [CREDENTIAL, arn_of("InviteSigningSecret")],
    "secretsmanager:ListSecrets": [ANY],
    "secretsmanager:ListSecretVersionIds": [CREDENTIAL],
    "secretsmanager:PutSecretValue": [CREDENTIAL],
    "secretsmanager:TagResource": [CREDENTIAL],
    "secretsmanager:UntagResource": [CREDENTIAL],
    "secretsmanager:UpdateSecretVersionStage": [CREDENTIAL],
    "sns:GetSubscriptionAttributes": [f"{arn_of('AlertTopic')}:0aaa-11bb"],
    "sns:ListSubscriptionsByTopic": [arn_of("AlertTopic")],
    "sqs:GetQueueAttributes": [arn_of("RefreshDeadLetterQueue")],
    "sqs:SendMessage": [arn_of("RefreshQueue")],
    "ssm:DescribeParameters": [ANY],
    "ssm:GetParameter": [PROVIDER],
    "ssm:GetParametersByPath": [PROVIDER.removesuffix("/acme")],
    "ssm:PutParameter": [PROVIDER],
}
"""What the commands do it to, by the resource types of the Service Authorization Reference.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""


def _actions(*policies: Mapping[str, Any]) -> list[str]:
    return sorted({one for policy in policies for part in policy["Statement"] for one in listed(part["Action"])})


@pytest.mark.parametrize("action", _actions(LOOK, CHANGE))
def test_an_operator_has_the_rights_of_the_commands_on_the_resources_of_aws(action: str) -> None:
    for target in TARGETS[action]:
        assert identity_allows([LOOK, CHANGE], Request(OPERATOR, action, target)), target


def test_an_operator_who_may_only_read_reads_no_signing_key_and_writes_nothing() -> None:
    for action in ("secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret", "sqs:SendMessage"):
        assert not identity_allows([LOOK], Request(OPERATOR, action, TARGETS[action][0]))
    signing = arn_of("InviteSigningSecret")
    assert not identity_allows([LOOK], Request(OPERATOR, "secretsmanager:GetSecretValue", signing))


@pytest.mark.parametrize(
    "secret",
    [f"{STACK}-of-another-team", "another-team/acme", f"another-{STACK}/acme"],
    ids=["beside the prefix", "of another prefix", "of a prefix that ends like it"],
)
def test_an_operator_has_no_rights_on_secrets_of_another_team(secret: str) -> None:
    for action in _actions(LOOK, CHANGE):
        if TARGETS[action][0] == CREDENTIAL:
            assert not identity_allows([LOOK, CHANGE], Request(OPERATOR, action, secret_arn(secret))), action


# --- The roles -------------------------------------------------------------------------------------------------------

ABOUT: Final[Mapping[str, str]] = {
    "everything": ANY,
    "a credential": CREDENTIAL,
    "a secret beside the prefix": secret_arn(f"{STACK}-of-another-team"),
    "a secret for pipelines": secret_arn(f"{STACK}-consumers/acme"),
    "the signing key": arn_of("InviteSigningSecret"),
    "the escrow": arn("ssm", f"parameter/token-refresher/escrow/{STACK}/acme-bing-ads/attempt"),
    "a provider of the team": PROVIDER,
    "the registry": arn_of("CredentialsTable"),
    "the index due": f"{arn_of('CredentialsTable')}/index/due_by_shard",
    "the index application": f"{arn_of('CredentialsTable')}/index/application",
    "the incidents": arn_of("IncidentsTable"),
    "the consents": arn_of("ConsentsTable"),
    "the queue": arn_of("RefreshQueue"),
    "the topic": arn_of("AlertTopic"),
    "the event bus": arn("events", "event-bus/pipelines"),
    **{
        f"the log of {name.lower()}": arn("logs", f"log-group:{physical_id(f'{name}LogGroup')}:log-stream:2026/11/28/1")
        for name in ("Dispatch", "Refresh", "Callback")
    },
    "the key": KEY,
}
"""What the doctor's table of rights is about, as AWS makes it."""


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: f"{right.role} {right.resource} {right.allowed}")
def test_a_role_has_the_rights_that_it_needs_on_the_resources_of_aws_and_no_forbidden_ones(right: Right) -> None:
    role = arn_of(right.role)
    for action in right.actions:
        context = {"aws:TagKeys": [STATUS_TAG, REASON_TAG]} if action.endswith(":TagResource") else {}
        request = Request(role, action, ABOUT[right.resource], context)
        assert identity_allows(role_policies(right.role), request) is right.allowed, action


@pytest.mark.parametrize("role", ["RefreshRole", "CallbackRole"])
@pytest.mark.parametrize("tags", [["team"], [STATUS_TAG, "team"]], ids=["another", "another beside one of ours"])
def test_a_role_sets_no_other_tag(role: str, tags: list[str]) -> None:
    request = Request(arn_of(role), "secretsmanager:TagResource", CREDENTIAL, {"aws:TagKeys": tags})
    assert not identity_allows(role_policies(role), request)


@pytest.mark.parametrize("role", ["RefreshRole", "CallbackRole"])
def test_a_role_signs_with_the_keys_that_the_operator_names_and_no_other(role: str) -> None:
    policies = role_policies(role)
    assert identity_allows(policies, Request(arn_of(role), "kms:Sign", SIGNING_KEY))
    assert not identity_allows(policies, Request(arn_of(role), "kms:Sign", FORMER_KEY))
    assert not identity_allows(policies, Request(arn_of(role), "kms:GetPublicKey", SIGNING_KEY))
    assert not identity_allows(role_policies("DispatchRole"), Request(arn_of("DispatchRole"), "kms:Sign", SIGNING_KEY))


# --- Consumers in another account ------------------------------------------------------------------------------------


def test_a_consumer_in_another_account_reads_the_current_version_and_describes_the_secret() -> None:
    current = {"secretsmanager:VersionStage": ["AWSCURRENT"]}
    assert resource_allows(CONSUMER, Request(PIPELINES, "secretsmanager:GetSecretValue", CREDENTIAL, current))
    # AWS fills in no version stage for this action: a condition on it would never be met.
    assert resource_allows(CONSUMER, Request(PIPELINES, "secretsmanager:DescribeSecret", CREDENTIAL))


@pytest.mark.parametrize("stage", ["AWSPREVIOUS", "AWSPENDING"])
def test_a_consumer_in_another_account_reads_no_other_version_and_writes_nothing(stage: str) -> None:
    other = {"secretsmanager:VersionStage": [stage]}
    assert not resource_allows(CONSUMER, Request(PIPELINES, "secretsmanager:GetSecretValue", CREDENTIAL, other))
    assert not resource_allows(CONSUMER, Request(PIPELINES, "secretsmanager:PutSecretValue", CREDENTIAL))


def test_a_consumer_in_another_account_uses_the_key_only_through_secrets_manager() -> None:
    through = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    assert resource_allows(CONSUMERS_KEY, Request(PIPELINES, "kms:Decrypt", KEY, through))
    assert not resource_allows(CONSUMERS_KEY, Request(PIPELINES, "kms:Decrypt", KEY))


# --- A KMS key of the operator ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["DispatchRole", "RefreshRole", "CallbackRole"])
@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:DescribeKey"])
@pytest.mark.parametrize("key", [KEY, FORMER_KEY], ids=["that of the stack", "a former one"])
def test_a_role_may_use_a_key_with_the_documented_policy(role: str, action: str, key: str) -> None:
    assert key_allows(OWN_KEY, role_policies(role), Request(arn_of(role), action, key))


@pytest.mark.parametrize("role", ["DispatchRole", "RefreshRole", "CallbackRole"])
def test_a_role_may_use_no_key_that_no_parameter_names(role: str) -> None:
    none = {**PARAMETERS, "KmsKeyArn": "", "FormerKmsKeyArns": ""}
    request = Request(arn_of(role), "kms:Decrypt", KEY)
    assert not key_allows(OWN_KEY, role_policies(role, none), request)
    assert key_allows(OWN_KEY, role_policies(role, {**none, "FormerKmsKeyArns": f"{FORMER_KEY},{KEY}"}), request)


def test_alarms_and_logs_may_use_a_key_with_the_documented_policy() -> None:
    alarm = {"aws:SourceAccount": ACCOUNT}
    assert resource_allows(OWN_KEY, Request("cloudwatch.amazonaws.com", "kms:GenerateDataKey", KEY, alarm))
    for group in (name for name, one in RESOURCES.items() if one["Type"] == "AWS::Logs::LogGroup"):
        log = {"kms:EncryptionContext:aws:logs:arn": arn_of(group).removesuffix(":*")}
        assert resource_allows(OWN_KEY, Request(f"logs.{REGION}.amazonaws.com", "kms:GenerateDataKey", KEY, log))


# --- Condition keys --------------------------------------------------------------------------------------------------

FILLED_IN: Final[Mapping[str, set[str]]] = {
    "secretsmanager:VersionStage": {"secretsmanager:GetSecretValue", "secretsmanager:UpdateSecretVersionStage"},
    "aws:TagKeys": {"secretsmanager:CreateSecret", "secretsmanager:TagResource", "secretsmanager:UntagResource"},
    "kms:ViaService": {
        f"kms:{action}"
        for action in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKey*", "ReEncrypt*")
    },
    "kms:EncryptionContext:aws:logs:arn": {
        f"kms:{action}*" for action in ("Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt")
    },
    "aws:SourceAccount": {"sns:Publish", "sts:AssumeRole", "kms:Decrypt", "kms:GenerateDataKey*"},
}
"""The condition keys that are used, and the actions that AWS fills each in for; the last by a service that calls.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html, and the pages of
the other services beside it.
"""


def _statements_with_conditions() -> list[tuple[str, Mapping[str, Any]]]:
    documents = [json.loads(block) for block in DEPLOY.blocks("json")]
    written = [one for document in documents for one in document.get("Statement", [document])]
    template = [
        statement
        for resource in RESOURCES.values()
        for policy in _policies_of(resource)
        for statement in resolved(policy)["Statement"]
    ]
    return [(one.get("Sid", one["Effect"]), one) for one in [*written, *template] if "Condition" in one]


def _policies_of(resource: Mapping[str, Any]) -> list[Any]:
    properties = resource.get("Properties", {})
    places = ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")
    own = [properties[place] for place in places if place in properties]
    return [*own, *(policy["PolicyDocument"] for policy in properties.get("Policies", []))]


CONDITIONED: Final = _statements_with_conditions()


@pytest.mark.parametrize("statement", [one for _, one in CONDITIONED], ids=[sid for sid, _ in CONDITIONED])
def test_a_condition_is_on_a_key_that_aws_fills_in_for_every_action_of_the_statement(statement: Any) -> None:
    for key in (key for keys in statement["Condition"].values() for key in keys):
        assert set(listed(statement["Action"])) <= FILLED_IN[key], key
