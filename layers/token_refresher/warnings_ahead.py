"""Warnings of what is going to end: the client secret of an application, a refresh token that is never replaced."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from token_refresher.alerting import Alerting
from token_refresher.clock import to_rfc3339
from token_refresher.credential import Credential
from token_refresher.errors import CANNOT_TELL
from token_refresher.expiry import refresh_token_stage, secret_stage
from token_refresher.registry_entry import RegistryEntry

_CLIENT_SECRET: Final = "client_secret:"
_REFRESH_TOKEN: Final = "refresh_token:"


@dataclass(frozen=True)
class WarningsAhead:
    """Gives each warning once: that of a client secret once for all credentials of its application.

    A warning is no reason to do a refresh again. One that could not be given is given at the next look.
    """

    alerting: Alerting

    def give(self, entry: RegistryEntry, credential: Credential, *, works: bool = True) -> RegistryEntry:
        """Give the warnings whose day has come, and return the entry that remembers them.

        Args:
            entry: What is known.
            credential: The document.
            works: Whether it has just been refreshed, or need not be yet. The refresh token of one that fails is old
                because of that, and not because Microsoft does not replace it.
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
    """Give a warning unless it was given, and return the one that people know."""
    if warning in entry.warned:
        return warning
    with suppress(*CANNOT_TELL):
        if give():
            return warning
    return _given_before(entry, warning[: warning.index(":") + 1])


def _given_before(entry: RegistryEntry, kind: str) -> str:
    return next((warning for warning in entry.warned if warning.startswith(kind)), "")
