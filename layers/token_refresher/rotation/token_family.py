"""Which refresh tokens a grant may replace, and which of two grants outranks the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.rotation.intent import Base


@dataclass(frozen=True)
class TokenFamily:
    """The refresh tokens that a grant supersedes.

    A refresh may replace the token that it presented, the older tokens of the same line, and the token that a rival got
    for it. An older token is in the document if an operator saves an old copy meanwhile; it is spent as well. A refresh
    may not replace a token that an operator or a consent put there meanwhile. A consent may replace every token.

    Attributes:
        fingerprints: The fingerprints of those refresh tokens; an empty one stands for a credential without a token.
        is_consent: Whether the grant is a consent.
    """

    fingerprints: frozenset[str]
    is_consent: bool = False

    @classmethod
    def of_refresh(cls, presented: str, known: Sequence[str] = ()) -> Self:
        """Return the family of a refresh.

        Args:
            presented: The fingerprint of the token that it presented.
            known: The fingerprints of the tokens that followed each other, as far as they are recorded.
        """
        before = known[: known.index(presented)] if presented in known else ()
        return cls(frozenset({presented, *before}))

    def may_replace(self, credential: Credential) -> bool:
        """Tell whether the refresh token in this document is one that the grant supersedes."""
        return self.is_consent or credential.fingerprint in self.fingerprints

    def over(self, credential: Credential) -> "TokenFamily":
        """Return the family with the refresh token of one more document, which the grant supersedes too."""
        return TokenFamily(self.fingerprints | {credential.fingerprint}, self.is_consent)


CONSENT: Final = TokenFamily(frozenset(), is_consent=True)
"""The family of a consent, which may replace every token."""


def family_of_rival(rival: Credential, base: Credential) -> TokenFamily:
    """Return the family of a version that another worker stored on top of a base."""
    return CONSENT if rival.consent_generation != base.consent_generation else TokenFamily.of_refresh(base.fingerprint)


def outranks(grant: Grant, family: TokenFamily, other: Grant, other_family: TokenFamily) -> bool:
    """Tell whether a grant outranks another: a consent outranks a refresh, else the one that was issued last wins."""
    if family.is_consent != other_family.is_consent:
        return family.is_consent
    return grant.issued_at > other.issued_at


def family_of_found(grant: Grant, base: Base, current: Credential, known: Sequence[str] = ()) -> TokenFamily | None:
    """Return the family of a grant that was left behind, or ``None`` if the current document stands.

    Args:
        grant: The grant that was found.
        base: The tokens that it follows.
        current: The current document.
        known: The fingerprints of the refresh tokens that followed each other.
    """
    if current.holds(grant):
        return None
    of_refresh = TokenFamily.of_refresh(base.presented, known)
    if of_refresh.may_replace(current):
        return of_refresh if grant.issued_at > current.newest_at else None
    # The current document has another refresh token. If its access token is new as well, a refresh brought both, and a
    # consent goes on top. If the access token is still the same, an operator put the refresh token there: it stands.
    of_a_refresh = current.refreshed_at != base.refreshed_at
    return CONSENT if of_a_refresh and _is_later_consent(grant, current) else None


def is_earlier_consent(grant: Grant, current: Credential) -> bool:
    """Tell whether a grant is a consent, and the current document has a later one, which stands."""
    if grant.identity is None or current.identity is None:
        return False
    return grant.identity.consented_at < current.identity.consented_at


def _is_later_consent(grant: Grant, current: Credential) -> bool:
    if grant.identity is None:
        return False
    return current.identity is None or grant.identity.consented_at > current.identity.consented_at
