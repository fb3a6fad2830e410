"""What the catalogue knows of the refresh tokens of a provider."""

from typing import Final

from token_refresher.providers.catalogue.builtin import builtin, builtin_names
from token_refresher.providers.catalogue.entry import RefreshTokenFacts

_UNKNOWN: Final = RefreshTokenFacts()


def refresh_token_facts(provider: str) -> RefreshTokenFacts:
    """Return the facts of a provider; of one that is not in the catalogue nothing is known here."""
    return builtin(provider).refresh_token if provider in builtin_names() else _UNKNOWN
