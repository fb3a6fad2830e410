"""The rights of the functions as they are deployed: what each must be able to do, and what none may."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.finding import Finding, ok, problem
from token_refresher_cli.own_command import CHANGED_BY_HAND

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef


@dataclass(frozen=True)
class Right:
    """What the role of a function may do to something, or may not.

    Attributes:
        role: The logical id of the role.
        actions: The actions of IAM.
        resource: What they are done to, a key of `resources_of`.
        allowed: Whether they are to be allowed.
    """

    role: str
    actions: tuple[str, ...]
    resource: str
    allowed: bool = True


_LABEL: Final = ("secretsmanager:TagResource",)
_ROTATE: Final = tuple(
    f"secretsmanager:{action}"
    for action in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
)
_VALUES: Final = ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")
_MAKE: Final = ("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret")
_KEEP: Final = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem")
_LOG: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
_TRACE: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey")

RIGHTS: Final = (
    Right("DispatchRole", ("secretsmanager:ListSecrets", "ssm:DescribeParameters", *_TRACE), "everything"),
    Right("DispatchRole", ("secretsmanager:DescribeSecret",), "a credential"),
    Right("DispatchRole", (*_KEEP, "dynamodb:Scan"), "the registry"),
    Right("DispatchRole", ("dynamodb:Query",), "the index due"),
    Right("DispatchRole", ("sqs:SendMessage",), "the queue"),
    Right("DispatchRole", _LOG, "the log of dispatch"),
    Right("RefreshRole", (*_ROTATE, *_LABEL), "a credential"),
    Right("RefreshRole", ("ssm:DescribeParameters", *_TRACE), "everything"),
    Right("RefreshRole", ("ssm:PutParameter", "ssm:GetParameter", "ssm:DeleteParameter"), "the escrow"),
    Right("RefreshRole", ("secretsmanager:GetSecretValue",), "the signing key"),
    Right("RefreshRole", _KEEP, "the registry"),
    Right("RefreshRole", _KEEP, "the incidents"),
    Right("RefreshRole", ("dynamodb:Query",), "the index application"),
    Right("RefreshRole", ("sns:Publish",), "the topic"),
    Right("RefreshRole", ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), "the queue"),
    Right("RefreshRole", _LOG, "the log of refresh"),
    Right("CallbackRole", (*_ROTATE, *_LABEL), "a credential"),
    Right("CallbackRole", _TRACE, "everything"),
    Right("CallbackRole", ("ssm:PutParameter",), "the escrow"),
    Right("CallbackRole", ("secretsmanager:GetSecretValue",), "the signing key"),
    Right("CallbackRole", ("dynamodb:GetItem", "dynamodb:PutItem"), "the registry"),
    Right("CallbackRole", _KEEP, "the incidents"),
    Right("CallbackRole", ("dynamodb:Query",), "the index application"),
    Right("CallbackRole", _KEEP, "the consents"),
    Right("CallbackRole", ("sns:Publish",), "the topic"),
    Right("CallbackRole", _LOG, "the log of callback"),
    *(Right(role, _KEY, "the key") for role in ("DispatchRole", "RefreshRole", "CallbackRole")),
    Right("DispatchRole", (*_VALUES, *_LABEL), "a credential", allowed=False),
    Right("DispatchRole", _VALUES, "the signing key", allowed=False),
    Right("DispatchRole", ("ssm:GetParameter", "ssm:PutParameter"), "the escrow", allowed=False),
    Right("DispatchRole", ("sns:Publish",), "the topic", allowed=False),
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
"""What the template gives, and what docs/deploy.md promises that it does not."""

_FUNCTIONS: Final = {
    "DispatchRole": "DispatchFunctionName",
    "RefreshRole": "RefreshFunctionName",
    "CallbackRole": "CallbackFunctionName",
}


@dataclass(frozen=True)
class Decision:
    """What IAM decides.

    Attributes:
        right: What was asked.
        action: One of its actions.
        allowed: What IAM said.
    """

    right: Right
    action: str
    allowed: bool


def right_findings(strangers: Mapping[str, str], decisions: Sequence[Decision]) -> Iterator[Finding]:
    """Judge the rights.

    Args:
        strangers: The functions that use another role than that of the stack, by the logical id of theirs.
        decisions: What IAM decides for the roles that are in use.
    """
    for role, arn in strangers.items():
        yield problem(
            f"The {_function(role)} function uses the role {arn}, which is not that of the stack.", CHANGED_BY_HAND
        )
    for decision in decisions:
        right = decision.right
        if decision.allowed is right.allowed:
            continue
        who = f"The role of the {_function(right.role)} function"
        text = "may do what it must not" if decision.allowed else "may not do what it must"
        yield problem(f"{who} {text}: {decision.action} on {right.resource}.", CHANGED_BY_HAND)
    wanted = sum(decision.right.allowed for decision in decisions)
    yield ok(
        f"The roles may do what they must ({wanted} rights), and not what they must not ({len(decisions) - wanted})."
    )


def _function(role: str) -> str:
    return role.removesuffix("Role").lower()


def resources_of(visit: Visit) -> Mapping[str, str]:
    """Return the ARNs that the rights are about, by the names that `RIGHTS` has for them."""
    installation, resources = visit.installation, visit.resources
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
        "the signing key": installation.environment["INVITE_SECRET_ARN"],
        "the escrow": arn("ssm", f"parameter{installation.environment['ESCROW_PATH']}/example/attempt"),
        "the registry": table("CredentialsTable"),
        "the index due": f"{table('CredentialsTable')}/index/due",
        "the index application": f"{table('CredentialsTable')}/index/application",
        "the incidents": table("IncidentsTable"),
        "the consents": table("ConsentsTable"),
        "the queue": arn("sqs", installation.outputs["RefreshQueueUrl"].rpartition("/")[2]),
        "the topic": installation.outputs["AlertTopicArn"],
        "the log of dispatch": log("DispatchLogGroup"),
        "the log of refresh": log("RefreshLogGroup"),
        "the log of callback": log("CallbackLogGroup"),
    }
    key = installation.environment.get("KMS_KEY_ARN")
    return found | ({"the key": key} if key else {})


def _run(visit: Visit) -> Iterator[Finding]:
    functions, iam = visit.installation.client("lambda"), visit.installation.client("iam")
    resources = resources_of(visit)
    in_use = {
        role: functions.get_function_configuration(FunctionName=visit.installation.outputs[output])["Role"]
        for role, output in _FUNCTIONS.items()
    }
    strangers = {role: arn for role, arn in in_use.items() if arn.rpartition("/")[2] != visit.resources[role]}
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
    "The functions have the roles of the stack; these may do what they must, and nothing that they must not.",
    ("cloudformation:ListStackResources", "lambda:GetFunctionConfiguration", "iam:SimulatePrincipalPolicy"),
    _run,
)
