"""The deployed rights of the functions: what each must be able to do, and what none may do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, problem
from token_refresher_cli.installation.own_command import CHANGED_BY_HAND

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef


@dataclass(frozen=True)
class Right:
    """Something that the role of a function must be able to do, or must not.

    Attributes:
        role: The logical id of the role.
        actions: The IAM actions.
        resource: The resource, as a key of `resources_of`.
        allowed: Whether the role must be allowed to.
    """

    role: str
    actions: tuple[str, ...]
    resource: str
    allowed: bool = True


_LABEL: Final = ("secretsmanager:TagResource",)
_ROTATE: Final = tuple(
    f"secretsmanager:{action}"
    for action in (
        "DescribeSecret",
        "GetSecretValue",
        "ListSecretVersionIds",
        "PutSecretValue",
        "UpdateSecretVersionStage",
    )
)
_VALUES: Final = ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")
_MAKE: Final = ("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret")
_PUBLISH: Final = (*_VALUES, *_MAKE, "secretsmanager:RestoreSecret")
_KEEP: Final = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem")
_LOG: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
_TRACE: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey")

RIGHTS: Final = (
    Right("DispatchRole", ("secretsmanager:ListSecrets", "ssm:DescribeParameters", *_TRACE), "everything"),
    Right("DispatchRole", ("dynamodb:BatchGetItem", "dynamodb:Scan"), "the registry"),
    Right("DispatchRole", ("dynamodb:Query",), "the index due"),
    Right("DispatchRole", ("sqs:SendMessage",), "the queue"),
    Right("DispatchRole", _LOG, "the log of dispatch"),
    Right("RefreshRole", (*_ROTATE, *_LABEL), "a credential"),
    Right("RefreshRole", _PUBLISH, "a secret for pipelines"),
    Right("RefreshRole", ("ssm:DescribeParameters", *_TRACE), "everything"),
    Right("RefreshRole", ("ssm:PutParameter", "ssm:GetParameter", "ssm:DeleteParameter"), "the escrow"),
    Right("RefreshRole", ("secretsmanager:GetSecretValue",), "the signing key"),
    Right("RefreshRole", _KEEP, "the registry"),
    Right("RefreshRole", _KEEP, "the incidents"),
    Right("RefreshRole", ("dynamodb:Query",), "the index application"),
    Right("RefreshRole", ("sns:Publish",), "the topic"),
    Right("RefreshRole", ("events:PutEvents",), "the event bus"),
    Right("RefreshRole", ("ssm:GetParameter",), "a provider of the team"),
    Right("RefreshRole", ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), "the queue"),
    Right("RefreshRole", _LOG, "the log of refresh"),
    Right("CallbackRole", (*_ROTATE, *_LABEL), "a credential"),
    Right("CallbackRole", _PUBLISH, "a secret for pipelines"),
    Right("CallbackRole", _TRACE, "everything"),
    Right("CallbackRole", ("ssm:PutParameter",), "the escrow"),
    Right("CallbackRole", ("secretsmanager:GetSecretValue",), "the signing key"),
    Right("CallbackRole", ("dynamodb:GetItem", "dynamodb:PutItem"), "the registry"),
    Right("CallbackRole", _KEEP, "the incidents"),
    Right("CallbackRole", ("dynamodb:Query",), "the index application"),
    Right("CallbackRole", _KEEP, "the consents"),
    Right("CallbackRole", ("sns:Publish",), "the topic"),
    Right("CallbackRole", ("events:PutEvents",), "the event bus"),
    Right("CallbackRole", ("ssm:GetParameter",), "a provider of the team"),
    Right("CallbackRole", _LOG, "the log of callback"),
    *(Right(role, _KEY, "the key") for role in ("DispatchRole", "RefreshRole", "CallbackRole")),
    Right("DispatchRole", (*_VALUES, *_LABEL), "a credential", allowed=False),
    Right("DispatchRole", ("dynamodb:PutItem", "dynamodb:DeleteItem"), "the registry", allowed=False),
    Right("DispatchRole", _VALUES, "the signing key", allowed=False),
    Right("DispatchRole", _VALUES, "a secret for pipelines", allowed=False),
    Right("DispatchRole", ("ssm:GetParameter", "ssm:PutParameter"), "the escrow", allowed=False),
    Right("DispatchRole", ("sns:Publish",), "the topic", allowed=False),
    Right("DispatchRole", ("events:PutEvents",), "the event bus", allowed=False),
    Right("DispatchRole", ("dynamodb:GetItem",), "the consents", allowed=False),
    Right("RefreshRole", ("dynamodb:GetItem",), "the consents", allowed=False),
    Right("RefreshRole", ("sqs:SendMessage",), "the queue", allowed=False),
    Right("CallbackRole", ("sqs:SendMessage",), "the queue", allowed=False),
    Right("CallbackRole", ("ssm:GetParameter",), "the escrow", allowed=False),
    *(
        Right(role, (*_VALUES, *_LABEL), "a secret beside the prefix", allowed=False)
        for role in ("DispatchRole", "RefreshRole", "CallbackRole")
    ),
    *(Right(role, _MAKE, "a credential", allowed=False) for role in ("DispatchRole", "RefreshRole", "CallbackRole")),
)
"""The rights that the template gives, and those that docs/deploy.md promises it does not give."""

_FUNCTIONS: Final = {
    "DispatchRole": "DispatchFunctionName",
    "RefreshRole": "RefreshFunctionName",
    "CallbackRole": "CallbackFunctionName",
}


@dataclass(frozen=True)
class Decision:
    """One decision of IAM.

    Attributes:
        right: The right in question.
        action: One of its actions.
        allowed: Whether IAM allows it.
    """

    right: Right
    action: str
    allowed: bool


def right_findings(strangers: Mapping[str, str], decisions: Sequence[Decision]) -> Iterator[Finding]:
    """Judge the rights.

    Args:
        strangers: The roles in use that are not of the stack, by the logical id of the role that should be in use.
        decisions: The decisions of IAM about the roles in use.
    """
    for role, arn in strangers.items():
        yield problem(
            f"The {_function(role)} function uses the role {arn}, which is not the role of the stack.", CHANGED_BY_HAND
        )
    for decision in decisions:
        right = decision.right
        if decision.allowed is right.allowed:
            continue
        who = f"The role of the {_function(right.role)} function"
        text = "may do what it must not" if decision.allowed else "may not do what it must"
        yield problem(f"{who} {text}: {decision.action} on {right.resource}.", CHANGED_BY_HAND)
    needed = sum(decision.right.allowed for decision in decisions)
    forbidden = len(decisions) - needed
    yield ok(f"The roles may do what they must ({needed} rights), and nothing that they must not ({forbidden}).")


def _function(role: str) -> str:
    return role.removesuffix("Role").lower()


def resources_of(context: CheckContext) -> Mapping[str, str]:
    """Return the ARNs of the resources, by their names in `RIGHTS`."""
    installation, resources = context.installation, context.resources
    _, partition, _, region, account, _ = installation.outputs["AlertTopicArn"].split(":", 5)

    def arn(service: str, rest: str) -> str:
        return f"arn:{partition}:{service}:{region}:{account}:{rest}"

    def table(logical_id: str) -> str:
        return arn("dynamodb", f"table/{resources[logical_id]}")

    def log(logical_id: str) -> str:
        return arn("logs", f"log-group:{resources[logical_id]}:log-stream:example")

    prefix = installation.prefix
    found = {
        "everything": "*",
        "a credential": arn("secretsmanager", f"secret:{prefix}/example-AbCdEf"),
        "a secret beside the prefix": arn("secretsmanager", f"secret:{prefix}-of-another-team-AbCdEf"),
        "a secret for pipelines": arn(
            "secretsmanager", f"secret:{installation.settings.consumer_prefix}/example-AbCdEf"
        ),
        "the signing key": installation.environment["INVITE_SECRET_ARN"],
        "the escrow": arn("ssm", f"parameter{installation.environment['ESCROW_PATH']}/example/attempt"),
        "the registry": table("CredentialsTable"),
        "the index due": f"{table('CredentialsTable')}/index/due_by_shard",
        "the index application": f"{table('CredentialsTable')}/index/application",
        "the incidents": table("IncidentsTable"),
        "the consents": table("ConsentsTable"),
        "the queue": arn("sqs", installation.outputs["RefreshQueueUrl"].rpartition("/")[2]),
        "the topic": installation.outputs["AlertTopicArn"],
        "the log of dispatch": log("DispatchLogGroup"),
        "the log of refresh": log("RefreshLogGroup"),
        "the log of callback": log("CallbackLogGroup"),
    }
    if key := installation.environment.get("KMS_KEY_ARN"):
        found["the key"] = key
    if bus := installation.environment.get("EVENT_BUS_NAME"):
        found["the event bus"] = arn("events", f"event-bus/{bus}")
    if path := installation.environment.get("PROVIDERS_PATH"):
        found["a provider of the team"] = arn("ssm", f"parameter{path}/example")
    return found


def _run(context: CheckContext) -> Iterator[Finding]:
    functions, iam = context.installation.client("lambda"), context.installation.client("iam")
    resources = resources_of(context)
    in_use = {
        role: functions.get_function_configuration(FunctionName=context.installation.outputs[output])["Role"]
        for role, output in _FUNCTIONS.items()
    }
    strangers = {role: arn for role, arn in in_use.items() if arn.rpartition("/")[2] != context.resources[role]}
    decisions = [
        decision
        for right in RIGHTS
        if right.resource in resources
        for decision in _decisions(iam, in_use[right.role], right, resources[right.resource])
    ]
    yield from right_findings(strangers, decisions)


def _decisions(iam: "IAMClient", role_arn: str, right: Right, resource: str) -> Iterator[Decision]:
    tags: ContextEntryTypeDef = {
        "ContextKeyName": "aws:TagKeys",
        "ContextKeyValues": ["token-refresher:status", "token-refresher:reason"],
        "ContextKeyType": "stringList",
    }
    answer: Any = iam.simulate_principal_policy(
        PolicySourceArn=role_arn, ActionNames=list(right.actions), ResourceArns=[resource], ContextEntries=[tags]
    )
    for result in answer["EvaluationResults"]:
        yield Decision(right, result["EvalActionName"], result["EvalDecision"] == "allowed")


IAM: Final = Check(
    "iam",
    "The functions have the roles of the stack, which may do what they must and nothing that they must not.",
    ("cloudformation:ListStackResources", "lambda:GetFunctionConfiguration", "iam:SimulatePrincipalPolicy"),
    _run,
)
