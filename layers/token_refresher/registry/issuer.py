"""Who issues the tokens of a credential, as far as incidents and messages need it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from token_refresher.base.words import MICROSOFT, Words
from token_refresher.credential.default_provider import DEFAULT_PROVIDER

if TYPE_CHECKING:
    # Dispatch reads entries, and must not load what speaks HTTP.
    from token_refresher.providers.provider import Provider


@dataclass(frozen=True)
class Issuer:
    """The provider of a credential.

    Attributes:
        provider: The name in the catalogue.
        authority: What fails for all its credentials or for none; empty for the stack's own authority.
        words: How texts name it.
    """

    provider: str = DEFAULT_PROVIDER
    authority: str = ""
    words: Words = MICROSOFT

    @classmethod
    def of(cls, provider: "Provider") -> Self:
        """Return the issuer of a provider."""
        if provider.entry.name == DEFAULT_PROVIDER:
            return cls()
        return cls(provider.entry.name, provider.authority, provider.words)


THE_DEFAULT: Final = Issuer()
"""The issuer of a document that names no provider."""
