"""A small simulator of IAM: whether identity, resource and key policies allow a request.

It knows what the policies of this project say, and fails on anything else, so that it never guesses.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One call, as IAM sees it.

    Attributes:
        principal: The ARN of the role that asks, or the service.
        action: The action of IAM.
        resource: The ARN of what it is done to.
        context: The condition keys that AWS fills in for this action; one that is not here is not there.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The root of the principal's account; in a resource policy it stands for the policies of that account."""
        return re.sub(r"^(arn:[a-z-]+:iam::[0-9]+):.*$", r"\1:root", self.principal)


def identity_allows(policies: Iterable[Policy], request: Request) -> bool:
    """Tell whether the principal's own policies allow a request."""
    return _decides(_statements(policies), request)


def key_allows(key_policy: Policy, identity: Iterable[Policy], request: Request) -> bool:
    """Tell whether a KMS key may be used: its policy names the principal, or the account whose policies allow it.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
    """
    held, own = _statements([key_policy]), _statements(identity)
    if _denies(held, request) or _denies(own, request):
        return False
    named = [statement for statement in held if _names(statement, request.principal)]
    delegating = [statement for statement in held if _names(statement, request.account)]
    return _decides(named, request) or (_decides(delegating, request) and _decides(own, request))


def resource_allows(policy: Policy, request: Request) -> bool:
    """Tell whether a resource policy allows a request of the principal."""
    return _decides([one for one in _statements([policy]) if _names(one, request.principal)], request)


def matches(pattern: str, text: str) -> bool:
    """Tell whether an action or an ARN matches a pattern of IAM."""
    parts = [".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern)]
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def listed(value: str | Sequence[str]) -> list[str]:
    """Return a value or a list of values as a list."""
    return [value] if isinstance(value, str) else list(value)


def _statements(policies: Iterable[Policy]) -> list[Policy]:
    return [statement for policy in policies for statement in policy["Statement"]]


def _decides(statements: Sequence[Policy], request: Request) -> bool:
    allowed = any(one["Effect"] == "Allow" and _applies(one, request) for one in statements)
    return allowed and not _denies(statements, request)


def _denies(statements: Sequence[Policy], request: Request) -> bool:
    return any(one["Effect"] == "Deny" and _applies(one, request) for one in statements)


def _applies(statement: Policy, request: Request) -> bool:
    known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    if not statement.keys() <= known:
        raise NotImplementedError(statement.keys() - known)
    return (
        any(matches(action.lower(), request.action.lower()) for action in listed(statement["Action"]))
        and any(matches(resource, request.resource) for resource in listed(statement["Resource"]))
        and all(_holds(operator, keys, request) for operator, keys in statement.get("Condition", {}).items())
    )


def _names(statement: Policy, principal: str) -> bool:
    principals = statement["Principal"]
    named = ["*"] if principals == "*" else [one for kind in principals.values() for one in listed(kind)]
    return principal in named or "*" in named


def _holds(operator: str, keys: Mapping[str, str | Sequence[str]], request: Request) -> bool:
    qualifier, _, plain = operator.rpartition(":")
    for key, patterns in keys.items():
        given = request.context.get(key)
        values = [] if given is None else listed(given)
        hits = [any(_compares(plain, pattern, value) for pattern in listed(patterns)) for value in values]
        # A key that is missing in the request fails every operator except ForAllValues, which is true without values.
        if not (all(hits) if qualifier == "ForAllValues" else any(hits)):
            return False
    return True


def _compares(operator: str, pattern: str, value: str) -> bool:
    match operator:
        case "StringEquals":
            return pattern == value
        case "StringLike" | "ArnLike" | "ArnEquals":
            return matches(pattern, value)
        case _:
            raise NotImplementedError(operator)
