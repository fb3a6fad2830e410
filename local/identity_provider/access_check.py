"""The access check of each entry of the catalogue: a page that an access token opens."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from local.identity_provider.answers import as_json
from local.identity_provider.catalogue import served
from local.identity_provider.provider import current

blueprint = Blueprint("access_check", __name__)

_SCHEMES = {"zoho": "Zoho-oauthtoken"}
"""The word before the token, if it is not Bearer (the comment of Zoho's entry)."""


@blueprint.get("/<provider>/access-check")
def access_check(provider: str) -> Response:
    """Answer who has signed in, or 401."""
    if provider not in served():
        abort(404)
    scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
    authority = current().authority
    with current().lock:
        known = authority.bearer(access_token) if scheme == _SCHEMES.get(provider, "Bearer") else None
        is_valid = known is not None and authority.now() < known.expires_at
        if known is None or not is_valid or authority.app(known.client_id, provider) is None:
            return as_json({"error": "invalid_token"}, 401)
        return as_json({"username": known.person.username})
