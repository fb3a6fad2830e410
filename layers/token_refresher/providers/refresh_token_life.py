"""When a refresh token ends: by a date that no refresh moves, or because nobody uses it. Pure arithmetic."""

from datetime import datetime, timedelta
from typing import Final

from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.providers.catalogue.entry import RefreshTokenFacts, TokenRotation

_SAME: Final = timedelta(hours=1)
"""Answers count seconds from their own beginning: a date that is so close to the known one is the same date."""


def fixed_end(facts: RefreshTokenFacts, grant: Grant, before: Credential | None) -> datetime | None:
    """Return the end of the refresh token that no refresh moves; ``None`` if nothing new is known of it.

    The answer counts more than the document, and the document more than the catalogue: an operator may have written the
    end of a refresh token that was imported.

    Args:
        facts: What the catalogue knows of the provider's refresh tokens.
        grant: The answer; its end is the one that the answer names.
        before: The document that the refresh token was taken from; ``None`` for a new consent.
    """
    known = before.refresh_token_expires_at if before else None
    answered = grant.refresh_token_expires_at
    if answered is not None and _answers_name_the_fixed_end(facts):
        return None if known is not None and abs(answered - known) < _SAME else answered
    if facts.lifetime is None or facts.is_extended or known is not None:
        return None
    consented_at = grant.issued_at if before is None else before.identity and before.identity.consented_at
    return consented_at + facts.lifetime if consented_at else None


def _answers_name_the_fixed_end(facts: RefreshTokenFacts) -> bool:
    """Tell whether the member of an answer counts to a fixed end.

    It does not if each refresh moves it, or if the token has an idle end as well: then the member counts to that one.
    """
    if facts.lifetime is None:
        return facts.rotation is TokenRotation.NEVER
    return not facts.is_extended and facts.idle is None


def idle_end(facts: RefreshTokenFacts, issued_at: datetime | None, refreshed_at: datetime | None) -> datetime | None:
    """Return when a refresh token ends if it is not used any more; ``None`` if that is not known.

    Args:
        facts: What the catalogue knows of the provider's refresh tokens.
        issued_at: When the refresh token was issued.
        refreshed_at: When it was used last.
    """
    if issued_at is None:
        return None
    # If each use should replace a token, one that is still there counts as unused since it was issued.
    used_at = issued_at if facts.rotation is TokenRotation.ALWAYS else max(issued_at, refreshed_at or issued_at)
    ends = [used_at + facts.idle] if facts.idle else []
    ends += [issued_at + facts.lifetime] if facts.lifetime and facts.is_extended else []
    return min(ends, default=None)
