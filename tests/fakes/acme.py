"""A provider that is invented: whatever is said of it in Microsoft's words is said of the wrong one."""

import re
from dataclasses import replace
from typing import Final

from tests.fakes.world import AUTHORITY_URL, World
from token_refresher.base.words import Words
from token_refresher.providers.microsoft.provider import microsoft_entry

ACME: Final = Words("Acme", "Acme Ads", "Acme's sign-in service")

AS_MICROSOFT: Final = replace(microsoft_entry(AUTHORITY_URL), name="acme", words=ACME)
"""A provider that answers with Microsoft's codes, so that every situation of Microsoft's can be played with it."""

_OF_ANOTHER: Final = re.compile(r"Microsoft|Entra\b|AADSTS|msads|\btenant\b|offline_access|\{[a-z_]*\}?")
"""What no text for another provider has: Microsoft's names, the words of its portal, and places without their word."""


class AcmeWorld(World):
    """A world whose credentials are all of this provider."""

    provider_entry = AS_MICROSOFT


def of_another(text: str) -> list[str]:
    """Return what a text says that is true at Microsoft only."""
    return _OF_ANOTHER.findall(text)
