"""The claims challenge: what Microsoft wants the next sign-in to prove, such as a second factor.

It comes with the refusal of a refresh, and goes along with the next authorize request. Without it the person would sign
in as always, and the new sign-in would be refused like the old one.

Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
"""

import json
import re
from typing import Any, Final

_LONGEST: Final = 2000
"""It becomes a part of a URL, which browsers and proxies cut at some length; Microsoft's have about 150 characters."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""A GUID, a name, a number as text. A token is longer."""


def claims_challenge(sent: object) -> str:
    """Return the challenge that an error answer holds, as it was sent; empty where it holds none.

    It is recorded and becomes a part of a URL, so nothing passes but what a challenge is made of: a JSON object of
    objects, lists, numbers and short words.

    Args:
        sent: The member ``claims`` of the answer: a text that holds JSON.
    """
    if not isinstance(sent, str) or len(sent) > _LONGEST:
        return ""
    try:
        claims = json.loads(sent)
    except (ValueError, RecursionError):
        return ""
    return sent if isinstance(claims, dict) and claims and _is_plain(claims) else ""


def _is_plain(value: Any) -> bool:
    match value:
        case dict():
            return all(_is_plain(part) for pair in value.items() for part in pair)
        case list():
            return all(map(_is_plain, value))
        case str():
            return _WORD.fullmatch(value) is not None
        case _:
            return True
