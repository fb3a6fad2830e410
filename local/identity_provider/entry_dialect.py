"""The dialect of an entry of the catalogue: what the entry says, and what only its comments say (`peculiarities`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.identity_provider import client_authentication, entry_identity, errors, peculiarities
from local.identity_provider.answers import as_json, expires_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from local.identity_provider.faults import Fault
    from local.identity_provider.records import App, Issued
    from local.identity_provider.token_request import TokenRequest
    from token_refresher.providers.catalogue.entry import ProviderEntry

_OAUTH_CODES = {
    errors.UNKNOWN_APP: errors.INVALID_CLIENT,
    errors.SECRET_FROM_PUBLIC_CLIENT: errors.INVALID_CLIENT,
    errors.OTHER_REPLY_ADDRESS: errors.INVALID_GRANT,
    errors.SCOPE_NOT_GRANTED: "invalid_scope",
}
"""The codes of RFC 6749, section 5.2, where Microsoft has another one."""

_DESCRIPTIONS = {
    errors.INVALID_GRANT: "The authorization grant is invalid, expired or revoked.",
    errors.INVALID_CLIENT: "The client authentication failed.",
}


@dataclass(frozen=True)
class EntryDialect:
    """See `Dialect`.

    Attributes:
        entry: The entry of the catalogue.
    """

    entry: ProviderEntry

    @property
    def repeats_scope(self) -> bool:
        """See `Dialect.repeats_scope`."""
        return False

    @property
    def provider(self) -> str:
        """The name of the entry."""
        return self.entry.name

    @property
    def ignores_pkce(self) -> bool:
        """See `Dialect.ignores_pkce`."""
        return not self.entry.authorization.code_challenge_method

    def scopes(self, text: str) -> tuple[str, ...]:
        """See `Dialect.scopes`."""
        return tuple(text.split(self.entry.scope.separator)) if text else ()

    def knows(self, scope: tuple[str, ...]) -> bool:
        """See `Dialect.knows`. Any scope is known here, if it has no space: then the separator was another one."""
        return all(one and not any(map(str.isspace, one)) for one in scope)

    def is_offline(self, sent: Mapping[str, str]) -> bool:
        """See `Dialect.is_offline`."""
        needed = peculiarities.offline_parameters(self.entry)
        return all(sent.get(name) == value for name, value in needed.items())

    def authenticate(self, sent: TokenRequest, app: App, now: datetime) -> None:
        """See `Dialect.authenticate`."""
        if self.ignores_pkce and sent.optional("code_verifier"):
            # As LinkedIn does: the entry's source PKCE1.
            raise errors.RefusedError(errors.CLIENT_REFUSED)
        client_authentication.authenticate(sent, app, self.entry.token.auth_methods, now)

    def error(self, error: errors.RefusedError, now: datetime) -> tuple[str, str]:  # noqa: ARG002 - The port's.
        """See `Dialect.error`."""
        code = _OAUTH_CODES.get(error.refusal, error.refusal.error)
        return code, _DESCRIPTIONS.get(code, f"The request was refused: {code}.")

    def refused(self, error: errors.RefusedError, now: datetime) -> Response:
        """See `Dialect.refused`."""
        status, body = peculiarities.error_answer(self.entry, *self.error(error, now))
        return as_json(body, status)

    def granted(self, issued: Issued, issuer_host: str, fault: Fault | None) -> Response:
        """See `Dialect.granted`."""
        body: dict[str, Any] = {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": expires_in(issued),
            "scope": peculiarities.scope_of_answer(self.entry, issued.scope),
        }
        if issued.refresh_token:
            body["refresh_token"] = issued.refresh_token
        body |= self._refresh_token_lifetime(issued)
        return as_json(body | entry_identity.members(self.entry, issued, issuer_host, fault))

    def _refresh_token_lifetime(self, issued: Issued) -> dict[str, int]:
        """Return the seconds that the refresh token still lives, if it has an end that use does not move.

        Google says them only if access was granted for a limited time.
        """
        member, rules = self.entry.refresh_token.lifetime_member, issued.app.rules
        if not member or rules.lifetime is None or issued.refresh_token_ends_at is None:
            return {}
        return {member: (issued.refresh_token_ends_at - issued.issued_at) // timedelta(seconds=1)}
