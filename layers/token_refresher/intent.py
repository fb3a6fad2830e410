"""An exchange that was about to begin, and how it ended."""

import secrets
from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from token_refresher.credential import Credential


class End(StrEnum):
    """How an exchange ended, as far as anybody recorded it."""

    OPEN = "open"
    """Nobody did: it is under way, or whoever began it is gone."""

    UNANSWERED = "unanswered"
    """It was sent and no answer came: the refresh token may be spent."""

    KEPT = "kept"
    """Its tokens are stored, and were not current yet."""

    ROTATED = "rotated"
    """Its tokens are current, and the refresh token that was presented is spent."""


def _drawn() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Base:
    """The tokens that a grant is to follow: what was current when it was asked for.

    Attributes:
        presented: The fingerprint of the refresh token; empty before the first consent.
        refreshed_at: When the access token beside it was issued.
    """

    presented: str
    refreshed_at: datetime | None

    @classmethod
    def of(cls, credential: Credential) -> Self:
        """Return what a grant that is asked for now is to follow."""
        return cls(credential.fingerprint, credential.refreshed_at)


@dataclass(frozen=True)
class Intent:
    """What is recorded before an exchange: if its end never is, the next attempt looks for what it left.

    Attributes:
        version_id: The version it started from.
        base: The tokens it started from.
        at: When.
        since: When the first exchange began of those that are still in doubt; what is older is none of theirs.
        is_consent: Whether it is a person's, and not a refresh.
        attempt: Drawn at random, so that two attempts of the same second are not taken for one.
        end: How it ended.
    """

    version_id: str
    base: Base
    at: datetime
    since: datetime
    is_consent: bool = False
    attempt: str = field(default_factory=_drawn)
    end: End = End.OPEN

    @classmethod
    def begin(
        cls, version_id: str, base: Base, now: datetime, before: "Intent | None", *, is_consent: bool = False
    ) -> Self:
        """Return the intent of an exchange that begins now.

        Args:
            version_id: The version it starts from.
            base: The tokens it starts from.
            now: The time.
            before: What is on record of the exchange before it.
            is_consent: Whether it is a person's, and not a refresh.
        """
        since = before.since if before is not None and not before.is_settled else now
        return cls(version_id, base, now, since, is_consent)

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is left to look for."""
        return self.end is End.ROTATED

    def may_have_spent(self, presented: str) -> bool:
        """Tell whether it presented this refresh token and nobody knows what became of it; a code presents none."""
        return not self.is_consent and not self.is_settled and self.base.presented == presented

    def ended(self, end: End) -> Self:
        """Return the intent with its end."""
        return replace(self, end=end)

    def settled_by(self, credential: Credential) -> Self | None:
        """Return what is to be remembered of it beside good tokens: which refresh token it spent, if any."""
        return None if credential.fingerprint == self.base.presented else self.ended(End.ROTATED)

    def is_ended_by_consent(self, credential: Credential) -> bool:
        """Tell whether a document has the tokens of this exchange of a code, whose end is not on record."""
        identity = credential.identity
        # Documents hold whole seconds.
        began_at = self.at.replace(microsecond=0)
        return self.is_consent and not self.is_settled and identity is not None and identity.consented_at >= began_at

    def as_another_left_it(self) -> Self:
        """Return the intent as another exchange puts it back, which began after it and brought nothing.

        A code that was under way meanwhile has ended, or will: what it left is looked for, and nobody waits for it.
        """
        return self.ended(End.UNANSWERED) if self.is_consent and self.end is End.OPEN else self

    def may_be_under_way(self, now: datetime, lease: timedelta) -> bool:
        """Tell whether its tokens may exist already without being seen: until its lease is over, nobody else begins."""
        return self.end in {End.OPEN, End.KEPT} and now < self.at + lease

    def has_spent(self, credential: Credential, spent: Container[str], now: datetime, lease: timedelta) -> bool:
        """Tell whether a document that was just read holds a refresh token that was replaced by now.

        Secrets Manager is eventually consistent: so soon after, that is an old answer and not somebody's decision.
        """
        is_old = credential.fingerprint == self.base.presented or credential.fingerprint in spent
        return self.end is End.ROTATED and is_old and now < self.at + lease
