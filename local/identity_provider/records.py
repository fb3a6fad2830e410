"""The provider's records: frozen, each with its transitions. Only `Issued` holds raw tokens."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.identity_provider.people import Person


MANAGE_SCOPE = re.compile(r"https://(?:si\.|api\.)?ads\.microsoft\.com/(?:msads|ads)\.manage")
"""The scopes of Microsoft Advertising: production, sandbox, and the legacy `ads.manage` (tag ADSTOK)."""

PRODUCTION_SCOPE = "https://ads.microsoft.com/msads.manage"
SANDBOX_SCOPE = "https://si.ads.microsoft.com/msads.manage"

PLAIN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


def digest(token: str) -> str:
    """Return the SHA-256 of a token: the provider stores no usable token."""
    return hashlib.sha256(token.encode()).hexdigest()


def fingerprint(token: str) -> str:
    """Return the first 12 hex digits of a token's digest, which identify it in the journal."""
    return digest(token)[:12]


class Rotation(StrEnum):
    """What happens to refresh tokens when one is used."""

    MICROSOFT = "microsoft"
    """Each use issues a new one, and the old ones stay valid (tag RTD)."""
    STRICT = "strict"
    """Each is valid once; presenting a spent one revokes the family (RFC 9700, section 4.14.2)."""
    NONE = "none"
    """No new ones are issued; the first one is valid until it expires, as at Google (tag ADSTOK)."""


@dataclass(frozen=True)
class App:
    """An app registration, with the behaviour of its tokens."""

    client_id: str
    redirect_uris: tuple[str, ...]
    client_secret: str | None = field(default=None, repr=False)
    newer_client_secret: str | None = field(default=None, repr=False)
    """Valid beside the other one: at Microsoft an app can have several valid client secrets."""
    rotation: Rotation = Rotation.MICROSOFT
    access_token_lifetime: timedelta = timedelta(hours=1)
    """One hour: "typically expires after one hour" (tag ADSFAQ)."""
    refresh_token_lifetime: timedelta = timedelta(days=90)
    """90 days without use (tag RTD)."""
    expires_in_as_string: bool = False
    auto_account: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret and uses only PKCE."""
        return self.client_secret is None


@dataclass(frozen=True)
class AuthorizationRequest:
    """A valid authorize request."""

    app: App
    tenant: str
    redirect_uri: str
    scope: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    claims: str | None = None


@dataclass(frozen=True)
class Code:
    """An authorization code: bound to its request, and valid once."""

    request: AuthorizationRequest
    person: Person
    issued_at: datetime
    redeemed: bool = False

    def redeem(self) -> Code:
        """Return the code as redeemed."""
        return replace(self, redeemed=True)


@dataclass(frozen=True)
class Grant:
    """One consent of one person to one app. All refresh tokens that are issued for it are one token family."""

    grant_id: int
    client_id: str
    person: Person
    scope: tuple[str, ...]
    nonce: str | None
    issued_at: datetime
    revoked_at: datetime | None = None
    newest: str | None = None
    """The digest of the newest refresh token of the family."""

    def revoke(self, now: datetime) -> Grant:
        """Return the grant as revoked; a second revocation keeps the time of the first."""
        return self if self.revoked_at else replace(self, revoked_at=now)


@dataclass(frozen=True)
class RefreshToken:
    """One refresh token of a family."""

    grant_id: int
    issued_at: datetime
    used_at: datetime
    expires_at: datetime
    spent: bool = False

    def use(self, now: datetime, lifetime: timedelta, *, spend: bool) -> RefreshToken:
        """Return the token after a use: its lifetime starts again, or the token is spent."""
        return replace(self, used_at=now, expires_at=now + lifetime, spent=spend)

    def expire(self, now: datetime) -> RefreshToken:
        """Return the token as expired."""
        return replace(self, expires_at=min(self.expires_at, now))


@dataclass(frozen=True)
class AccessToken:
    """The record of an access token, for the Ads API."""

    client_id: str
    person: Person
    scope: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True)
class Issued:
    """The result of a granted token request: the only record with raw tokens, and it is never stored."""

    app: App
    grant: Grant
    scope: tuple[str, ...]
    issued_at: datetime
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
