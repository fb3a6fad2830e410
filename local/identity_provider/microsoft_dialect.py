"""Microsoft's dialect: AADSTS codes, `offline_access`, and ID tokens with `tid` and `oid`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.identity_provider import assertion, errors, token_request
from local.identity_provider.answers import OTHER_NONCE, as_json, expires_in, unsigned
from local.identity_provider.faults import Fault, FaultKind
from local.identity_provider.records import MANAGE_SCOPE, PLAIN_SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from local.identity_provider.records import App, Issued
    from local.identity_provider.token_request import TokenRequest


class MicrosoftDialect:
    """See `Dialect`."""

    provider = ""
    ignores_pkce = False
    # Optional in tag ACF, but required in tag ADSTOK and by personal accounts.
    repeats_scope = True

    def scopes(self, text: str) -> tuple[str, ...]:
        """See `Dialect.scopes`."""
        return tuple(text.split())

    def knows(self, scope: tuple[str, ...]) -> bool:
        """See `Dialect.knows`. Only the scopes of Microsoft Advertising are known here."""
        return all(one in PLAIN_SCOPES or MANAGE_SCOPE.fullmatch(one) for one in scope)

    def is_offline(self, sent: Mapping[str, str]) -> bool:  # noqa: ARG002 - The signature is the port's.
        """See `Dialect.is_offline`: at Microsoft a scope does it."""
        return True

    def authenticate(self, sent: TokenRequest, app: App, now: datetime) -> None:
        """See `Dialect.authenticate`."""
        if app.certificate and (sent.optional("client_assertion") or app.client_secret is None):
            if not assertion.is_valid(sent, app, now):
                raise errors.RefusedError(errors.WRONG_ASSERTION)
            return
        token_request.authenticate(sent, app)

    def error(self, error: errors.RefusedError, now: datetime) -> tuple[str, str]:
        """See `Dialect.error`."""
        return error.refusal.error, str(error.body(now)["error_description"])

    def refused(self, error: errors.RefusedError, now: datetime) -> Response:
        """See `Dialect.refused`; `x-ms-request-id` carries the trace id."""
        body = error.body(now)
        response = as_json(body, error.refusal.status)
        response.headers["x-ms-request-id"] = body["trace_id"]
        return response

    def granted(self, issued: Issued, issuer_host: str, fault: Fault | None) -> Response:
        """See `Dialect.granted` (tag ACF, successful response)."""
        body: dict[str, Any] = {
            "token_type": "Bearer",
            # Real answers do not list offline_access; the refresh token implies it.
            "scope": " ".join(one for one in issued.scope if one != "offline_access"),
            "expires_in": expires_in(issued),
            "ext_expires_in": expires_in(issued),
            "access_token": issued.access_token,
        }
        if issued.refresh_token:
            body["refresh_token"] = issued.refresh_token
        kind = fault.kind if fault else None
        if "openid" in issued.scope and kind is not FaultKind.NO_ID_TOKEN:
            nonce = OTHER_NONCE if kind is FaultKind.WRONG_NONCE else issued.grant.nonce
            body["id_token"] = _id_token(issued, issuer_host, nonce)
        return as_json(body)


def _id_token(issued: Issued, issuer_host: str, nonce: str | None) -> str:
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
    return unsigned(claims)
