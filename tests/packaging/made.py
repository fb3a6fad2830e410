"""The template as CloudFormation deploys it on AWS: the names and ARNs of its resources, and the policies with them.

The names follow the documentation of AWS and not the local stack, which differs in one thing that matters to policies:
it puts the stack's name before the name of a secret that has none, and CloudFormation does not. An installation of the
local stack that lets an operator in would therefore prove nothing about AWS.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html ("a unique physical
ID", stack name, logical ID and twelve characters);
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html ("If you
don't specify a name, CloudFormation generates one": the logical ID and twelve characters, after which Secrets Manager
adds a hyphen and six).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.packaging.cloudformation import template

REGION: Final = "eu-west-1"
ACCOUNT: Final = "111122223333"
STACK: Final = "token-refresher"
"""The values of the documentation."""

KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111aaaa-22bb-33cc-44dd-555555eeeeee"
FORMER_KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/9999aaaa-22bb-33cc-44dd-555555eeeeee"
SIGNING_KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/7777aaaa-22bb-33cc-44dd-555555eeeeee"
_PHYSICAL: Final = "1ABCDE2FGHIJ"

TEMPLATE: Final = template()
RESOURCES: Final[dict[str, Any]] = TEMPLATE["Resources"]


def arn(service: str, rest: str, *, region: str = REGION) -> str:
    """Return an ARN of the account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def secret_arn(name: str) -> str:
    """Return the ARN of a secret: Secrets Manager adds a hyphen and six characters to its name."""
    return arn("secretsmanager", f"secret:{name}-a1B2c3")


CREDENTIAL: Final = secret_arn(f"{STACK}/acme-bing-ads")
"""The secret of a credential under the default prefix, which is also the name of the stack."""


def physical_id(logical_id: str) -> str:
    """Return the name that CloudFormation gives to a resource without a name in the template."""
    if RESOURCES[logical_id]["Type"] == "AWS::SecretsManager::Secret":
        return f"{logical_id}-{_PHYSICAL}"
    return f"{STACK}-{logical_id}-{_PHYSICAL}"


def arn_of(logical_id: str) -> str:  # noqa: PLR0911 - One for each type of resource.
    """Return the ARN of a resource of the template."""
    name = RESOURCES[logical_id].get("Properties", {})
    generated = physical_id(logical_id)
    match RESOURCES[logical_id]["Type"]:
        case "AWS::SecretsManager::Secret":
            return secret_arn(generated)
        case "AWS::DynamoDB::Table":
            return arn("dynamodb", f"table/{generated}")
        case "AWS::SQS::Queue":
            return arn("sqs", f"{generated}.fifo" if name.get("FifoQueue") else generated)
        case "AWS::SNS::Topic":
            return arn("sns", generated)
        case "AWS::Serverless::Function":
            return arn("lambda", f"function:{generated}")
        case "AWS::Logs::LogGroup":
            # GetAtt Arn ends in :*, which is the ARN that actions on streams need.
            return arn("logs", f"log-group:{resolved(name['LogGroupName']) if 'LogGroupName' in name else generated}:*")
        case "AWS::IAM::Role":
            return arn("iam", f"role/{generated}", region="")
        case "AWS::KMS::Key":
            return arn("kms", "key/0000aaaa-22bb-33cc-44dd-555555eeeeee")
        case other:
            raise NotImplementedError(other)


PARAMETERS: Final[Mapping[str, str]] = {
    **{name: str(parameter["Default"]) for name, parameter in TEMPLATE["Parameters"].items()},
    "SecretPrefix": STACK,
    "KmsKeyArn": KEY,
    "FormerKmsKeyArns": FORMER_KEY,
    "EventBusName": "pipelines",
    "ProvidersPath": "/token-refresher/providers",
    "SigningKmsKeyArns": SIGNING_KEY,
}
"""The defaults, but with KMS keys, an event bus and providers of a team, so that every statement is included."""


def resolved(value: Any, parameters: Mapping[str, str] = PARAMETERS) -> Any:  # noqa: PLR0911 - One a function.
    """Return a part of the template with its functions resolved, as in a deployed stack."""
    match value:
        case {"Ref": name}:
            return _reference(str(name), parameters)
        case {"Fn::GetAtt": place}:
            return arn_of(place.partition(".")[0])
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", lambda found: _reference(found[1], parameters), text)
        case {"Fn::Split": [str(by), parts]}:
            return resolved(parts, parameters).split(by)
        case {"Fn::If": [str(condition), then, otherwise]}:
            return resolved(then if _is_met(condition, parameters) else otherwise, parameters)
        case dict():
            return {key: resolved(one, parameters) for key, one in value.items()}
        case list():
            return [one for one in (resolved(part, parameters) for part in value) if one is not None]
        case _:
            return value


def _reference(name: str, parameters: Mapping[str, str]) -> Any:
    pseudo = {
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
        "AWS::StackName": STACK,
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::NoValue": None,
    }
    if name in pseudo:
        return pseudo[name]
    return parameters[name] if name in parameters else arn_of(name.partition(".")[0])


def _is_met(condition: str, parameters: Mapping[str, str]) -> bool:
    return _holds(TEMPLATE["Conditions"][condition], parameters)


def _holds(condition: Any, parameters: Mapping[str, str]) -> bool:
    match condition:
        case {"Condition": name}:
            return _is_met(name, parameters)
        case {"Fn::And": parts}:
            return all(_holds(part, parameters) for part in parts)
        case {"Fn::Not": [part]}:
            return not _holds(part, parameters)
        case {"Fn::Equals": [left, right]}:
            return bool(resolved(left, parameters) == resolved(right, parameters))
        case other:
            raise NotImplementedError(other)


def role_policies(role: str, parameters: Mapping[str, str] = PARAMETERS) -> list[Mapping[str, Any]]:
    """Return the policies of a role of the template, as in a deployed stack."""
    policies = RESOURCES[role]["Properties"]["Policies"]
    return [resolved(policy["PolicyDocument"], parameters) for policy in policies]
