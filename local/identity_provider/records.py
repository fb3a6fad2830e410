"""What the provider remembers: frozen records that own their transitions. No raw token is among them."""

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
    """Return the SHA-256 under which a token is remembered, so that the memory holds no usable credential."""
    return hashlib.sha256(token.encode()).hexdigest()


def fingerprint(token: str) -> str:
    """Return the 12 hex digits that stand for a token wherever its lineage matters."""
    return digest(token)[:12]


class Rotation(StrEnum):
    """What becomes of refresh tokens when one is used."""

    MICROSOFT = "microsoft"
    """A new one each time, the old ones stay valid (tag RTD)."""
    STRICT = "strict"
    """Single use; a spent one presented again revokes the lineage (RFC 9700, section 4.14.2)."""
    NONE = "none"
    """Refresh answers hold none; the first one serves until it expires, as at Google (tag ADSTOK)."""


@dataclass(frozen=True)
class App:
    """An app registration, with the behaviour that its tokens get."""

    client_id: str
    redirect_uris: tuple[str, ...]
    client_secret: str | None = field(default=None, repr=False)
    newer_client_secret: str | None = field(default=None, repr=False)
    """Works beside the other one, as at Microsoft, where several client secrets of an app are valid together."""
    rotation: Rotation = Rotation.MICROSOFT
    access_token_lifetime: timedelta = timedelta(hours=1)
    """One hour: "typically expires after one hour" (tag ADSFAQ)."""
    refresh_token_lifetime: timedelta = timedelta(days=90)
    """90 days without use (tag RTD)."""
    expires_in_as_string: bool = False
    auto_account: str | None = None

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret and proves itself with PKCE alone."""
        return self.client_secret is None


@dataclass(frozen=True)
class AuthorizationRequest:
    """An authorize request whose app, redirect URI and parameters were found good."""

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
    """An authorization code: bound to the request that it answers, and good once."""

    request: AuthorizationRequest
    person: Person
    issued_at: datetime
    redeemed: bool = False

    def redeem(self) -> Code:
        """Return the code after its one use."""
        return replace(self, redeemed=True)


@dataclass(frozen=True)
class Grant:
    """One consent of one person to one app. All refresh tokens that descend from it are its lineage."""

    grant_id: int
    client_id: str
    person: Person
    scope: tuple[str, ...]
    nonce: str | None
    issued_at: datetime
    revoked_at: datetime | None = None
    newest: str | None = None
    """The digest of the newest refresh token of the lineage."""

    def revoke(self, now: datetime) -> Grant:
        """Return the grant without its validity; a second revocation keeps the time of the first."""
        return self if self.revoked_at else replace(self, revoked_at=now)


@dataclass(frozen=True)
class RefreshToken:
    """One member of a lineage."""

    grant_id: int
    issued_at: datetime
    used_at: datetime
    expires_at: datetime
    spent: bool = False

    def use(self, now: datetime, lifetime: timedelta, *, spend: bool) -> RefreshToken:
        """Return the token after a use, which starts its inactivity anew, or which was its last."""
        return replace(self, used_at=now, expires_at=now + lifetime, spent=spend)

    def expire(self, now: datetime) -> RefreshToken:
        """Return the token as if it had lain unused for too long."""
        return replace(self, expires_at=min(self.expires_at, now))


@dataclass(frozen=True)
class AccessToken:
    """What the Ads API learns about a bearer."""

    client_id: str
    person: Person
    scope: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True)
class Issued:
    """What a granted token request hands out: the only record with raw tokens, and only in transit."""

    app: App
    grant: Grant
    scope: tuple[str, ...]
    issued_at: datetime
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
