"""The addresses of an authorization server, from what it publishes about itself (RFC 8414)."""

from collections.abc import Mapping
from typing import Final

from token_refresher.credential.scopes import OFFLINE_ACCESS
from token_refresher.providers.catalogue.entry import AuthMethod
from token_refresher.providers.discovery import DiscoveryError, ServerMetadata, discover
from token_refresher.providers.http import HttpClient
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import note, progress
from token_refresher_cli.values.fields import ISSUER

_BY_HAND: Final = "give --authorization-endpoint and --token-endpoint instead"


def discovered(http: HttpClient, given: Mapping[str, str], *, is_public: bool, is_local: bool) -> dict[str, str]:
    """Return the values with the addresses of the issuer in place of it; an address that is given counts before.

    Args:
        http: The client for the calls.
        given: The values.
        is_public: Whether the application has no client secret.
        is_local: Whether addresses of this machine are allowed.

    Raises:
        CommandError: There is no such issuer, or it has no address or method that can be used.
    """
    values = dict(given)
    issuer = values.pop(ISSUER, "").strip()
    if not issuer:
        return values
    try:
        with progress(f"Asking {issuer} for its addresses"):
            found = discover(http, issuer, is_local=is_local)
    except DiscoveryError as error:
        raise bad_input(
            f"{error}.",
            f"Give --issuer exactly as the documentation of the provider writes it, or {_BY_HAND}.",
        ) from None
    _say_what_is_missing(found, values)
    return {
        "authorization_endpoint": found.authorization_endpoint,
        "token_endpoint": found.token_endpoint,
        "token_endpoint_auth_method": _method(found, issuer, is_public=is_public),
        **values,
    }


def _method(found: ServerMetadata, issuer: str, *, is_public: bool) -> str:
    """Return how the application proves who it is: with a choice, by HTTP Basic (RFC 6749, section 2.3.1)."""
    wanted = (AuthMethod.NONE,) if is_public else (AuthMethod.BASIC, AuthMethod.POST)
    for method in wanted:
        if method in found.auth_methods:
            return str(method)
    raise _no_method(found, issuer, is_public=is_public)


def _no_method(found: ServerMetadata, issuer: str, *, is_public: bool) -> CommandError:
    has = ", ".join(found.auth_methods)
    if is_public:
        return bad_input(
            f"{issuer} takes no application without a client secret; it takes {has}.", "Leave out --public-client."
        )
    step = "For an app without a client secret, add --public-client. " if AuthMethod.NONE in found.auth_methods else ""
    return bad_input(
        f"{issuer} takes no client secret; it takes {has}.",
        f"{step}Otherwise {_BY_HAND}, with --token-endpoint-auth-method.",
    )


def _say_what_is_missing(found: ServerMetadata, values: Mapping[str, str]) -> None:
    """Say what may keep the server from issuing a refresh token. It may issue one all the same."""
    if not found.gives_refresh_tokens:
        note("The server does not name refresh_token among its grant types: it may issue no refresh token.")
    if OFFLINE_ACCESS in found.scopes and OFFLINE_ACCESS not in values.get("scope", OFFLINE_ACCESS).split():
        often = "which often is what brings a refresh token"
        note(f"The server has a scope {OFFLINE_ACCESS}, {often}, and --scope lacks it.")
