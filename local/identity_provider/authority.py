"""The model: apps, codes, grants and tokens.

It knows neither HTTP nor the time of day; the clock is an argument. It is not
thread-safe by itself: `provider.Provider.lock` guards it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.identity_provider import errors
from local.identity_provider.codes import Codes, check_redirect_uri, check_verifier
from local.identity_provider.grants import Grants
from local.identity_provider.records import (
    MANAGE_SCOPE,
    AccessToken,
    App,
    AuthorizationRequest,
    Grant,
    Issued,
    digest,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from local.identity_provider.people import Person


@dataclass(frozen=True)
class Shaping:
    """How an answer that is granted differs from what was asked for."""

    withhold_refresh_token: bool = False
    narrow_scope: bool = False


AS_ASKED = Shaping()


class Authority:
    """An authorization server without its wire."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.now = clock
        self.grants = Grants()
        self._apps: dict[str, App] = {}
        self._codes = Codes()
        self._access: dict[str, AccessToken] = {}

    def register(self, app: App) -> None:
        """Register an app, or give a registered one other settings; its grants stay."""
        self._apps[app.client_id] = app

    def app(self, client_id: str | None) -> App | None:
        """Return the registered app with this id."""
        return self._apps.get(client_id or "")

    def sign_in(self, request: AuthorizationRequest, person: Person) -> str:
        """Return the authorization code for a person who agreed."""
        return self._codes.issue(request, person, self.now())

    def redeem_code(
        self,
        app: App,
        tenant: str,
        raw: str,
        *,
        redirect_uri: str | None,
        code_verifier: str | None,
        scope: str | None = None,
        shaping: Shaping = AS_ASKED,
    ) -> Issued:
        """Exchange a code (RFC 6749, section 4.1.3).

        A refused attempt leaves the code as it was; only the exchange itself spends it.

        Raises:
            RefusedError: with the row of `errors` that says why.
        """
        now = self.now()
        code = self._codes.find(app, tenant, raw, now)
        check_redirect_uri(code, redirect_uri)
        check_verifier(code, code_verifier)
        granted = _subset(scope, code.request.scope)
        self._codes.spend(raw)
        grant = self.grants.open(code, now)
        refresh_token = self.grants.issue(app, grant, now) if _wants_successor(granted, shaping) else None
        return self._issue(app, grant, granted, refresh_token, shaping)

    def refresh(self, app: App, raw: str, *, scope: str | None = None, shaping: Shaping = AS_ASKED) -> Issued:
        """Exchange a refresh token (RFC 6749, section 6).

        Raises:
            RefusedError: with the row of `errors` that says why.
        """
        now = self.now()
        grant = self.grants.find(app, raw, now)
        granted = _subset(scope, grant.scope)
        successor = self.grants.use(app, raw, now, with_successor=_wants_successor(granted, shaping))
        return self._issue(app, grant, granted, successor, shaping)

    def bearer(self, access_token: str) -> AccessToken | None:
        """Return what is known about an access token, also about one that has expired."""
        return self._access.get(digest(access_token))

    def revoke(self, client_id: str, username: str | None = None) -> int:
        """Revoke the grants of an app, or those that one person gave; access tokens live on (tag CTL)."""
        grants = self.grants.of(client_id)
        return self.grants.revoke([one for one in grants if username in {None, one.person.username}], self.now())

    def expire(self, client_id: str) -> int:
        """Let every refresh token of an app expire now."""
        return self.grants.expire(client_id, self.now())

    def _issue(
        self, app: App, grant: Grant, scope: tuple[str, ...], refresh_token: str | None, shaping: Shaping
    ) -> Issued:
        now = self.now()
        scope = _narrowed(scope) if shaping.narrow_scope else scope
        access_token = f"local-at-{secrets.token_urlsafe(32)}"
        expires_at = now + app.access_token_lifetime
        self._access[digest(access_token)] = AccessToken(app.client_id, grant.person, scope, expires_at)
        return Issued(app, grant, scope, now, access_token=access_token, refresh_token=refresh_token)


def _subset(asked: str | None, consented: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes asked for, which must not exceed those consented to (tag ACF)."""
    if asked is None:
        return consented
    scope = tuple(asked.split())
    if not set(scope) <= set(consented):
        raise errors.RefusedError(errors.SCOPE_NOT_GRANTED)
    return scope


def _wants_successor(scope: tuple[str, ...], shaping: Shaping) -> bool:
    """Tell whether the answer holds a refresh token: "only if offline_access was requested" (tag ACF)."""
    return "offline_access" in scope and not shaping.withhold_refresh_token


def _narrowed(scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scope with the legacy `ads.manage`, which the API refuses, in place of `msads.manage`."""
    return tuple(one.replace("/msads.manage", "/ads.manage") if MANAGE_SCOPE.fullmatch(one) else one for one in scope)
