"""Who signed in, from the ID token of a code exchange."""

import base64
import hmac
import json
from datetime import datetime, timedelta
from typing import Any, Final

from token_refresher.grant import Identity
from token_refresher.readable import readable
from token_refresher.sensitive import Sensitive

_CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far a clock may be off: a token that has just been issued must not be refused because ours is ahead."""


class InvalidIdTokenError(Exception):
    """The ID token is missing, unreadable, over, for another application, or of another sign-in."""


def identify(id_token: Sensitive | None, client_id: str, nonce: str, now: datetime) -> Identity:
    """Return who signed in.

    The token came straight from the token endpoint over TLS, which stands in for checking its signature
    (OpenID Connect Core 1.0, section 3.1.3.7, point 6).

    Raises:
        InvalidIdTokenError: It does not belong to this sign-in.

    Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """
    claims = _claims(id_token)
    if claims.get("aud") != client_id or not _same(claims.get("nonce"), nonce):
        raise InvalidIdTokenError
    if _is_over(claims.get("exp"), now):
        raise InvalidIdTokenError
    tenant_id, object_id = str(claims.get("tid") or ""), str(claims.get("oid") or claims.get("sub") or "")
    if not readable(tenant_id) or not readable(object_id):
        raise InvalidIdTokenError
    username = str(claims.get("preferred_username") or claims.get("name") or "")
    return Identity(readable(username) or readable(object_id), readable(tenant_id), readable(object_id), now)


def _is_over(claim: object, now: datetime) -> bool:
    """Tell whether a token has ended (OpenID Connect Core 1.0, section 3.1.3.7, point 9)."""
    # A claim that is no number says nothing; in JSON true is none, and in Python it is.
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return False
    return claim < (now - _CLOCK_SKEW).timestamp()


def _same(claim: object, nonce: str) -> bool:
    return isinstance(claim, str) and claim.isascii() and hmac.compare_digest(claim, nonce)


def _claims(id_token: Sensitive | None) -> dict[str, Any]:
    try:
        payload = id_token.reveal().split(".")[1] if id_token else ""
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError, RecursionError):
        raise InvalidIdTokenError from None
    if not isinstance(claims, dict):
        raise InvalidIdTokenError
    return claims
