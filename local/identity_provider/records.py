"""The provider's records: frozen, each with its transitions. Only `Issued` holds raw tokens."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local.identity_provider.token_rules import Rotation, TokenRules, microsoft_rules, rules_of
from token_refresher.providers.catalogue.builtin import builtin

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


@dataclass(frozen=True)
class App:
    """An app registration, with the behaviour of its tokens.

    Attributes:
        provider: The entry of the catalogue that it is registered at; empty for Microsoft.
        rotation: What a use does to refresh tokens; ``None`` for what the entry says.
        refresh_token_lifetime: At Microsoft, how long a refresh token may be unused. Elsewhere its end, from the
            consent; ``None`` for what the entry says.
    """

    client_id: str
    redirect_uris: tuple[str, ...]
    client_secret: str | None = field(default=None, repr=False)
    newer_client_secret: str | None = field(default=None, repr=False)
    """Valid beside the other one: at Microsoft an app can have several valid client secrets."""
    provider: str = ""
    rotation: Rotation | None = Rotation.MICROSOFT
    access_token_lifetime: timedelta = timedelta(hours=1)
    """One hour: "typically expires after one hour" (tag ADSFAQ)."""
    refresh_token_lifetime: timedelta | None = timedelta(days=90)
    """90 days without use (tag RTD)."""
    expires_in_as_string: bool = False
    auto_account: str | None = None
    certificate: str | None = field(default=None, repr=False)
    """In PEM: its key signs client assertions."""

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret and no certificate, and uses only PKCE."""
        return self.client_secret is None and self.certificate is None

    @property
    def rules(self) -> TokenRules:
        """How its tokens live."""
        if self.provider:
            return rules_of(builtin(self.provider), self.rotation, self.refresh_token_lifetime)
        return microsoft_rules(self.rotation or Rotation.MICROSOFT, self.refresh_token_lifetime or timedelta(days=90))


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
    is_offline: bool = True
    """Whether it may bring a refresh token: some providers need a parameter for that."""


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
    is_offline: bool = True
    """Whether it may have refresh tokens."""

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
    uses: int = 0
    spent_at: datetime | None = None

    def use(self, now: datetime, ends_at: datetime, *, spend: bool) -> RefreshToken:
        """Return the token after a use, with its new end. A second use keeps the time at which it was spent."""
        spent_at = self.spent_at or (now if spend else None)
        return replace(self, used_at=now, expires_at=ends_at, uses=self.uses + 1, spent_at=spent_at)

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
    refresh_token_ends_at: datetime | None = None
    """The end of that refresh token, or of the one that was presented."""
