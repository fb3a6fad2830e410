"""The authorization server without HTTP: apps, codes, grants and tokens.

The clock is an argument. `provider.Provider.lock` makes it thread-safe.
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
    """How a fault changes a successful answer."""

    withhold_refresh_token: bool = False
    narrow_scope: bool = False


AS_ASKED = Shaping()


class Authority:
    """The apps, and the codes, grants and tokens that they got."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.now = clock
        self.grants = Grants()
        self._apps: dict[str, App] = {}
        self._codes = Codes()
        self._access: dict[str, AccessToken] = {}

    def register(self, app: App) -> None:
        """Register an app, or replace the settings of a registered one and keep its grants."""
        self._apps[app.client_id.lower()] = app

    def app(self, client_id: str | None, provider: str | None = None) -> App | None:
        """Return the registered app with this id, in any case: Microsoft accepts its GUID in capitals, too.

        Args:
            client_id: The id.
            provider: The provider that is asked, if only its own apps count.
        """
        app = self._apps.get((client_id or "").lower())
        return app if app and provider in {None, app.provider} else None

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
        scope: tuple[str, ...] | None = None,
        shaping: Shaping = AS_ASKED,
    ) -> Issued:
        """Exchange a code (RFC 6749, section 4.1.3).

        A refused request does not use up the code; only a successful exchange does.

        Raises:
            RefusedError: The request is refused; the refusal is a row of `errors`.
        """
        now = self.now()
        code = self._codes.find(app, tenant, raw, now)
        check_redirect_uri(code, redirect_uri)
        check_verifier(code, code_verifier)
        granted = _subset(scope, code.request.scope)
        self._codes.spend(raw)
        grant = self.grants.open(code, now)
        wanted = _wants_successor(app, grant, granted, shaping)
        refresh_token = self.grants.issue(app, grant, now) if wanted else None
        return self._issue(app, grant, granted, refresh_token, valid=refresh_token, shaping=shaping)

    def refresh(
        self, app: App, raw: str, *, scope: tuple[str, ...] | None = None, shaping: Shaping = AS_ASKED
    ) -> Issued:
        """Exchange a refresh token (RFC 6749, section 6).

        Raises:
            RefusedError: The request is refused; the refusal is a row of `errors`.
        """
        now = self.now()
        grant = self.grants.find(app, raw, now)
        granted = _subset(scope, grant.scope)
        wanted = _wants_successor(app, grant, granted, shaping)
        successor = self.grants.use(app, raw, now, with_successor=wanted)
        return self._issue(app, grant, granted, successor, valid=successor or raw, shaping=shaping)

    def bearer(self, access_token: str) -> AccessToken | None:
        """Return the record of an access token, even if it has expired."""
        return self._access.get(digest(access_token))

    def revoke(self, client_id: str, username: str | None = None) -> int:
        """Revoke an app's grants, or one person's. Access tokens stay valid until they expire (tag CTL)."""
        grants = self.grants.of(client_id)
        return self.grants.revoke([one for one in grants if username in {None, one.person.username}], self.now())

    def expire(self, client_id: str) -> int:
        """Make every refresh token of an app expire now."""
        return self.grants.expire(client_id, self.now())

    def _issue(
        self,
        app: App,
        grant: Grant,
        scope: tuple[str, ...],
        refresh_token: str | None,
        *,
        valid: str | None,
        shaping: Shaping,
    ) -> Issued:
        """Return the tokens of an answer; `valid` is its refresh token, or the one that goes on being valid."""
        now = self.now()
        scope = _narrowed(scope) if shaping.narrow_scope else scope
        access_token = f"local-at-{secrets.token_urlsafe(32)}"
        expires_at = now + app.access_token_lifetime
        self._access[digest(access_token)] = AccessToken(app.client_id, grant.person, scope, expires_at)
        ends_at = self.grants.end_of(valid) if valid else None
        return Issued(app, grant, scope, now, access_token, refresh_token, ends_at)


def _subset(requested: tuple[str, ...] | None, consented: tuple[str, ...]) -> tuple[str, ...]:
    """Return the requested scopes; all of them must have been consented to (tag ACF)."""
    if requested is None:
        return consented
    if not set(requested) <= set(consented):
        raise errors.RefusedError(errors.SCOPE_NOT_GRANTED)
    return requested


def _wants_successor(app: App, grant: Grant, scope: tuple[str, ...], shaping: Shaping) -> bool:
    """Return whether the answer may hold a refresh token: at Microsoft "only if offline_access was requested"."""
    has_scope = not app.rules.scope or app.rules.scope in scope
    return has_scope and grant.is_offline and not shaping.withhold_refresh_token


def _narrowed(scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scope with the legacy `ads.manage`, which the API refuses, in place of `msads.manage`."""
    return tuple(one.replace("/msads.manage", "/ads.manage") if MANAGE_SCOPE.fullmatch(one) else one for one in scope)
