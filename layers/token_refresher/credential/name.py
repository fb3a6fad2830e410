"""Valid names of credentials: a name is the end of a secret's name, and the path of a connect link."""

import re
from typing import Final

_SIGN_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9/_+=.@-]")
"""Secrets Manager accepts ASCII letters, digits and these signs.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

_DOT_SEGMENTS: Final = frozenset({".", ".."})

CHOOSE_ANOTHER: Final = "Choose another name, such as acme or clients/acme."
"""The last sentence of every fault: what to do."""


def can_be_of_a_secret(name: str) -> bool:
    """Tell whether Secrets Manager accepts the name. A secret may have a name that `fault_of_name` rejects."""
    return bool(name) and not _SIGN_NOT_ALLOWED.search(name)


def fault_of_name(name: str) -> str:
    """Say why a credential of this name cannot work, and what to choose. Empty if the name is valid.

    A connect link has the path ``/connect/{name}``. Before a browser sends a path, it removes the segments ``.`` and
    ``..`` (RFC 3986, section 5.2.4; https://url.spec.whatwg.org/#path-state, which also removes ``%2e``), so that the
    link would open another page. Proxies between the browser and the function merge or drop empty segments.

    A name may end with a hyphen and six characters. Only a search by a partial ARN takes these for the suffix that
    Secrets Manager adds, and the package always searches by name.

    Args:
        name: The name without the prefix. Its length is not checked.
    """
    if not name:
        return f"The name is empty: there is nothing behind the prefix. {CHOOSE_ANOTHER}"
    if _SIGN_NOT_ALLOWED.search(name):
        return f"A name may hold letters without accents, digits, and the signs / _ + = . @ - alone. {CHOOSE_ANOTHER}"
    segments = name.split("/")
    if "" in segments:
        return f"A name may have slashes between its parts, and not at an end or one behind another. {CHOOSE_ANOTHER}"
    dots = next((segment for segment in segments if segment in _DOT_SEGMENTS), None)
    if dots is not None:
        return f"A part of a name may not be {dots} alone: a browser takes it out of the connect link. {CHOOSE_ANOTHER}"
    return ""
