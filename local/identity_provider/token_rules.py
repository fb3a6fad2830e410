"""How the tokens of an app live: whether refresh tokens rotate, what a reuse does, and when each kind of token ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from token_refresher.providers.catalogue.entry import Reuse, TokenRotation

if TYPE_CHECKING:
    from token_refresher.providers.catalogue.entry import ProviderEntry

NEVER = datetime.max.replace(tzinfo=UTC)
"""The end of a token that has none."""


class Rotation(StrEnum):
    """What happens to refresh tokens when one is used."""

    MICROSOFT = "microsoft"
    """Each use issues a new one, and the old ones stay valid (tag RTD)."""
    STRICT = "strict"
    """Each is valid once; presenting a spent one revokes the family (RFC 9700, section 4.14.2)."""
    NONE = "none"
    """No new ones are issued; the first one is valid until it expires, as at Google (tag ADSTOK)."""


_NAMED = {
    Rotation.MICROSOFT: (TokenRotation.ALWAYS, Reuse.NOTHING),
    Rotation.STRICT: (TokenRotation.ALWAYS, Reuse.REVOKES),
    Rotation.NONE: (TokenRotation.NEVER, Reuse.NOTHING),
}


@dataclass(frozen=True)
class TokenRules:
    """The life of codes and refresh tokens.

    Attributes:
        rotation: Whether a refresh issues another refresh token.
        reuse: What happens to a replaced one that is presented again.
        grace: How long it still works, for `Reuse.GRACE`.
        revokes_after_grace: Whether its use after that ends the whole family.
        idle: How long a refresh token may be unused.
        lifetime: Its end, counted from the consent, or from its issue if `is_extended`.
        is_extended: Whether a refresh moves that end.
        code_lifetime: How long a code may be redeemed.
        scope: The scope that brings a refresh token; empty if none is needed.
    """

    rotation: TokenRotation
    reuse: Reuse
    grace: timedelta = timedelta(0)
    revokes_after_grace: bool = False
    idle: timedelta | None = None
    lifetime: timedelta | None = None
    is_extended: bool = False
    code_lifetime: timedelta = timedelta(minutes=10)
    scope: str = ""

    def rotates(self, uses: int) -> bool:
        """Return whether a use of a refresh token issues another one, after this many earlier uses.

        "Sometimes" is every second use, so that a client meets both answers.
        """
        if self.rotation is TokenRotation.SOMETIMES:
            return uses % 2 == 1
        return self.rotation is TokenRotation.ALWAYS

    def accepts_again(self, spent_at: datetime, now: datetime) -> bool:
        """Return whether a replaced refresh token still works."""
        return self.reuse is Reuse.GRACE and now < spent_at + self.grace

    @property
    def revokes(self) -> bool:
        """Whether a replaced refresh token that does not work any more ends its family."""
        return self.reuse is Reuse.REVOKES or self.revokes_after_grace

    def end(self, consented_at: datetime, issued_at: datetime, used_at: datetime) -> datetime:
        """Return when a refresh token ends."""
        ends = [NEVER]
        if self.idle is not None:
            ends.append(used_at + self.idle)
        if self.lifetime is not None:
            ends.append((issued_at if self.is_extended else consented_at) + self.lifetime)
        return min(ends)


def microsoft_rules(rotation: Rotation, refresh_token_lifetime: timedelta) -> TokenRules:
    """Return the rules of an app at Microsoft, or of one that a test registers with other ones."""
    kind, reuse = _NAMED[rotation]
    return TokenRules(kind, reuse, idle=refresh_token_lifetime, scope="offline_access")


REVOKES_AFTER_GRACE = frozenset({"atlassian"})
"""Providers that end the whole sign-in for an old refresh token after the grace, as comments of their entries say."""


def rules_of(entry: ProviderEntry, rotation: Rotation | None, lifetime: timedelta | None) -> TokenRules:
    """Return the rules of an entry of the catalogue. What it does not know is as hard for a client as the RFCs allow.

    Args:
        entry: The entry.
        rotation: Another rotation, if the app was registered with one.
        lifetime: Another lifetime of the refresh token, from the consent, if the app was registered with one.
    """
    facts = entry.refresh_token
    kind, reuse = facts.rotation or TokenRotation.ALWAYS, facts.reuse or Reuse.REVOKES
    if rotation is not None:
        kind, reuse = _NAMED[rotation]
    return TokenRules(
        kind,
        reuse,
        facts.grace or timedelta(0),
        entry.name in REVOKES_AFTER_GRACE and reuse is Reuse.GRACE,
        facts.idle,
        lifetime or facts.lifetime,
        facts.is_extended and lifetime is None,
        entry.authorization.code_lifetime or timedelta(minutes=10),
        entry.scope.refresh_token,
    )
