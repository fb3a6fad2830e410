"""The client of the token endpoint: redeems authorization codes and refresh tokens.

Sources: RFC 6749, sections 4.1.3, 5 and 6; RFC 7636, section 4.5;
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import requests

from token_refresher.claims_challenge import claims_challenge
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.errors import ProviderError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.grant import Grant
from token_refresher.http_client import HttpAnswer, HttpClient
from token_refresher.meaning import hint
from token_refresher.sensitive import Sensitive

_UNSTATED_LIFETIME: Final = timedelta(minutes=10)
"""The shortest lifetime that a tenant's policy can set: what to assume where ``expires_in`` is missing or no number."""

_IDENTITY_SCOPES: Final = "openid profile"
"""Added to a code exchange only, so that the answer says who signed in."""

_REFRESH_TOKEN = re.compile(rb'"refresh_token"\s*:\s*("(?:[^"\\]|\\.)*")')
_OAUTH_ERROR = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""Less than RFC 6749, section 5.2, allows: every name that is in use fits, and markup does not."""
_CORRELATION_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")
_QUOTED_CORRELATION_ID = re.compile(r"Correlation ID: ?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\b")
_AADSTS = re.compile(r"AADSTS([0-9]{1,9})(?![0-9])")
_NO_CODE: Final = 10**9
"""AADSTS numbers have fewer digits: a longer one is none, and may be anything."""


class TokenEndpoint:
    """Exchanges grants for tokens at ``{authority}/{tenant}/oauth2/v2.0/token``."""

    def __init__(self, http: HttpClient, authority_url: str, clock: Clock) -> None:
        self._http = http
        self._authority_url = authority_url.rstrip("/")
        self._clock = clock

    @property
    def deadline(self) -> timedelta:
        """The longest that an answer can take."""
        return self._http.deadline

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """Redeem a refresh token (RFC 6749, section 6), always with the scope.

        Raises:
            ProviderError: No grant came of it; carries the facts.
        """
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.reveal(),
            # Optional in the RFC. Left out, Microsoft may answer with a token for less than was consented to.
            "scope": credential.scope,
        }
        return self._exchange(credential, form)

    def redeem(self, credential: Credential, code: Sensitive, verifier: Sensitive, redirect_uri: str) -> Grant:
        """Redeem an authorization code with its PKCE verifier (RFC 6749, section 4.1.3; RFC 7636, section 4.5).

        Raises:
            ProviderError: No grant came of it; carries the facts.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "code_verifier": verifier.reveal(),
            "redirect_uri": redirect_uri,
            "scope": consent_scope(credential),
        }
        return self._exchange(credential, form)

    def _exchange(self, credential: Credential, form: dict[str, str]) -> Grant:
        form = {"client_id": credential.client_id, **form}
        if credential.client_secret is not None:
            form["client_secret"] = credential.client_secret.reveal()
        answer = self._http.post_form(f"{self._authority_url}/{credential.tenant}/oauth2/v2.0/token", form)
        if answer.status != requests.codes.ok:
            raise ProviderError(_refusal(answer))
        return self._grant(answer, credential)

    def _grant(self, answer: HttpAnswer, credential: Credential) -> Grant:
        """Read the tokens of an answer; whatever else is odd about it, a refresh token in it is not given up."""
        fields = (answer.json_object() if answer.whole else None) or _salvaged(answer.body)
        access_token, refresh_token = _sensitive(fields, "access_token"), _sensitive(fields, "refresh_token")
        if access_token is None and refresh_token is None:
            kind = FailureKind.UNUSABLE_ANSWER if answer.whole else FailureKind.NO_ANSWER
            raise ProviderError(ProviderFailure(kind, answer.status))
        issued_at = self._clock()
        return Grant(
            access_token=access_token,
            token_type=_text(fields, "token_type") or "Bearer",
            expires_at=issued_at + _lifetime(fields.get("expires_in")) if access_token else None,
            # RFC 6749, section 5.1: left out when it is what was asked for.
            scope=_text(fields, "scope") or credential.scope,
            refresh_token=refresh_token,
            issued_at=issued_at,
            id_token=_sensitive(fields, "id_token"),
        )


def consent_scope(credential: Credential) -> str:
    """Return the scope that a consent asks for: the credential's, and who signs in."""
    return f"{_IDENTITY_SCOPES} {credential.scope}"


def _lifetime(expires_in: Any) -> timedelta:
    """Read ``expires_in``, which some endpoints send as a number and some as a text."""
    try:
        seconds = int(expires_in)
    except (TypeError, ValueError, OverflowError):
        return _UNSTATED_LIFETIME
    return timedelta(seconds=seconds) if 0 < seconds < timedelta(days=365).total_seconds() else _UNSTATED_LIFETIME


def _salvaged(body: bytes) -> dict[str, str]:
    """Find the refresh token in an answer that was cut off, or is no JSON: the old one may be spent by now.

    A text that is closed by its quotation mark is whole, whatever follows. Without the access token nothing is lost.
    """
    match = _REFRESH_TOKEN.search(body)
    try:
        return {"refresh_token": json.loads(match[1])} if match else {}
    except ValueError:
        return {}


def _refusal(answer: HttpAnswer) -> ProviderFailure:
    fields = answer.json_object() if answer.whole else None
    if fields is None:
        return ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status, retry_after=answer.retry_after)
    return replace(refusal_facts(answer.status, fields), retry_after=answer.retry_after)


def refusal_facts(http_status: int, fields: Mapping[str, Any]) -> ProviderFailure:
    """Return the allow-listed facts of an error answer of the token or the authorize endpoint.

    The description may quote what was sent, a token included: only the name of a known phrase is kept of it, and the
    correlation id.
    """
    codes, description = _aadsts_codes(fields), _text(fields, "error_description") or ""
    # The authorize endpoint has no field for it; the label and the form tell it from what else a text may quote.
    quoted = _QUOTED_CORRELATION_ID.search(description)
    return ProviderFailure(
        FailureKind.REFUSED,
        http_status,
        error=_allowed(fields, "error", _OAUTH_ERROR),
        suberror=_allowed(fields, "suberror", _OAUTH_ERROR),
        codes=codes,
        correlation_id=_allowed(fields, "correlation_id", _CORRELATION_ID) or (quoted[1] if quoted else ""),
        hint=hint(description, codes[-1] if codes else None),
        claims=claims_challenge(fields.get("claims")),
    )


def _aadsts_codes(fields: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the AADSTS codes of an error answer: its ``error_codes``, or the one that its description starts with."""
    codes = fields.get("error_codes")
    if isinstance(codes, list):
        numbers = tuple(code for code in codes if type(code) is int and 0 < code < _NO_CODE)
        if numbers:
            return numbers
    match = _AADSTS.match(_text(fields, "error_description") or "")
    return (int(match[1]),) if match else ()


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _allowed(fields: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = _text(fields, name) or ""
    return value if pattern.fullmatch(value) else ""


def _sensitive(fields: Mapping[str, Any], name: str) -> Sensitive | None:
    value = _text(fields, name)
    return None if value is None else Sensitive(value)
