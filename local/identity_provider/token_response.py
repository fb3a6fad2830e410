"""The answers of the token endpoint: tokens, refusals, and the answers that faults cause."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from flask import Response

from local.identity_provider import errors
from local.identity_provider.faults import Fault, FaultKind

if TYPE_CHECKING:
    from datetime import datetime

    from local.identity_provider.records import Issued

HTML_ERROR = "<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"

REFUSALS = {
    FaultKind.TEMPORARILY_UNAVAILABLE: errors.TRANSIENT,
    FaultKind.INVALID_CLIENT_SECRET_ID: errors.WRONG_SECRET,
    FaultKind.CLIENT_SECRET_EXPIRED: errors.EXPIRED_SECRET,
    FaultKind.CLAIMS_CHALLENGE: errors.MFA_NEEDED,
    FaultKind.CODE_EXPIRED: errors.EXPIRED_CODE,
    FaultKind.CODE_EXPIRED_PERSONAL: errors.EXPIRED_CODE_OF_PERSONAL_ACCOUNT,
}

OTHER_NONCE = "the-nonce-of-another-sign-in"


def as_json(body: dict[str, Any], status: int = 200) -> Response:
    """Return a JSON answer that no cache may store (RFC 6749, section 5.1)."""
    return Response(
        json.dumps(body),
        status,
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
        mimetype="application/json",
    )


def refused(error: errors.RefusedError, now: datetime) -> Response:
    """Return the answer to a refused request; `x-ms-request-id` carries the trace id."""
    body = error.body(now)
    response = as_json(body, error.refusal.status)
    response.headers["x-ms-request-id"] = body["trace_id"]
    return response


def granted(issued: Issued, issuer_host: str, fault: Fault | None = None) -> Response:
    """Return the answer with the tokens (tag ACF, successful response); a fault may change the ID token."""
    seconds = int(issued.app.access_token_lifetime.total_seconds())
    body: dict[str, Any] = {
        "token_type": "Bearer",
        # Real answers do not list offline_access; the refresh token implies it.
        "scope": " ".join(one for one in issued.scope if one != "offline_access"),
        "expires_in": str(seconds) if issued.app.expires_in_as_string else seconds,
        "ext_expires_in": str(seconds) if issued.app.expires_in_as_string else seconds,
        "access_token": issued.access_token,
    }
    if issued.refresh_token:
        body["refresh_token"] = issued.refresh_token
    kind = fault.kind if fault else None
    if "openid" in issued.scope and kind is not FaultKind.NO_ID_TOKEN:
        nonce = OTHER_NONCE if kind is FaultKind.WRONG_NONCE else issued.grant.nonce
        body["id_token"] = _id_token(issued, issuer_host, nonce)
    return as_json(body)


def instead_of_grant(fault: Fault, client_id: str, now: datetime) -> Response | None:
    """Return the answer of a fault that prevents the grant, or None if the grant goes on."""
    match fault.kind:
        case FaultKind.THROTTLE:
            # The body is not JSON, as reported in msal-dotnet#2855.
            headers = {"Retry-After": str(fault.seconds)}
            return Response("Too Many Requests", 429, headers=headers, mimetype="text/plain")
        case FaultKind.SERVER_ERROR:
            return Response(HTML_ERROR, 503, mimetype="text/html")
        case FaultKind.EMPTY:
            return Response("", 200, mimetype="application/json")
        case FaultKind.NO_ACCESS_TOKEN:
            return as_json({"token_type": "Bearer", "scope": "", "expires_in": 3600, "ext_expires_in": 3600})
        case kind if kind in REFUSALS:
            values = {"client_id": client_id, "resource": errors.ADS_RESOURCE}
            return refused(errors.RefusedError(REFUSALS[kind], claims=fault.claims, **values), now)
        case _:
            return None


class _HangUp:
    """A body that raises before its first byte.

    Waitress sends the headers with the first chunk, and takes an OSError for a disconnection by the caller: it
    closes the connection silently. To the caller this looks like a crash right after the rotation.
    """

    def __iter__(self) -> _HangUp:
        return self

    def __next__(self) -> bytes:
        raise ConnectionAbortedError("a queued fault drops the connection")


def hang_up() -> Response:
    """Return a response that closes the connection without an answer."""
    return Response(_HangUp(), 200, mimetype="application/json")


def _id_token(issued: Issued, issuer_host: str, nonce: str | None) -> str:
    """Return an unsigned ID token: three segments, the last one empty (RFC 7519, section 6)."""
    person, now = issued.grant.person, int(issued.issued_at.timestamp())
    claims: dict[str, Any] = {
        "aud": issued.app.client_id.lower(),  # Microsoft writes it in lower case, whatever the request had.
        "iss": f"{issuer_host}/{person.tenant_id}/v2.0",
        "iat": now,
        "nbf": now,
        "exp": now + int(issued.app.access_token_lifetime.total_seconds()),
        "sub": f"{issued.app.client_id}.{person.object_id}",
        "tid": person.tenant_id,
        "ver": "2.0",
    }
    if nonce:
        claims["nonce"] = nonce
    if "profile" in issued.scope:
        # These three need the profile scope (tag IDT).
        claims |= {"oid": person.object_id, "name": person.name, "preferred_username": person.username}
    return f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{_segment(claims)}."


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
