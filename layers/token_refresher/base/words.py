"""The words for a provider in texts that people read."""

import re
from dataclasses import dataclass
from typing import Final

_PLACE: Final = re.compile(r"(^|\. )?\{(provider|product|sign_in_service|use)\}")
"""A place for a word, and whether a sentence begins with it."""


def capital(text: str) -> str:
    """Return a text with a capital letter at its beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Words:
    """How texts name a provider.

    Attributes:
        provider: The organization, such as ``Google``.
        product: What pipelines read with the token, such as ``Google Ads``.
        sign_in_service: Who issues the tokens, such as ``Google's sign-in service``.
    """

    provider: str
    product: str
    sign_in_service: str

    @property
    def is_microsoft(self) -> bool:
        """Whether the tokens are Microsoft's, so that its codes and its portal are meant."""
        return self.provider == MICROSOFT.provider

    @property
    def has_advertising_accounts(self) -> bool:
        """Whether pipelines read advertising accounts, whoever issues the tokens."""
        return self.product == MICROSOFT.product

    @property
    def has_product(self) -> bool:
        """Whether the product has a name."""
        return self.product != NAMELESS.product

    @property
    def use(self) -> str:
        """What a person must be allowed to do, as the end of a sentence."""
        return "read the advertising account" if self.has_advertising_accounts else f"use {self.product}"

    def said(self, text: str) -> str:
        """Return a text with the words in ``{provider}``, ``{product}``, ``{sign_in_service}`` and ``{use}``."""
        return _PLACE.sub(self._word, text) if "{" in text else text

    def _word(self, found: re.Match[str]) -> str:
        word: str = getattr(self, found[2])
        return word if found[1] is None else found[1] + capital(word)


MICROSOFT: Final = Words("Microsoft", "Microsoft Advertising", "Microsoft's sign-in service")
"""The words for the provider of a document that names none."""

NAMELESS: Final = Words("the provider", "the API", "the provider's sign-in service")
"""The words if it is not known who the provider is."""
