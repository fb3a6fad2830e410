"""Checks a client assertion against the certificate of an app (RFC 7523, section 3; RFC 7518, section 3.5)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

if TYPE_CHECKING:
    from datetime import datetime

    from local.identity_provider.records import App
    from local.identity_provider.token_request import TokenRequest

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def is_valid(sent: TokenRequest, app: App, now: datetime) -> bool:
    """Return whether the assertion of a request is signed by the app's key, for this endpoint, and not over."""
    try:
        head, body, signature = (sent.optional("client_assertion") or "").split(".")
        header, claims, signed_by = _read(head), _read(body), _decoded(signature)
    except ValueError:
        return False
    is_ours = claims.get("iss") == claims.get("sub") == app.client_id and claims.get("aud") == sent.url
    is_in_time = claims.get("nbf", 0) <= now.timestamp() < claims.get("exp", 0)
    is_known = sent.optional("client_assertion_type") == ASSERTION_TYPE and header.get("alg") == "PS256"
    return is_known and is_ours and is_in_time and _is_signed(app, f"{head}.{body}".encode(), signed_by)


def _is_signed(app: App, signed: bytes, signature: bytes) -> bool:
    key = load_pem_x509_certificate(app.certificate.encode()).public_key() if app.certificate else None
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, signed, PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH), SHA256())
    except InvalidSignature:
        return False
    return True


def _read(part: str) -> dict[str, Any]:
    members = json.loads(_decoded(part))
    return members if isinstance(members, dict) else {}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
