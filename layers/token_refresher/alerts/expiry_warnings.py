"""Gives each expiry warning once: of client secrets, certificates, and refresh tokens."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.expiry import stage, unreplaced_stage
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import CANNOT_NOTIFY, MalformedCredentialError
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.providers.catalogue.entry import RefreshTokenFacts, TokenRotation
from token_refresher.providers.client_assertion import certificate_of
from token_refresher.registry.entry import RegistryEntry

_CLIENT_SECRET: Final = "client_secret:"
_CERTIFICATE: Final = "certificate:"
_REFRESH_TOKEN: Final = "refresh_token:"
_REFRESH_TOKEN_END: Final = "refresh_token_end:"

_SIGN_IN_AWAITED: Final = frozenset({Status.AWAITING_CONSENT, Status.NEEDS_CONSENT})
"""The statuses in which people have a message already that somebody has to sign in."""


@dataclass(frozen=True)
class ExpiryWarnings:
    """Gives each warning once. All credentials of an application share the warning of its client secret.

    A warning that cannot be published fails no refresh: the next attempt for the credential publishes it.
    """

    alerting: Alerting

    def give(
        self, entry: RegistryEntry, credential: Credential, facts: RefreshTokenFacts, *, works: bool = True
    ) -> RegistryEntry:
        """Publish the warnings whose day has come, and return the entry that remembers them.

        Args:
            entry: The registry entry of the credential.
            credential: Its document.
            facts: What the catalogue knows of the refresh tokens of its provider.
            works: Whether the credential has just been refreshed, or is not due yet. The refresh token of a failing
                credential is old because of the failure, and not because the provider does not replace it.
        """
        given = (
            self._of_secret(entry, credential),
            self._of_certificate(entry, credential),
            self._of_age(entry, credential, facts) if works else _given_before(entry, _REFRESH_TOKEN),
            self._of_end(entry, credential),
        )
        return replace(entry, warned=tuple(filter(None, given)))

    def _of_secret(self, entry: RegistryEntry, credential: Credential) -> str:
        expires_at = credential.client_secret_expires_at
        days = stage(expires_at, self.alerting.clock()) if expires_at else None
        if expires_at is None or days is None:
            return ""
        warning = f"{_CLIENT_SECRET}{to_rfc3339(expires_at)}:{days}"
        return _once(entry, warning, lambda: self.alerting.warn_of_secret(entry, warning, expires_at, days))

    def _of_certificate(self, entry: RegistryEntry, credential: Credential) -> str:
        """Warn of the end of the certificate that the provider knows a private key by."""
        if credential.certificate is None:
            return ""
        try:
            expires_at = certificate_of(credential.certificate).not_valid_after_utc
        except MalformedCredentialError:
            return ""  # The next exchange says so.
        days = stage(expires_at, self.alerting.clock())
        if days is None:
            return ""
        warning = f"{_CERTIFICATE}{to_rfc3339(expires_at)}:{days}"
        return _once(entry, warning, lambda: self.alerting.warn_of_certificate(entry, warning, expires_at, days))

    def _of_age(self, entry: RegistryEntry, credential: Credential, facts: RefreshTokenFacts) -> str:
        """Warn of a refresh token that each refresh should replace, and none does."""
        issued_at, idle, now = credential.refresh_token_issued_at, facts.idle, self.alerting.clock()
        if issued_at is None or idle is None or not credential.refresh_token:
            return ""
        days = unreplaced_stage(issued_at, now, idle) if facts.rotation is TokenRotation.ALWAYS else None
        if days is None:
            return ""
        warning = f"{_REFRESH_TOKEN}{to_rfc3339(issued_at)}:{days}"
        return _once(
            entry, warning, lambda: self.alerting.warn_of_unreplaced_token(entry, issued_at, now - issued_at, idle)
        )

    def _of_end(self, entry: RegistryEntry, credential: Credential) -> str:
        """Warn of the end of a refresh token that no refresh moves."""
        ends_at = credential.refresh_token_expires_at if credential.refresh_token else None
        days = stage(ends_at, self.alerting.clock()) if ends_at else None
        if ends_at is None or days is None:
            return ""
        if entry.status in _SIGN_IN_AWAITED:
            return _given_before(entry, _REFRESH_TOKEN_END)
        warning = f"{_REFRESH_TOKEN_END}{to_rfc3339(ends_at)}:{days}"
        generation = credential.consent_generation
        return _once(entry, warning, lambda: self.alerting.warn_of_sign_in_end(entry, ends_at, days, generation))


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
