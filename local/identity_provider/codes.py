"""Authorization codes: valid for some minutes and one use, by one app, with its redirect URI, tenant and verifier."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from local.identity_provider import errors
from local.identity_provider.records import App, AuthorizationRequest, Code, digest

if TYPE_CHECKING:
    from datetime import datetime

    from local.identity_provider.people import Person


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636, section 4.2)."""
    sha256 = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(sha256).rstrip(b"=").decode()


class Codes:
    """All codes that were ever issued, by digest: a redeemed code has another error than an unknown one."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def issue(self, request: AuthorizationRequest, person: Person, now: datetime) -> str:
        """Return a new code for the chosen person."""
        raw = f"local-code-{secrets.token_urlsafe(24)}"
        self._codes[digest(raw)] = Code(request, person, now)
        return raw

    def find(self, app: App, tenant: str, raw: str, now: datetime) -> Code:
        """Return a code that this app may still redeem at this tenant.

        Raises:
            RefusedError: The code is unknown, of another app or tenant, already redeemed, or expired.
        """
        code = self._codes.get(digest(raw))
        if code is None or code.request.app.client_id != app.client_id:
            raise errors.RefusedError(errors.UNKNOWN_CODE)
        if code.redeemed:
            raise errors.RefusedError(errors.REDEEMED_CODE)
        if now >= code.issued_at + app.rules.code_lifetime:
            raise errors.RefusedError(errors.EXPIRED_CODE)
        if code.request.tenant.lower() != tenant.lower():
            raise errors.RefusedError(errors.CODE_OF_OTHER_TENANT)
        return code

    def spend(self, raw: str) -> None:
        """Mark the code as redeemed."""
        self._codes[digest(raw)] = self._codes[digest(raw)].redeem()


def check_redirect_uri(code: Code, redirect_uri: str | None) -> None:
    """Refuse a redirect URI other than the one of the authorize request (RFC 6749, section 4.1.3)."""
    if not redirect_uri:
        raise errors.RefusedError(errors.MISSING_REPLY_ADDRESS)
    if redirect_uri != code.request.redirect_uri:
        raise errors.RefusedError(errors.OTHER_REPLY_ADDRESS, actual=redirect_uri, provided=code.request.redirect_uri)


def check_verifier(code: Code, verifier: str | None) -> None:
    """Refuse a verifier that does not hash to the challenge of the code (RFC 7636, section 4.6)."""
    challenge = code.request.code_challenge
    if challenge is None:
        return
    if not verifier:
        raise errors.RefusedError(errors.MISSING_PARAMETER, name="code_verifier")
    if not hmac.compare_digest(challenge_of(verifier), challenge):
        raise errors.RefusedError(errors.WRONG_VERIFIER)
