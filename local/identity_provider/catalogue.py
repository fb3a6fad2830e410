"""The entries of the catalogue that this server behaves like, and an entry's text with this server's addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

from local.identity_provider.records import App
from token_refresher.providers.catalogue.builtin import builtin, builtin_names, builtin_text
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry

LOCAL = "local-"
"""Begins the name of an entry with this server's addresses: an entry of one's own may not have a builtin name."""

_UNSTATED = timedelta(hours=1)
_ADDRESS = re.compile(r"^(?P<key>authorization_endpoint|token_endpoint|url) = .*$", re.MULTILINE)


@cache
def served() -> frozenset[str]:
    """Return the names of the entries that have addresses of their own here. Microsoft's keep Microsoft's."""
    return frozenset(name for name in builtin_names() if builtin(name).dialect is not Dialect.MICROSOFT)


def entry_of(name: str) -> ProviderEntry:
    """Return a served entry.

    Raises:
        KeyError: There is none of this name.
    """
    if name not in served():
        raise KeyError(name)
    return builtin(name)


def app_defaults(name: str) -> App:
    """Return the settings of an app at a provider of the catalogue, if its registration leaves them out."""
    entry = entry_of(name)
    return App(
        client_id="",
        redirect_uris=(),
        provider=name,
        rotation=None,
        access_token_lifetime=entry.access_token_lifetime or _UNSTATED,
        refresh_token_lifetime=None,
    )


def at_this_machine(name: str, origin: str) -> str:
    """Return the text of an entry with its addresses at this server, for the stack parameter ``ProvidersPath``.

    Args:
        name: The name of an entry of the catalogue that has addresses.
        origin: The scheme, the host and the port of this server.
    """
    entry, base = builtin(name), origin.rstrip("/")
    if entry.dialect is Dialect.MICROSOFT:
        ours = entry.at(base)
        addresses = (ours.authorization.authorization_endpoint, ours.token.token_endpoint)
    else:
        addresses = (f"{base}/{name}/authorize", f"{base}/{name}/token")
    moved = dict(zip(("authorization_endpoint", "token_endpoint"), addresses, strict=True))
    head, _, sources = builtin_text(name).partition("[sources.")
    moved["url"] = f"{base}/{name}/access-check"
    return _ADDRESS.sub(lambda found: f'{found["key"]} = "{moved[found["key"]]}"', head) + f"[sources.{sources}"
