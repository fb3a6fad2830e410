"""Which addresses a provider may have: tokens and client secrets are sent there."""

import ipaddress
from urllib.parse import urlsplit

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain"})


def check_address(url: str, *, is_local: bool = False) -> str:
    """Return what is wrong with the address of an endpoint, as the rest of a sentence, or empty.

    A name may still lead into a private network. The connection is checked as well, before anything is sent
    (`Transport`).

    Args:
        url: The address.
        is_local: Whether addresses of this machine are allowed.
    """
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"https", "http"} or parts.username is not None or parts.fragment:
        return "is no address; write one such as https://example.com/oauth2/token"
    is_here = host in _LOCAL_NAMES or host.endswith(".localhost") or _is(host, "is_loopback")
    if is_here and is_local:
        return ""
    if parts.scheme != "https":
        return "must begin with https://; tokens are sent there"
    is_name_of_a_network = "." not in host and ":" not in host
    if is_here or is_name_of_a_network or is_private(host):
        return "points to a private network; tokens are sent to public addresses only"
    return ""


def is_private(host: str) -> bool:
    """Tell whether a text is an IP address that is not public. A name is none.

    Source: https://www.iana.org/assignments/iana-ipv4-special-registry/
    """
    return not _is(host, "is_global", unknown=True)


def _is(host: str, what: str, *, unknown: bool = False) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return unknown
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(getattr(mapped, what))
