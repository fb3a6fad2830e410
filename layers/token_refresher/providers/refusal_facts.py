"""The allow-listed facts of an OAuth error answer, of the token or the authorize endpoint.

Source: RFC 6749, sections 4.1.2.1 and 5.2
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.diagnosis.catalogue import hint
from token_refresher.providers.microsoft.claims_challenge import claims_challenge

_OAUTH_ERROR = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""Stricter than RFC 6749, section 5.2: every code in use matches, and markup does not."""
_CORRELATION_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")
_QUOTED_CORRELATION_ID = re.compile(r"Correlation ID: ?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\b")
_AADSTS = re.compile(r"AADSTS([0-9]{1,9})(?![0-9])")
_NO_CODE: Final = 10**9
"""AADSTS numbers have fewer digits. A longer number is no code."""


def oauth2_refusal_facts(http_status: int, fields: Mapping[str, Any], error_member: str = "error") -> ProviderFailure:
    """Return the allow-listed facts of an error answer of any token endpoint: its error code.

    Args:
        http_status: The status of the answer.
        fields: The members of the answer.
        error_member: The member that holds the code, if it is not ``error``.
    """
    codes = {key: _code(fields.get(key)) for key in (error_member, "error")}
    error = _allowed(codes, error_member, _OAUTH_ERROR) or _allowed(codes, "error", _OAUTH_ERROR)
    # In RFC 6749 a person denies access, and that is at the authorization endpoint. Here Atlassian denies the client.
    error = "invalid_client" if error == "access_denied" else error
    return ProviderFailure(FailureKind.REFUSED, http_status, error=error)


def refusal_facts(http_status: int, fields: Mapping[str, Any]) -> ProviderFailure:
    """Return the allow-listed facts of an error answer of Microsoft's token or authorization endpoint.

    The description may quote the request, and with it a token. Only the name of a known phrase and the correlation id
    are kept of it.
    """
    codes, description = _aadsts_codes(fields), text_member(fields, "error_description") or ""
    # The authorization endpoint sends the id only in the description, where the label and the form identify it.
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
    """Return the AADSTS codes of an error answer: its ``error_codes``, or the code at the start of its description."""
    codes = fields.get("error_codes")
    if isinstance(codes, list):
        numbers = tuple(code for code in codes if type(code) is int and 0 < code < _NO_CODE)
        if numbers:
            return numbers
    match = _AADSTS.match(text_member(fields, "error_description") or "")
    return (int(match[1]),) if match else ()


def text_member(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a member of an answer, or ``None`` if it is absent, empty or no text."""
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _code(value: Any) -> str:
    """Return an error code as a text: some providers write numbers."""
    return str(value) if isinstance(value, str) or type(value) is int else ""


def _allowed(fields: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = text_member(fields, name) or ""
    return value if pattern.fullmatch(value) else ""
