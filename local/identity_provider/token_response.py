"""The answers of the token endpoint that faults cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from local.identity_provider import errors
from local.identity_provider.answers import as_json
from local.identity_provider.faults import Fault, FaultKind

if TYPE_CHECKING:
    from datetime import datetime

    from local.identity_provider.dialect import Dialect

HTML_ERROR = "<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"

REFUSALS = {
    FaultKind.TEMPORARILY_UNAVAILABLE: errors.TRANSIENT,
    FaultKind.INVALID_CLIENT_SECRET_ID: errors.WRONG_SECRET,
    FaultKind.CLIENT_SECRET_EXPIRED: errors.EXPIRED_SECRET,
    FaultKind.CLAIMS_CHALLENGE: errors.MFA_NEEDED,
    FaultKind.CODE_EXPIRED: errors.EXPIRED_CODE,
    FaultKind.CODE_EXPIRED_PERSONAL: errors.EXPIRED_CODE_OF_PERSONAL_ACCOUNT,
}


def instead_of_grant(fault: Fault, dialect: Dialect, client_id: str, now: datetime) -> Response | None:
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
            return dialect.refused(errors.RefusedError(REFUSALS[kind], claims=fault.claims, **values), now)
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
