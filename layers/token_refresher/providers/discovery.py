"""Reads what an authorization server publishes about itself, once, when a credential is added.

Sources: RFC 8414; OpenID Connect Discovery 1.0, section 4
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from token_refresher.base.errors import ProviderError
from token_refresher.base.text import readable
from token_refresher.providers.addresses import check_address
from token_refresher.providers.catalogue.entry import AuthMethod
from token_refresher.providers.http import HttpClient

_NAMES: Final = ("oauth-authorization-server", "openid-configuration")
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint")
_UNSTATED: Final = (str(AuthMethod.BASIC),)
"""The methods of a server that names none (RFC 8414, section 2)."""

_LONGEST_SHOWN: Final = 200


@dataclass(eq=False)
class DiscoveryError(Exception):
    """An authorization server does not say what is needed.

    Attributes:
        address: The address that was asked, or the issuer.
        problem: What is wrong, as the rest of a sentence that starts with the address.
    """

    address: str
    problem: str

    def __str__(self) -> str:
        """Return one sentence."""
        return f"{self.address} {self.problem}"


@dataclass(frozen=True)
class ServerMetadata:
    """What an authorization server says about itself (RFC 8414, section 2).

    Attributes:
        authorization_endpoint: The address of the authorization endpoint.
        token_endpoint: The address of the token endpoint.
        auth_methods: The methods of client authentication at the token endpoint, as the server names them.
        scopes: The scopes, as far as the server names them.
        gives_refresh_tokens: Whether it names the grant type ``refresh_token``, or names none at all.
    """

    authorization_endpoint: str
    token_endpoint: str
    auth_methods: tuple[str, ...]
    scopes: tuple[str, ...]
    gives_refresh_tokens: bool


def discover(http: HttpClient, issuer: str, *, is_local: bool = False) -> ServerMetadata:
    """Ask an authorization server for its metadata.

    Args:
        http: The client for the calls. It follows no redirect.
        issuer: The issuer identifier, exactly as the server writes it.
        is_local: Whether addresses of this machine are allowed.

    Raises:
        DiscoveryError: The issuer is no public address, or nothing there says what is needed.
    """
    problem = check_address(issuer, is_local=is_local)
    if problem or urlsplit(issuer).query:
        raise DiscoveryError(issuer, problem or "has a query, which an issuer does not have")
    addresses = tuple(well_known(issuer))
    for address in addresses:
        found = _asked(http, address)
        if found is not None:
            return _read(found, address, issuer, is_local=is_local)
    raise DiscoveryError(issuer, f"publishes nothing about itself; asked were {', '.join(addresses)}")


def well_known(issuer: str) -> Iterator[str]:
    """Yield the addresses where an issuer may publish its metadata, in the order in which they are asked.

    RFC 8414, section 3.1, puts the well-known part before the path of the issuer; OpenID Connect Discovery 1.0,
    section 4.1, puts it after the path.
    """
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    base = f"{parts.scheme}://{parts.netloc}"
    yield from (f"{base}/.well-known/{name}{path}" for name in _NAMES)
    if path:
        yield f"{base}{path}/.well-known/{_NAMES[-1]}"


def _asked(http: HttpClient, address: str) -> Mapping[str, Any] | None:
    """Return the metadata at an address; ``None`` if there is nothing."""
    try:
        answer = http.get(address)
    except ProviderError:
        raise DiscoveryError(address, "does not answer") from None
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return None
    if answer.status != HTTPStatus.OK:
        raise DiscoveryError(address, f"answers with the HTTP status {answer.status}")
    found = answer.json_object()
    if found is None:
        raise DiscoveryError(address, "answers with something that is no JSON object")
    return found


def _read(found: Mapping[str, Any], address: str, issuer: str, *, is_local: bool) -> ServerMetadata:
    said = found.get("issuer")
    if said != issuer:
        # RFC 8414, section 3.3: otherwise one server could speak for another one.
        other = f"the issuer {readable(said)[:_LONGEST_SHOWN]}" if isinstance(said, str) else "no issuer"
        raise DiscoveryError(address, f"names {other}, and not {issuer}")
    for key in _ENDPOINTS:
        url = found.get(key)
        problem = check_address(url, is_local=is_local) if isinstance(url, str) else "is missing"
        if problem:
            raise DiscoveryError(address, f"cannot be used: {key} {problem}")
    grants = _texts(found, "grant_types_supported")
    return ServerMetadata(
        found["authorization_endpoint"],
        found["token_endpoint"],
        _texts(found, "token_endpoint_auth_methods_supported") or _UNSTATED,
        _texts(found, "scopes_supported"),
        not grants or "refresh_token" in grants,
    )


def _texts(found: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = found.get(key)
    return tuple(one for one in values if isinstance(one, str)) if isinstance(values, list) else ()
