"""The intent of an exchange: it is recorded before the exchange begins, and then says how it ended."""

import secrets
from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from token_refresher.credential.document import Credential


class End(StrEnum):
    """How an exchange ended, as far as that is recorded."""

    OPEN = "open"
    """No end is recorded: the exchange is under way, or its process died."""

    UNANSWERED = "unanswered"
    """The request was sent and no answer came: the refresh token may be spent."""

    KEPT = "kept"
    """The tokens are stored, and were not current yet."""

    ROTATED = "rotated"
    """The tokens are current, and the refresh token that was presented is spent."""


def _random_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Base:
    """The tokens that a grant follows: those that were current when its exchange began.

    Attributes:
        presented: The fingerprint of the refresh token; empty before the first consent.
        refreshed_at: When the access token of the same document was issued.
    """

    presented: str
    refreshed_at: datetime | None

    @classmethod
    def of(cls, credential: Credential) -> Self:
        """Return the base of an exchange that begins now."""
        return cls(credential.fingerprint, credential.refreshed_at)


@dataclass(frozen=True)
class ExchangeIntent:
    """What is recorded before an exchange. If no end is recorded later, the next attempt searches for its tokens.

    Attributes:
        version_id: The version that was current when it began.
        base: The tokens that were current when it began.
        at: When it began.
        since: When the first exchange began of those that are still in doubt. Older tokens are not theirs.
        is_consent: Whether it is the code exchange of a consent, and not a refresh.
        attempt: A random ID, which tells two attempts of the same second apart.
        end: How it ended.
    """

    version_id: str
    base: Base
    at: datetime
    since: datetime
    is_consent: bool = False
    attempt: str = field(default_factory=_random_id)
    end: End = End.OPEN

    @classmethod
    def begin(
        cls, version_id: str, base: Base, now: datetime, before: "ExchangeIntent | None", *, is_consent: bool = False
    ) -> Self:
        """Return the intent of an exchange that begins now.

        Args:
            version_id: The current version.
            base: The current tokens.
            now: The time.
            before: The intent of the last exchange, if one is recorded.
            is_consent: Whether it is the code exchange of a consent, and not a refresh.
        """
        since = before.since if before is not None and not before.is_settled else now
        return cls(version_id, base, now, since, is_consent)

    @property
    def is_settled(self) -> bool:
        """Whether its tokens are current, so that recovery has nothing to search for."""
        return self.end is End.ROTATED

    def may_have_spent(self, presented: str) -> bool:
        """Tell whether it presented this refresh token and its end is in doubt; a code exchange presents none."""
        return not self.is_consent and not self.is_settled and self.base.presented == presented

    def ended(self, end: End) -> Self:
        """Return the intent with this end."""
        return replace(self, end=end)

    def settled_by(self, credential: Credential) -> Self | None:
        """Return the intent beside good tokens: as rotated, or ``None`` if no refresh token was spent."""
        return None if credential.fingerprint == self.base.presented else self.ended(End.ROTATED)

    def is_ended_by_consent(self, credential: Credential) -> bool:
        """Tell whether a document has the tokens of this consent, whose end is not recorded."""
        identity = credential.identity
        # Documents hold whole seconds.
        began_at = self.at.replace(microsecond=0)
        return self.is_consent and not self.is_settled and identity is not None and identity.consented_at >= began_at

    def as_another_left_it(self) -> Self:
        """Return the intent as a later exchange restores it, which brought no tokens.

        If it is an open consent, recovery searches for its tokens, but no attempt waits for it any more.
        """
        return self.ended(End.UNANSWERED) if self.is_consent and self.end is End.OPEN else self

    def may_be_under_way(self, now: datetime, lease: timedelta) -> bool:
        """Tell whether it may still run, or its tokens may not be visible yet: no other exchange begins meanwhile."""
        return self.end in {End.OPEN, End.KEPT} and now < self.at + lease

    def has_spent(self, credential: Credential, spent: Container[str], now: datetime, lease: timedelta) -> bool:
        """Tell whether a document that was just read holds a refresh token that has been replaced.

        Secrets Manager is eventually consistent: within the lease this is an old read, and no decision of an operator.
        """
        is_old = credential.fingerprint == self.base.presented or credential.fingerprint in spent
        return self.end is End.ROTATED and is_old and now < self.at + lease
