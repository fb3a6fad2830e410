"""The messages that people get: what is known, put into the phrases of each event."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher import phrases
from token_refresher.alert import Alert, Event
from token_refresher.clock import Clock, readable_time
from token_refresher.connect_link import ConnectLinks
from token_refresher.diagnosis import KEPT, Actor, Diagnosis
from token_refresher.grant import Identity
from token_refresher.incident import Incident
from token_refresher.registry_entry import RegistryEntry
from token_refresher.reservation import reservations

_REFRESH_TOKEN_LIFE: Final = timedelta(days=90)
"""Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime"""


@dataclass(frozen=True)
class Telling:
    """Which message of an incident this is.

    Attributes:
        since: When the incident began.
        told: The how-manyth message.
        generation: The consent generation that a link continues; ``None`` for no link.
        again: Whether it comes and goes.
    """

    since: datetime
    told: int = 1
    generation: str | None = None
    again: bool = False


@dataclass(frozen=True)
class Messages:
    """Writes alerts.

    Attributes:
        links: Makes the links to sign in.
        runbook_url: The address of the runbook; each event has an anchor of its name there.
        clock: What time it is.
    """

    links: ConnectLinks
    runbook_url: str
    clock: Clock

    def action_needed(self, event: Event, entry: RegistryEntry, diagnosis: Diagnosis, telling: Telling) -> Alert:
        """Write that a person has to act for one credential."""
        link = None
        if event is Event.RECONSENT_REQUIRED and telling.generation is not None:
            link = self.links.make(entry.name, telling.generation)
        return replace(self._of(event, entry, diagnosis, telling), connect_url=link)

    def account_not_reached(self, entry: RegistryEntry, diagnosis: Diagnosis, telling: Telling) -> Alert:
        """Write that a credential works, and that Microsoft Advertising does not let it into its account."""
        actor = diagnosis.actor
        event = Event.RECONSENT_REQUIRED if actor is Actor.USER else Event.OPERATOR_ACTION_REQUIRED
        return replace(
            self.action_needed(event, entry, diagnosis, telling),
            summary=phrases.account_summary(entry, actor),
            stopped=phrases.account_stopped(entry, actor),
            until=phrases.account_until(actor),
        )

    def account_reached(self, entry: RegistryEntry, since: datetime) -> Alert:
        """Write that Microsoft Advertising lets a credential into its account after all."""
        return self._works(Event.RECOVERED, entry, f"{entry.name} reaches {phrases.account(entry)}", since)

    def application_refused(
        self, entry: RegistryEntry, diagnosis: Diagnosis, incident: Incident, sharing: tuple[str, ...]
    ) -> Alert:
        """Write that the operator of an application has to act, for all its credentials at once.

        Args:
            entry: The credential that met it now.
            diagnosis: What is wrong.
            incident: With the credentials that it has stopped so far.
            sharing: All credentials of the application.
        """
        message = self._of(Event.OPERATOR_ACTION_REQUIRED, entry, diagnosis, Telling(incident.since, incident.told + 1))
        spared = tuple(name for name in sharing if name not in incident.affected)
        concerned = (*incident.affected, *spared)
        if phrases.works_beside(entry, diagnosis):
            others = tuple(name for name in concerned if name != entry.name)
            stopped = phrases.all_beside(entry.name, entry.client_id, others)
            return replace(message, stopped=stopped, credentials=concerned if others else ())
        if phrases.is_about_to_stop(entry, diagnosis):
            stopped = phrases.all_stopping(entry.name, entry.client_id, incident.affected, spared)
            since = message.since if set(incident.affected) - {entry.name} else None
            message = replace(message, stopped=stopped, since=since)
        else:
            message = replace(message, stopped=phrases.all_stopped(entry.client_id, incident.affected, spared))
        if len(concerned) == 1:
            return message
        count = f"up to {len(concerned)}" if spared else str(len(concerned))
        or_else = phrases.or_all_else(entry.name, count, entry.expires_at, message.at)
        return replace(
            message,
            summary=f"The operator has to act{or_else}.",
            until=f"{message.until} That is so for {entry.name}; the access of the others ends at other times.",
            credentials=concerned,
        )

    def at_risk(self, entry: RegistryEntry, diagnosis: Diagnosis, telling: Telling) -> Alert:
        """Write that a failure that passes by itself may outlast the token of one credential."""
        message = self._of(Event.REFRESH_AT_RISK, entry, diagnosis, telling)
        failing = f"{entry.name} could not be renewed for a while"
        if diagnosis.meaning == KEPT:
            failing = f"AWS does not store the new access of {entry.name}"
        return replace(
            message,
            summary=f"Nobody has to act yet: {failing}{phrases.unless_it_passes('it', entry.expires_at, message.at)}.",
            stopped=phrases.at_stake(f"the credential {entry.name}", entry.expires_at, message.at)
            + (phrases.COMES_AND_GOES if telling.again else ""),
        )

    def authority_down(self, entry: RegistryEntry, diagnosis: Diagnosis, incident: Incident) -> Alert:
        """Write that Microsoft's sign-in service has been down for so long that tokens are about to end."""
        telling = Telling(entry.failing_since or incident.since)
        message = self._of(Event.REFRESH_AT_RISK, entry, diagnosis, telling)
        return replace(
            message,
            summary="Nobody has to act yet: Microsoft's sign-in service fails for one credential after the other, or"
            f" cannot be reached{phrases.unless_it_passes(entry.name, entry.expires_at, message.at)}.",
            credentials=incident.affected,
            everything=True,
            stopped=phrases.at_stake(f"the credential {entry.name}", entry.expires_at, message.at)
            + " The same may come to the other credentials, one after another."
            + (phrases.COMES_AND_GOES if incident.again else ""),
        )

    def recovered(self, entry: RegistryEntry, since: datetime) -> Alert:
        """Write that one credential works again."""
        return self._works(Event.RECOVERED, entry, f"{entry.name} is renewed as it should be again", since)

    def all_recovered(self, entry: RegistryEntry, incident: Incident) -> Alert:
        """Write that an incident is over for all its credentials.

        One of them may have left it because something else is wrong with it, or because it is gone: nothing is said
        of each but that this is over.
        """
        message = self._good(
            Event.RECOVERED,
            entry,
            f"All clear: what was reported about {phrases.names(incident.members, 3)} is over, and nobody has to do"
            " anything about it.",
            incident.since,
        )
        return replace(
            message,
            credentials=incident.members,
            expires_at=None,
            until="They go on. If anything else is wrong, you get a message of its own.",
        )

    def connected(self, entry: RegistryEntry, identity: Identity, since: datetime | None) -> Alert:
        """Write that somebody consented; where an incident ended with it, since when it had lasted."""
        event, verb = (Event.CONNECTED, "connected") if since is None else (Event.RECOVERED, "reconnected")
        somebody = identity.username or "Somebody"
        what = f"{somebody} {verb} {entry.name}"
        return self._works(event, entry, what, since, f"{what}: pipelines can use it")

    def secret_expires(self, entry: RegistryEntry, expires_at: datetime, days: int, sharing: tuple[str, ...]) -> Alert:
        """Write that the client secret of an application is about to expire."""
        left = "within a day" if days <= 1 else f"within {days} days"
        which = entry.name if len(sharing) == 1 else f"{len(sharing)} credentials"
        message = self._warning(entry, expires_at)
        return replace(
            message,
            summary="The operator has to replace a client secret before"
            f" {readable_time(expires_at)}, or pipelines that use {which} stop.",
            stopped=f"{phrases.NOTHING_YET} The client secret of the application {entry.client_id}, which is its"
            f" password at Microsoft, expires {left}.",
            cause="Microsoft lets client secrets live for a limited time. The operator wrote the end of this one into"
            " client_secret_expires_at.",
            action="Create a new client secret in the app registration. In the secret of each credential named below,"
            " put its value into client_secret and its end into client_secret_expires_at. If the value is in place"
            " already, only client_secret_expires_at is left to correct. Nobody has to sign in.",
            code="client_secret_expires_at",
            credentials=sharing,
        )

    def refresh_token_old(self, entry: RegistryEntry, issued_at: datetime, age: timedelta) -> Alert:
        """Write that Microsoft has not replaced a refresh token for long."""
        dies_at = issued_at + _REFRESH_TOKEN_LIFE
        days = "a day" if age.days <= 1 else f"{age.days} days"
        return replace(
            self._warning(entry, dies_at),
            summary=f"Microsoft has not extended the sign-in of {entry.name} for {days}; if that goes on, pipelines"
            f" that use it stop at {readable_time(dies_at)}.",
            stopped=f"{phrases.NOTHING_YET} The sign-in of the credential {entry.name}, with which pipelines read"
            " Microsoft Advertising, ends if it is not extended.",
            cause="A sign-in lives on in a refresh token, which Microsoft replaces with each renewal as a rule. Its"
            " answers brought no new one since then, and one that is not replaced ends after 90 days.",
            action="See that scope in the secret has offline_access in it. If it has, let somebody sign in again before"
            " that day, and ask Microsoft's support why the refresh token is not replaced.",
            code="refresh_token_age",
            since=issued_at,
        )

    def _warning(self, entry: RegistryEntry, expires_at: datetime) -> Alert:
        at = self.clock()
        return Alert(
            Event.EXPIRY_WARNING,
            entry.name,
            summary="",
            cause="",
            action="",
            at=at,
            expires_at=expires_at,
            until=f"{phrases.moment_from(at, expires_at)}, if nobody acts.",
            who=phrases.OPERATOR,
            runbook_url=self._runbook(Event.EXPIRY_WARNING),
        )

    def _of(self, event: Event, entry: RegistryEntry, diagnosis: Diagnosis, telling: Telling) -> Alert:
        at = self.clock()
        return Alert(
            event,
            entry.name,
            summary=phrases.summary(entry, diagnosis, at),
            cause=diagnosis.cause,
            action=diagnosis.action,
            at=at,
            code=diagnosis.code,
            correlation_id=diagnosis.correlation_id,
            expires_at=entry.expires_at,
            stopped=phrases.stopped(entry, diagnosis),
            until=phrases.until(entry, diagnosis, at),
            who=phrases.who(entry, diagnosis.actor),
            # Another machine may have noted it, whose clock was ahead.
            since=min(telling.since, at),
            told=telling.told,
            help_url=diagnosis.help_url,
            runbook_url=self._runbook(event),
        )

    def _works(
        self, event: Event, entry: RegistryEntry, what: str, since: datetime | None, all_clear: str = ""
    ) -> Alert:
        """Write good news of one credential, with what is still not as it should be."""
        summary = f"{all_clear or f'All clear: {what}'}, and nobody has to do anything."
        message = self._good(event, entry, summary, since)
        found = reservations(entry, message.at)
        if not found:
            return message
        weightiest = found[0]
        return replace(
            message,
            summary=f"{what}, but {', and '.join(one.but for one in found)}.",
            stopped=weightiest.stopped,
            until=weightiest.until or message.until,
            who=weightiest.who,
        )

    def _good(self, event: Event, entry: RegistryEntry, summary: str, since: datetime | None) -> Alert:
        at = self.clock()
        ends_at = entry.expires_at
        until = "They go on: the access is renewed before it ends."
        if ends_at is not None and ends_at > at:
            until = f"They go on: the access lasts until {readable_time(ends_at)}, and is renewed before."
        return Alert(
            event,
            entry.name,
            summary,
            cause="",
            action="",
            at=at,
            expires_at=ends_at,
            stopped="Nothing." if since is None else "Nothing any more.",
            until=until,
            who=phrases.NOBODY,
            since=min(since, at) if since else None,
            runbook_url=self._runbook(event),
        )

    def _runbook(self, event: Event) -> str:
        return f"{self.runbook_url}#{event}"
