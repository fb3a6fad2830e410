"""Parses a request to the token endpoint, and authenticates its client."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from local.identity_provider import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request

    from local.identity_provider.records import App

GRANT_TYPES = frozenset({"authorization_code", "refresh_token"})


@dataclass(frozen=True)
class TokenRequest:
    """The parts of a token request that the answer depends on."""

    tenant: str
    url: str
    method: str
    origin: str | None
    client_id: str | None
    contradictory: bool
    is_basic: bool
    client_secret: str | None = field(repr=False)
    form: Mapping[str, str] = field(repr=False)

    def optional(self, name: str) -> str | None:
        """Return a form field, or None if it is missing or empty (RFC 6749, section 3.2)."""
        return self.form.get(name) or None

    def required(self, name: str) -> str:
        """Return a required form field.

        Raises:
            RefusedError: The field is missing.
        """
        value = self.optional(name)
        if value is None:
            raise errors.RefusedError(errors.MISSING_PARAMETER, name=name)
        return value

    @property
    def grant_type(self) -> str | None:
        """The grant type for the journal, which must not contain text of strangers."""
        sent = self.optional("grant_type")
        return sent if sent in GRANT_TYPES or sent is None else "unsupported"


def read(request: Request, tenant: str) -> TokenRequest:
    """Read a request. Credentials are in the form, or url-encoded in HTTP Basic (RFC 6749, section 2.3.1)."""
    form = request.form.to_dict()
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    basic_id = unquote_plus(basic.username) if basic and basic.username else None
    basic_secret = unquote_plus(basic.password) if basic and basic.password else None
    form_id, form_secret = form.get("client_id") or None, form.get("client_secret") or None
    return TokenRequest(
        tenant=tenant,
        url=request.base_url,
        method=request.method,
        origin=request.headers.get("Origin"),
        client_id=form_id or basic_id,
        contradictory=bool((form_id and basic_id and form_id != basic_id) or (form_secret and basic_secret)),
        is_basic=basic is not None,
        client_secret=form_secret or basic_secret,
        form=form,
    )


def check_form(request: TokenRequest, app: App | None) -> App:
    """Return the app of a well-formed request.

    Raises:
        RefusedError: The request is no POST, comes from a script in a browser, has no grant type or client id or two
            contradictory ones, or names an unknown app.
    """
    if request.method != "POST":
        raise errors.RefusedError(errors.WRONG_METHOD, method=request.method)
    if request.origin is not None:
        raise errors.RefusedError(errors.CROSS_ORIGIN, origin=request.origin)
    request.required("grant_type")
    if request.client_id is None:
        raise errors.RefusedError(errors.MISSING_PARAMETER, name="client_id")
    if request.contradictory:
        raise errors.RefusedError(errors.CONTRADICTORY)
    if app is None:
        raise errors.RefusedError(errors.UNKNOWN_APP, client_id=request.client_id, tenant=request.tenant)
    return app


def authenticate(request: TokenRequest, app: App) -> None:
    """Check the secret of a confidential client, and that a public client sends none (tag ACF).

    Raises:
        RefusedError: The secret is missing or wrong, or a public client sent one.
    """
    sent = request.client_secret
    if app.client_secret is None:
        if sent is not None:
            raise errors.RefusedError(errors.SECRET_FROM_PUBLIC_CLIENT)
        return
    if sent is None:
        raise errors.RefusedError(errors.MISSING_SECRET)
    valid = filter(None, (app.client_secret, app.newer_client_secret))
    if not any(hmac.compare_digest(sent.encode(), secret.encode()) for secret in valid):
        raise errors.RefusedError(errors.WRONG_SECRET, client_id=app.client_id)
