"""The words for a provider in texts that people read."""

from dataclasses import dataclass
from typing import Final


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

    def said(self, text: str) -> str:
        """Return a text with the words in the places ``{provider}``, ``{product}`` and ``{sign_in_service}``."""
        if "{" not in text:
            return text
        for place, words in (
            ("{provider}", self.provider),
            ("{product}", self.product),
            ("{sign_in_service}", self.sign_in_service),
        ):
            text = text.replace(place, words)
        return text


MICROSOFT: Final = Words("Microsoft", "Microsoft Advertising", "Microsoft's sign-in service")
"""The words for the provider of a document that names none."""
