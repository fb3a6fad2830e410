"""Which refresh tokens a grant may replace, and which of two grants stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from token_refresher.credential import Credential
from token_refresher.grant import Grant
from token_refresher.intent import Base


@dataclass(frozen=True)
class Lineage:
    """The refresh tokens that a grant supersedes.

    A refresh may replace the token that it presented, those that this one followed, and what a rival made of it before.
    An older one is there if somebody saves a copy from before meanwhile; it is spent as well. It may not replace a
    token that an operator or a consent put there meanwhile. A consent replaces any.

    Attributes:
        fingerprints: Of those refresh tokens; an empty one stands for a credential without any.
        is_consent: Whether it is a person's consent, which outranks whatever is there.
    """

    fingerprints: frozenset[str]
    is_consent: bool = False

    @classmethod
    def of_refresh(cls, presented: str, known: Sequence[str] = ()) -> Self:
        """Return the lineage of a refresh.

        Args:
            presented: The fingerprint of the token that it presented.
            known: Those of the tokens that followed each other, as far as they are remembered.
        """
        before = known[: known.index(presented)] if presented in known else ()
        return cls(frozenset({presented, *before}))

    def may_replace(self, credential: Credential) -> bool:
        """Tell whether the refresh token in this document is one that the grant supersedes."""
        return self.is_consent or credential.fingerprint in self.fingerprints

    def over(self, credential: Credential) -> "Lineage":
        """Return the lineage with the refresh token of one more document, which the grant supersedes."""
        return Lineage(self.fingerprints | {credential.fingerprint}, self.is_consent)


CONSENT: Final = Lineage(frozenset(), is_consent=True)
"""A consent outranks whatever is there."""


def lineage_of_rival(rival: Credential, base: Credential) -> Lineage:
    """Return the lineage of a version that somebody else stored on top of a base."""
    return CONSENT if rival.consent_generation != base.consent_generation else Lineage.of_refresh(base.fingerprint)


def outranks(grant: Grant, lineage: Lineage, other: Grant, others: Lineage) -> bool:
    """Tell whether a grant stands against another: a consent against a refresh, else the one that was issued last."""
    if lineage.is_consent != others.is_consent:
        return lineage.is_consent
    return grant.issued_at > other.issued_at


def lineage_of_found(grant: Grant, base: Base, current: Credential, known: Sequence[str] = ()) -> Lineage | None:
    """Return the lineage of a grant that an unclean end left behind, or ``None`` where something newer is current.

    Args:
        grant: What was found.
        base: The tokens that it was to follow.
        current: What is current now.
        known: The fingerprints of the refresh tokens that followed each other.
    """
    if current.holds(grant):
        return None
    of_refresh = Lineage.of_refresh(base.presented, known)
    if of_refresh.may_replace(current):
        return of_refresh if grant.issued_at > current.newest_at else None
    # Another refresh token is there. If a refresh brought it, it was issued beside a new access token, and a consent
    # goes on top of it. If the access token is still the same, an operator put the refresh token there, and it stands.
    of_a_refresh = current.refreshed_at != base.refreshed_at
    return CONSENT if of_a_refresh and _is_later_consent(grant, current) else None


def is_earlier_consent(grant: Grant, current: Credential) -> bool:
    """Tell whether somebody has consented since the consent that a grant is: theirs stands."""
    if grant.identity is None or current.identity is None:
        return False
    return grant.identity.consented_at < current.identity.consented_at


def _is_later_consent(grant: Grant, current: Credential) -> bool:
    if grant.identity is None:
        return False
    return current.identity is None or grant.identity.consented_at > current.identity.consented_at
