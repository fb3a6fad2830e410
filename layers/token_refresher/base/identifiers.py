"""The normal form of each identifier that other parties issue.

Two texts have the same normal form if their issuer treats them as equal. All other identifiers, such as a state, a
nonce, the name of a secret or an ARN, are compared character by character. The table, with the source of each rule, is
in docs/decisions/0045-equal-means-what-the-issuer-calls-equal.md.
"""

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_BEARER: Final = "Bearer"
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
"""Zero-width characters and the byte order mark: copying a value from a page or a file may add them."""
_AROUND: Final = re.compile(rf"^[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+$")


def trimmed(text: str) -> str:
    """Return a value without the space around it: no identifier and no token begins or ends with a space."""
    ends = text[:1] + text[-1:]
    # The pattern looks at every character, and a token has thousands. Most texts have nothing around them.
    return text if _AROUND.sub("", ends) == ends else _AROUND.sub("", text)


def guid(text: str) -> str:
    """Return a GUID in lower case, as Microsoft writes it, and any other text unchanged.

    Source: RFC 9562, section 4: software writes the digits in lower case, and reads both cases.
    """
    return text.lower() if _GUID.fullmatch(text) else text


def client_id(text: str) -> str:
    """Return the normal form of a client id: a GUID at Microsoft, opaque elsewhere (RFC 6749, section 2.2)."""
    return guid(text)


def client_ids(text: str) -> tuple[str, ...]:
    """Return the forms of a client id that may be stored, the normal form first.

    Earlier versions stored the text of the secret, where a GUID may be in upper case.
    """
    own = client_id(text)
    return tuple(dict.fromkeys((own, own.upper()))) if _GUID.fullmatch(own) else (own,)


def tenant(text: str) -> str:
    """Return the normal form of a tenant: a GUID, a domain (RFC 4343) or a word of Microsoft's, all without case."""
    return text.lower()


def number(text: str) -> str:
    """Return the normal form of the id of an account or a customer: a ``long``, so that leading zeros mean nothing.

    Source: https://learn.microsoft.com/advertising/customer-management-service/advertiseraccount
    """
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


def scopes(text: str) -> frozenset[str]:
    """Return the scopes of a list as a set, to compare them: order and repetition mean nothing (RFC 6749, section 3.3).

    In the RFC, scopes are case-sensitive. Microsoft's answers may change the case, and its libraries ignore it.

    Source: `ScopeSet` of AzureAD/microsoft-authentication-library-for-js, `ScopeHelper` of -for-dotnet
    """
    return frozenset(text.lower().split())


def token_type(text: str) -> str:
    """Return the normal form of a token type: it has no case (RFC 6749, section 5.1), and pipelines send it."""
    return _BEARER if text.lower() == _BEARER.lower() else text


def url(text: str) -> str:
    """Return a service's URL with scheme and host in lower case, without a default port or a trailing slash.

    Do not use it for a redirect URI, which is compared character by character (RFC 6749, section 3.1.2.3).

    Raises:
        ValueError: The text is no URL.

    Source: RFC 3986, sections 6.2.2.1 and 6.2.3
    """
    parts = urlsplit(text)
    scheme, port = parts.scheme.lower(), parts.port
    user, at, host = parts.netloc.rpartition("@")
    host = host.lower()
    if port is None or port == _DEFAULT_PORTS.get(scheme):
        host = re.sub(r":[0-9]*$", "", host)
    return urlunsplit((scheme, f"{user}{at}{host}", parts.path.rstrip("/"), parts.query, parts.fragment))
