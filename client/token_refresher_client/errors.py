"""Why a reader has no token to give. Each error names the secret and the next step, and holds no secret value."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

OPERATOR: Final = "the operator of Token Refresher"
"""Whom to ask: who deployed the stack, gets its alerts, and has the command `token-refresher`."""

HEALTHY: Final = "healthy"
UNKNOWN: Final = "unknown"
"""The status of a credential that is refreshed, and that if neither the tags nor the document say it."""


class TokenReaderError(Exception):
    """A reader has no token to give.

    Attributes:
        problem: What is wrong.
        next_step: What to do about it, and who has to do it.
        secret_id: The name or the ARN of the secret that was read last.
    """

    def __init__(self, problem: str, next_step: str, secret_id: str) -> None:
        super().__init__(problem, next_step, secret_id)
        self.problem = problem
        self.next_step = next_step
        self.secret_id = secret_id

    def __str__(self) -> str:
        return f"{self.problem} {self.next_step}"


class MissingPermissionError(TokenReaderError):
    """AWS does not let the reader read the secret.

    Attributes:
        action: The action of IAM that is missing: ``secretsmanager:GetSecretValue`` or ``kms:Decrypt``.
    """

    def __init__(self, problem: str, next_step: str, secret_id: str, action: str) -> None:
        super().__init__(problem, next_step, secret_id)
        self.args = (problem, next_step, secret_id, action)
        self.action = action


class SecretMissingError(TokenReaderError):
    """There is no such secret, it has no value yet, or somebody has deleted it."""


class MalformedSecretError(TokenReaderError):
    """The secret holds something else than what Token Refresher writes."""


class RenameLoopError(TokenReaderError):
    """A secret says that its credential was renamed, and following the names leads to no credential."""


class SecretsManagerError(TokenReaderError):
    """Secrets Manager did not answer, or refused the call for a reason that has nothing to do with this secret."""


@dataclass(frozen=True)
class Condition:
    """How a credential is, as far as a reader can see.

    Attributes:
        credential: The name that the operator knows it by.
        status: ``healthy``, ``awaiting_consent``, ``needs_consent``, ``needs_operator``, ``paused`` or ``unknown``.
        reason: Why somebody has to act, or ``None``.
        since: When the credential got its last token.
    """

    credential: str
    status: str
    reason: str | None
    since: datetime | None


class TokenNotFreshError(TokenReaderError):
    """The newest token of the credential has less time left than was asked for, or there is none yet.

    Attributes:
        status: The status of the credential; ``unknown`` if the reader may not see it.
        reason: Why somebody has to act, in the words of Token Refresher, or ``None``.
        since: When the credential got its last token, or ``None`` if that is not known.
        ask: Whom to ask.
        remaining: How much time the token has left; negative if it has ended, ``None`` if there is no token.
        min_remaining: How much was asked for.
    """

    def __init__(
        self, secret_id: str, condition: Condition, remaining: timedelta | None, min_remaining: timedelta
    ) -> None:
        problem = _problem(secret_id, condition, remaining, min_remaining)
        super().__init__(problem, _next_step(condition, remaining), secret_id)
        self.args = (secret_id, condition, remaining, min_remaining)
        self.status = condition.status
        self.reason = condition.reason
        self.since = condition.since
        self.ask = OPERATOR
        self.remaining = remaining
        self.min_remaining = min_remaining


def _problem(secret_id: str, condition: Condition, remaining: timedelta | None, min_remaining: timedelta) -> str:
    if remaining is None:
        token = f"{secret_id} holds no access token yet"
    elif remaining <= timedelta():
        token = f"The access token in {secret_id} ended {_span(-remaining)} ago"
    else:
        token = (
            f"The access token in {secret_id} has {_span(remaining)} left, and {_span(min_remaining)} were asked for"
        )
    since = f" since {condition.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if condition.since else ""
    reason = f" ({condition.reason})" if condition.reason else ""
    return f"{token}. {condition.credential} got no other{since}; its status is {condition.status}{reason}."


def _next_step(condition: Condition, remaining: timedelta | None) -> str:
    name = condition.credential
    match condition.status:
        case "awaiting_consent" | "needs_consent":
            return f"A person has to sign in: ask {OPERATOR} for the connect link (token-refresher link {name})."
        case "needs_operator":
            return f"Ask {OPERATOR}: token-refresher show {name} says what to do."
        case "paused":
            return f"Ask {OPERATOR} whether it may go on: token-refresher resume {name}."
        case "healthy" if remaining is not None and remaining > timedelta():
            return "Ask for less with min_remaining, or wait for the next refresh."
        case _ if condition.status == UNKNOWN:
            return (
                f"Ask {OPERATOR}: token-refresher show {name} says what to do. With secretsmanager:DescribeSecret on"
                " the secret, this error says why."
            )
        case _:
            return f"Ask {OPERATOR}: token-refresher show {name} says why it is not refreshed."


def _span(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"  # noqa: PLR2004 - Two minutes.
