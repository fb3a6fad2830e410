"""What a failure means: who must act, why, and how. The knowledge is data, in ``diagnoses.toml``."""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from token_refresher.clock import to_rfc3339
from token_refresher.errors import MalformedCredentialError
from token_refresher.failure import FailureKind, ProviderFailure

_OUR_OWN: Final = frozenset(
    {
        "not_sent",
        "no_answer",
        "kept",
        "too_many_versions",
        "throttled",
        "unusable_answer",
        "first_consent",
        "consent_without_refresh_token",
        "unknown",
    }
)
"""Rows that no answer of a provider may choose by its name."""

_TOO_MANY_REQUESTS: Final = 429
_REQUEST_TIMEOUT: Final = 408
_SERVER_ERRORS: Final = 500


class Actor(StrEnum):
    """Who has to act for the failure to end."""

    NOBODY = "nobody"
    USER = "user"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Diagnosis:
    """What a failure means.

    Attributes:
        code: An AADSTS number, an OAuth error, or a name of our own: what to search for.
        actor: Who has to act.
        certain: Whether one such answer is enough, or must be confirmed before anybody is told.
        cause: Why it happened, in plain words.
        action: What to do, in plain words.
        correlation_id: What Microsoft's support asks for, or empty.
    """

    code: str
    actor: Actor
    certain: bool
    cause: str
    action: str
    correlation_id: str = ""


def diagnose(failure: ProviderFailure) -> Diagnosis:
    """Say what a provider's failure means, in the order of evidence that Microsoft asks for.

    HTTP status, then the code, then ``suberror`` and ``error``; what is unknown is nobody's to mend, and tried again.
    Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
    """
    return _known(_key(failure), failure.correlation_id)


def diagnose_malformed(error: MalformedCredentialError) -> Diagnosis:
    """Say what to do about a secret that is no credential document."""
    action = f"Correct {error.field or 'the secret'}. The secret is looked at again as soon as it changes."
    cause = f"The secret cannot be used: {error}."
    code = f"malformed_credential.{error.field}" if error.field else "malformed_credential"
    return Diagnosis(code, Actor.OPERATOR, certain=True, cause=cause, action=action)


def first_consent() -> Diagnosis:
    """Say that a credential was never consented to."""
    return _known("first_consent", "")


def consent_without_refresh_token() -> Diagnosis:
    """Say that the scope of a credential cannot bring a refresh token."""
    return _known("consent_without_refresh_token", "")


def tokens_kept() -> Diagnosis:
    """Say that new tokens are safe, and could not be made current yet."""
    return _known("kept", "")


def unusable_answer() -> Diagnosis:
    """Say that an answer brought no access token."""
    return _known("unusable_answer", "")


def too_many_versions(allowed_at: datetime) -> Diagnosis:
    """Say that a credential was refreshed so often that its secret would run out of versions."""
    known = _known("too_many_versions", "")
    return replace(known, cause=f"{known.cause} The next one is allowed at {to_rfc3339(allowed_at)}.")


def after_unclean_end(diagnosis: Diagnosis, began_at: datetime) -> Diagnosis:
    """Add what happened before: an exchange whose answer never came, after which the old refresh token was used again.

    Microsoft keeps an old refresh token valid; a strict provider revokes the sign-in (RFC 9700, section 4.14.2).
    """
    what_happened = (
        f" An attempt at {to_rfc3339(began_at)} got no answer, so the refresh token may have been replaced without our"
        " hearing of it; it was used once more, which a strict provider answers by revoking the sign-in."
    )
    return replace(diagnosis, cause=diagnosis.cause + what_happened)


def _key(failure: ProviderFailure) -> str:
    status = failure.http_status
    if failure.kind is FailureKind.NOT_SENT:
        return "not_sent"
    if failure.kind is FailureKind.NO_ANSWER or status is None:
        return "no_answer"
    if status in {_TOO_MANY_REQUESTS, _REQUEST_TIMEOUT}:
        return "throttled"
    if status >= _SERVER_ERRORS:
        return "server_error"
    if failure.kind is FailureKind.UNUSABLE_ANSWER:
        return "unusable_answer"
    # Two codes come general first (70002, then what it really was): the last one tells.
    candidates = [str(code) for code in failure.codes[-1:]] + [failure.suberror, failure.error]
    return next((key for key in candidates if key in _table() and key not in _OUR_OWN), "unknown")


def _known(key: str, correlation_id: str) -> Diagnosis:
    row = _table()[key]
    return Diagnosis(key, Actor(row["actor"]), row["certain"], row["cause"], row["action"], correlation_id)


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("token_refresher").joinpath("diagnoses.toml").read_text("utf-8"))
