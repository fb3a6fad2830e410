"""Gives each expiry warning once: of client secrets, and of refresh tokens that Microsoft does not replace."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.expiry import refresh_token_stage, secret_stage
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import CANNOT_NOTIFY
from token_refresher.credential.document import Credential
from token_refresher.registry.entry import RegistryEntry

_CLIENT_SECRET: Final = "client_secret:"
_REFRESH_TOKEN: Final = "refresh_token:"


@dataclass(frozen=True)
class ExpiryWarnings:
    """Gives each warning once. All credentials of an application share the warning of its client secret.

    A warning that cannot be published fails no refresh: the next attempt for the credential publishes it.
    """

    alerting: Alerting

    def give(self, entry: RegistryEntry, credential: Credential, *, works: bool = True) -> RegistryEntry:
        """Publish the warnings whose day has come, and return the entry that remembers them.

        Args:
            entry: The registry entry of the credential.
            credential: Its document.
            works: Whether the credential has just been refreshed, or is not due yet. The refresh token of a failing
                credential is old because of the failure, and not because Microsoft does not replace it.
        """
        of_token = self._of_refresh_token(entry, credential) if works else _given_before(entry, _REFRESH_TOKEN)
        return replace(entry, warned=tuple(filter(None, (self._of_secret(entry, credential), of_token))))

    def _of_secret(self, entry: RegistryEntry, credential: Credential) -> str:
        expires_at = credential.client_secret_expires_at
        days = secret_stage(expires_at, self.alerting.clock()) if expires_at else None
        if expires_at is None or days is None:
            return ""
        warning = f"{_CLIENT_SECRET}{to_rfc3339(expires_at)}:{days}"
        return _once(entry, warning, lambda: self.alerting.warn_of_secret(entry, warning, expires_at, days))

    def _of_refresh_token(self, entry: RegistryEntry, credential: Credential) -> str:
        issued_at, now = credential.refresh_token_issued_at, self.alerting.clock()
        days = refresh_token_stage(issued_at, now) if issued_at and credential.refresh_token else None
        if issued_at is None or days is None:
            return ""
        warning = f"{_REFRESH_TOKEN}{to_rfc3339(issued_at)}:{days}"
        return _once(entry, warning, lambda: self.alerting.warn_of_refresh_token(entry, issued_at, now - issued_at))


def _once(entry: RegistryEntry, warning: str, give: Callable[[], bool]) -> str:
    """Give a warning unless it was given before, and return the last warning of its kind that was given."""
    if warning in entry.warned:
        return warning
    with suppress(*CANNOT_NOTIFY):
        if give():
            return warning
    return _given_before(entry, warning[: warning.index(":") + 1])


def _given_before(entry: RegistryEntry, kind: str) -> str:
    return next((warning for warning in entry.warned if warning.startswith(kind)), "")
