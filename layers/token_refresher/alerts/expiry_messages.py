"""Warnings of a client secret or a refresh token that is about to end, and of a refresh token that is not replaced."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from token_refresher.alerts import wording
from token_refresher.alerts.alert import Alert
from token_refresher.base.clock import readable_time
from token_refresher.base.words import capital
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event


@dataclass(frozen=True)
class ExpiryMessages:
    """Writes the warnings.

    Attributes:
        runbook_url: The address of the part of the runbook about them.
        at: The current time.
    """

    runbook_url: str
    at: datetime

    def secret_expires(self, entry: RegistryEntry, expires_at: datetime, days: int, sharing: tuple[str, ...]) -> Alert:
        """Return the warning that the client secret of an application is about to expire."""
        left, which = _left(days), _which(entry, sharing)
        words, message = entry.issuer.words, self._warning(entry, expires_at)
        where = "in the app registration" if words.is_microsoft else f"at {words.provider}"
        return replace(
            message,
            summary="The operator has to replace a client secret before"
            f" {readable_time(expires_at)}, or pipelines that use {which} stop.",
            stopped=f"{wording.NOTHING_YET} The client secret of the application {entry.client_id}, which is its"
            f" password at {words.provider}, expires {left}.",
            cause=words.said("{provider} lets client secrets live for a limited time. The operator wrote the end of")
            + " this one into client_secret_expires_at.",
            action=f"Create a new client secret {where}. In the secret of each credential named below,"
            " put its value into client_secret and its end into client_secret_expires_at. If the new value is there"
            " already, correct client_secret_expires_at only. Nobody has to sign in.",
            code="client_secret_expires_at",
            credentials=sharing,
        )

    def certificate_expires(
        self, entry: RegistryEntry, expires_at: datetime, days: int, sharing: tuple[str, ...]
    ) -> Alert:
        """Return the warning that the certificate of an application is about to expire."""
        left, which = _left(days), _which(entry, sharing)
        return replace(
            self._warning(entry, expires_at),
            summary=f"The operator has to replace a certificate before {readable_time(expires_at)}, or pipelines that"
            f" use {which} stop.",
            stopped=f"{wording.NOTHING_YET} The certificate of the application {entry.client_id}, by which"
            f" {entry.issuer.words.provider} knows it, expires {left}.",
            cause="A certificate is valid until the day that is written in it.",
            action="Make a new certificate, and add it to the app registration beside the old one. Then put it into"
            " certificate in the secret of each credential named below, with its private key. Nobody has to sign in.",
            code="certificate_expires",
            credentials=sharing,
        )

    def refresh_token_old(self, entry: RegistryEntry, issued_at: datetime, age: timedelta, idle: timedelta) -> Alert:
        """Return the warning that the provider has not replaced a refresh token for a long time."""
        ends_at = issued_at + idle
        days, words = ("a day" if age.days <= 1 else f"{age.days} days"), entry.issuer.words
        scope = "offline_access" if words.is_microsoft else f"what makes {words.provider} issue a refresh token"
        return replace(
            self._warning(entry, ends_at),
            summary=f"{capital(words.provider)} has not extended the sign-in of {entry.name} for {days}; if that goes"
            f" on, pipelines that use it stop at {readable_time(ends_at)}.",
            stopped=f"{wording.NOTHING_YET} The sign-in of the credential {entry.name}, with which pipelines read"
            f" {words.product}, ends if it is not extended.",
            cause=words.said(
                "A refresh token keeps a sign-in alive. {provider} normally replaces it with each renewal."
            )
            + " It has sent no new one since then, and a refresh token that is not replaced ends after"
            f" {idle.days} days.",
            action=f"Check that scope in the secret contains {scope}. If it does, ask a person to sign in again before"
            f" that day, and ask {words.provider}'s support why the refresh token is not replaced.",
            code="refresh_token_age",
            since=issued_at,
        )

    def sign_in_ends(self, entry: RegistryEntry, ends_at: datetime, days: int) -> Alert:
        """Return the warning that a refresh token is about to end, however often it is used."""
        words, left = entry.issuer.words, _left(days)
        known = entry.identity.username if entry.identity else ""
        person = f"{known}, who signed in last time, or another person" if known else "A person"
        return replace(
            self._warning(entry, ends_at),
            summary=f"{known or 'A person'} has to sign in to {words.provider} again before {readable_time(ends_at)},"
            f" or pipelines that use {entry.name} stop.",
            stopped=f"{wording.NOTHING_YET} The sign-in of the credential {entry.name}, with which pipelines read"
            f" {words.product}, ends {left}.",
            cause=f"{capital(words.provider)} lets a sign-in live for a limited time,"
            " and a renewal does not extend it.",
            action="Open the link, press the button and sign in. Pipelines go on meanwhile. A link works for some days:"
            " the operator can make a new one at any time.",
            code="refresh_token_expires_at",
            who=f"{person} with the same access. If that is not you, pass it on.",
        )

    def _warning(self, entry: RegistryEntry, expires_at: datetime) -> Alert:
        return Alert(
            Event.EXPIRY_WARNING,
            entry.name,
            summary="",
            cause="",
            action="",
            at=self.at,
            expires_at=expires_at,
            until=f"{wording.moment_from(self.at, expires_at)}, if nobody acts.",
            who=wording.OPERATOR,
            runbook_url=self.runbook_url,
            words=entry.issuer.words,
        )


def _left(days: int) -> str:
    return "within a day" if days <= 1 else f"within {days} days"


def _which(entry: RegistryEntry, sharing: tuple[str, ...]) -> str:
    return entry.name if len(sharing) == 1 else f"{len(sharing)} credentials"
