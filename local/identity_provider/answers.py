"""What the answers of all dialects are made of."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from flask import Response

if TYPE_CHECKING:
    from local.identity_provider.records import Issued

OTHER_NONCE = "the-nonce-of-another-sign-in"


def as_json(body: dict[str, Any], status: int = 200) -> Response:
    """Return a JSON answer that no cache may store (RFC 6749, section 5.1)."""
    return Response(
        json.dumps(body),
        status,
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
        mimetype="application/json",
    )


def expires_in(issued: Issued) -> int | str:
    """Return the lifetime of an access token in seconds; some endpoints send it as a text."""
    seconds = int(issued.app.access_token_lifetime.total_seconds())
    return str(seconds) if issued.app.expires_in_as_string else seconds


def unsigned(claims: dict[str, Any]) -> str:
    """Return an unsigned ID token: three segments, the last one empty (RFC 7519, section 6)."""
    return f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{_segment(claims)}."


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
