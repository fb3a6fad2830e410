"""What the authorization server of each entry of the catalogue says about itself (RFC 8414)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from local.identity_provider.answers import as_json
from local.identity_provider.catalogue import entry_of, served

blueprint = Blueprint("metadata", __name__)


@blueprint.get("/.well-known/oauth-authorization-server/<provider>")
def metadata(provider: str) -> Response:
    """Answer with the addresses and the methods; the issuer is `{origin}/{provider}`."""
    if provider not in served():
        abort(404)
    issuer, entry = f"{request.host_url}{provider}", entry_of(provider)
    method = entry.authorization.code_challenge_method
    return as_json(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": list(entry.token.auth_methods),
            "code_challenge_methods_supported": [method] if method else [],
        }
    )
