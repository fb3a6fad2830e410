"""The port to what each provider does in a way of its own, and the dialects of this server."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from local.identity_provider import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from local.identity_provider.errors import RefusedError
    from local.identity_provider.faults import Fault
    from local.identity_provider.records import App, Issued
    from local.identity_provider.token_request import TokenRequest


class Dialect(Protocol):
    """The ways of one provider."""

    @property
    def provider(self) -> str:
        """The entry of the catalogue; empty for Microsoft. An app is known only at its own provider."""
        ...

    @property
    def ignores_pkce(self) -> bool:
        """Whether an authorize request with a code challenge is like one without."""
        ...

    @property
    def repeats_scope(self) -> bool:
        """Whether a refresh must have a scope."""
        ...

    def scopes(self, text: str) -> tuple[str, ...]:
        """Return the scopes of a request."""
        ...

    def knows(self, scope: tuple[str, ...]) -> bool:
        """Return whether the scopes of an authorize request exist."""
        ...

    def is_offline(self, sent: Mapping[str, str]) -> bool:
        """Return whether an authorize request has the parameters that a refresh token needs."""
        ...

    def authenticate(self, sent: TokenRequest, app: App, now: datetime) -> None:
        """Check that a token request comes from the app.

        Raises:
            RefusedError: It does not, or it proves it in a way that the provider does not accept.
        """
        ...

    def error(self, error: RefusedError, now: datetime) -> tuple[str, str]:
        """Return the code and the description of an error that is redirected to the app."""
        ...

    def refused(self, error: RefusedError, now: datetime) -> Response:
        """Return the answer to a token request that is refused."""
        ...

    def granted(self, issued: Issued, issuer_host: str, fault: Fault | None) -> Response:
        """Return the answer with the tokens; a fault may change the ID token."""
        ...


@cache
def dialect_of(provider: str) -> Dialect:
    """Return the dialect of an entry of the catalogue; Microsoft's for an empty name.

    Raises:
        KeyError: There is no such entry, or it is Microsoft's, which has Microsoft's addresses.
    """
    # Each of them needs most of this package, and this module needs none of it.
    from local.identity_provider.entry_dialect import EntryDialect  # noqa: PLC0415
    from local.identity_provider.microsoft_dialect import MicrosoftDialect  # noqa: PLC0415

    return EntryDialect(catalogue.entry_of(provider)) if provider else MicrosoftDialect()
