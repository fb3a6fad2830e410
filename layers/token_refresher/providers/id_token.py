"""Check that an ID token belongs to a sign-in, and read its claims."""

import base64
import hmac
import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from token_refresher.base import identifiers
from token_refresher.base.sensitive import Sensitive

_CLOCK_SKEW: Final = timedelta(minutes=5)
"""How much the clocks may differ: a token that was just issued must not be rejected because this clock is ahead."""


class Fault(StrEnum):
    """What is wrong with an ID token. Nobody can sign in until the operator has fixed the cause."""

    MISSING = "missing"
    """There is no ID token, or it cannot be read."""
    FOREIGN = "foreign"
    """The token is for another application."""
    INCOMPLETE = "incomplete"
    """The token lacks a claim: ``aud``, ``nonce``, or one that identifies the person."""
    OVER = "over"
    """The token had expired when it arrived."""


class InvalidIdTokenError(Exception):
    """The ID token does not say who signed in.

    Attributes:
        fault: What is wrong with the token, or ``None`` if it is valid but belongs to another sign-in.
    """

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__()
        self.fault = fault


def verified_claims(
    id_token: Sensitive | None, client_id: str, nonce: str, now: datetime, *, is_strict: bool = True
) -> dict[str, Any]:
    """Return the claims of an ID token that is of this sign-in.

    The token came directly from the token endpoint over TLS, which replaces the check of its signature (OpenID Connect
    Core 1.0, section 3.1.3.7, point 6).

    Args:
        id_token: The ID token of the answer.
        client_id: The client ID of the application.
        nonce: The nonce of the authorization request.
        now: The time.
        is_strict: Whether a token without a nonce, or with a list as its audience, is refused. Some providers ignore
            the nonce; then the state and PKCE alone bind the answer to the sign-in.

    Raises:
        InvalidIdTokenError: The token is not of this sign-in.
    """
    claims = _claims(id_token)
    audience, sent = claims.get("aud"), claims.get("nonce")
    if audience is None:
        raise InvalidIdTokenError(Fault.INCOMPLETE)
    if isinstance(audience, list) and len(audience) == 1 and not is_strict:
        audience = audience[0]  # OpenID Connect Core 1.0, section 2: one text, or a list. Microsoft sends a text.
    if not isinstance(audience, str) or identifiers.client_id(audience) != identifiers.client_id(client_id):
        raise InvalidIdTokenError(Fault.FOREIGN)
    if sent is None and not is_strict:
        sent = nonce
    if not isinstance(sent, str) or not sent:
        raise InvalidIdTokenError(Fault.INCOMPLETE)
    if not sent.isascii() or not hmac.compare_digest(sent, nonce):
        raise InvalidIdTokenError
    if _is_over(claims.get("exp"), now):
        raise InvalidIdTokenError(Fault.OVER)
    return claims


def _is_over(claim: object, now: datetime) -> bool:
    """Tell whether a token has expired (OpenID Connect Core 1.0, section 3.1.3.7, point 9)."""
    # A claim that is no number is ignored. JSON's true is no number, but Python's is.
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return False
    return claim < (now - _CLOCK_SKEW).timestamp()


def _claims(id_token: Sensitive | None) -> dict[str, Any]:
    if id_token is None:
        raise InvalidIdTokenError(Fault.MISSING)
    try:
        payload = id_token.reveal().split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError, RecursionError):
        raise InvalidIdTokenError(Fault.MISSING) from None
    if not isinstance(claims, dict):
        raise InvalidIdTokenError(Fault.MISSING)
    return claims
