"""The claims challenge: what the next sign-in has to prove to Microsoft, such as a second factor.

Microsoft sends it with the refusal of a refresh, and the next authorization request must repeat it. Without it the
person would sign in as always, and Microsoft would refuse that sign-in as well.

Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
"""

import json
import re
from typing import Any, Final

_LONGEST: Final = 2000
"""A challenge becomes part of a URL, which browsers and proxies limit. Microsoft's have about 150 characters."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""A GUID, a name, or a number as a text. A token is longer."""


def claims_challenge(sent: object) -> str:
    """Return the claims challenge of an error answer unchanged, or empty if there is none.

    The challenge is stored and becomes part of a URL. So only a JSON object of objects, lists, numbers and short words
    is accepted.

    Args:
        sent: The member ``claims`` of the answer, a text of JSON.
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
