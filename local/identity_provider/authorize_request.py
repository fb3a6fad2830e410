"""Checks an authorize request, and sends its errors to a page or back to the app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from local.identity_provider import errors
from local.identity_provider.records import App, AuthorizationRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.identity_provider.dialect import Dialect

FIELDS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "claims",
    "access_type",
    "duration",
)
"""The parameters that the chooser's form carries from the request to the answer."""

S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url has 43 characters (RFC 7636, section 4.2)."""


def addressee(sent: Mapping[str, str], app: App | None, tenant: str) -> App:
    """Return the app to which an answer may be redirected.

    These errors go to a page for the person and are never redirected, because the address itself cannot be trusted
    (RFC 6749, section 4.1.2.1).

    Raises:
        RefusedError: The app is unknown, or the redirect URI is missing or not exactly a registered one.
    """
    if not sent.get("client_id"):
        raise errors.RefusedError(errors.MISSING_PARAMETER, name="client_id")
    if app is None:
        raise errors.RefusedError(errors.UNKNOWN_APP, client_id=sent["client_id"], tenant=tenant)
    if not sent.get("redirect_uri"):
        raise errors.RefusedError(errors.NO_REPLY_ADDRESS)
    if sent["redirect_uri"] not in app.redirect_uris:
        raise errors.RefusedError(
            errors.WRONG_REPLY_ADDRESS, redirect_uri=sent["redirect_uri"], client_id=app.client_id
        )
    return app


def read(sent: Mapping[str, str], app: App, dialect: Dialect, tenant: str) -> AuthorizationRequest:
    """Return a valid request, which may be shown to a person.

    Raises:
        RefusedError: The request is not valid; redirect this to the app with `redirect_error`.
    """
    if sent.get("response_type") != "code":
        raise errors.RefusedError(errors.UNSUPPORTED_RESPONSE_TYPE)
    if sent.get("response_mode", "query") != "query":
        raise errors.RefusedError(errors.UNSUPPORTED_RESPONSE_MODE)
    return AuthorizationRequest(
        app=app,
        tenant=tenant,
        redirect_uri=sent["redirect_uri"],
        scope=_scope(sent, dialect),
        state=sent.get("state"),
        nonce=sent.get("nonce"),
        code_challenge=None if dialect.ignores_pkce else _challenge(sent, app),
        claims=sent.get("claims"),
        is_offline=dialect.is_offline(sent),
    )


def _scope(sent: Mapping[str, str], dialect: Dialect) -> tuple[str, ...]:
    scope = dialect.scopes(sent.get("scope", ""))
    if not scope:
        raise errors.RefusedError(errors.MISSING_PARAMETER, name="scope")
    if not dialect.knows(scope):
        raise errors.RefusedError(errors.UNKNOWN_SCOPE)
    return scope


def _challenge(sent: Mapping[str, str], app: App) -> str | None:
    challenge = sent.get("code_challenge")
    if not challenge:
        # Microsoft recommends PKCE to all clients; a public client has no other proof.
        if app.is_public or sent.get("code_challenge_method"):
            raise errors.RefusedError(errors.MISSING_CHALLENGE)
        return None
    # Without a method the challenge is "plain" (RFC 7636, section 4.3), which protects nothing.
    if sent.get("code_challenge_method") != "S256":
        raise errors.RefusedError(errors.UNSUPPORTED_CHALLENGE_METHOD)
    if not S256_CHALLENGE.fullmatch(challenge):
        raise errors.RefusedError(errors.WRONG_CHALLENGE_SIZE)
    return challenge


def redirect_code(request: AuthorizationRequest, code: str) -> str:
    """Return the URL that takes a code to the app (RFC 6749, section 4.1.2)."""
    return _with_query(request.redirect_uri, {"code": code, "state": request.state})


def redirect_error(sent: Mapping[str, str], error: str, description: str) -> str:
    """Return the URL that takes an error to the app (RFC 6749, section 4.1.2.1)."""
    values = {"error": error, "error_description": description, "state": sent.get("state")}
    return _with_query(sent["redirect_uri"], values)


def _with_query(url: str, values: Mapping[str, str | None]) -> str:
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [(name, value) for name, value in values.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode(query)))
