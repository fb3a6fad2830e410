"""The messages that people get: one method for each kind, which puts the facts into phrases."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from token_refresher.alerts import wording
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.caveats import caveats_of
from token_refresher.alerts.expiry_messages import ExpiryMessages
from token_refresher.alerts.incident import Incident
from token_refresher.alerts.notification import Notification
from token_refresher.base.clock import Clock, readable_time
from token_refresher.base.text import names
from token_refresher.credential.identity import Identity
from token_refresher.diagnosis.diagnosis import KEPT, Actor, Diagnosis
from token_refresher.invites.links import ConnectLinks
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import Event


@dataclass(frozen=True)
class Messages:
    """Writes alerts.

    Attributes:
        links: Makes the links to sign in.
        runbook_url: The address of the runbook; each event has an anchor of its name there.
        clock: Returns the current time.
    """

    links: ConnectLinks
    runbook_url: str
    clock: Clock

    def action_needed(
        self, event: Event, entry: RegistryEntry, diagnosis: Diagnosis, notification: Notification
    ) -> Alert:
        """Write that a person has to act for one credential."""
        link = None
        if event is Event.RECONSENT_REQUIRED and notification.generation is not None:
            link = self.links.make(entry.name, notification.generation)
        return replace(self._of(event, entry, diagnosis, notification), connect_url=link)

    def account_not_reached(self, entry: RegistryEntry, diagnosis: Diagnosis, notification: Notification) -> Alert:
        """Write that a credential is renewed, but the product refuses it for its account."""
        actor = diagnosis.actor
        event = Event.RECONSENT_REQUIRED if actor is Actor.USER else Event.OPERATOR_ACTION_REQUIRED
        return replace(
            self.action_needed(event, entry, diagnosis, notification),
            summary=wording.account_summary(entry, actor),
            stopped=wording.account_stopped(entry, actor),
            until=wording.account_until(actor),
        )

    def account_reached(self, entry: RegistryEntry, since: datetime) -> Alert:
        """Write that the product no longer refuses a credential for its account."""
        return self._works(Event.RECOVERED, entry, f"{entry.name} reaches {wording.account(entry)}", since)

    def application_refused(
        self, entry: RegistryEntry, diagnosis: Diagnosis, incident: Incident, sharing: tuple[str, ...]
    ) -> Alert:
        """Write that the operator of an application has to act, once for all its credentials.

        Args:
            entry: The credential that was refused now.
            diagnosis: What is wrong.
            incident: The incident, with the credentials that it has stopped so far.
            sharing: All credentials of the application.
        """
        message = self._of(
            Event.OPERATOR_ACTION_REQUIRED, entry, diagnosis, Notification(incident.since, incident.notifications + 1)
        )
        spared = tuple(name for name in sharing if name not in incident.affected)
        concerned = (*incident.affected, *spared)
        if wording.works_beside(entry, diagnosis):
            others = tuple(name for name in concerned if name != entry.name)
            stopped = wording.all_beside(entry, others)
            return replace(message, stopped=stopped, credentials=concerned if others else ())
        if wording.is_about_to_stop(entry, diagnosis):
            stopped = wording.all_stopping(entry, incident.affected, spared)
            since = message.since if set(incident.affected) - {entry.name} else None
            message = replace(message, stopped=stopped, since=since)
        else:
            message = replace(message, stopped=wording.all_stopped(entry, incident.affected, spared))
        if len(concerned) == 1:
            return message
        count = f"up to {len(concerned)}" if spared else str(len(concerned))
        or_else = wording.or_all_else(entry.name, count, entry.expires_at, message.at)
        return replace(
            message,
            summary=f"The operator has to act{or_else}.",
            until=f"{message.until} This is about {entry.name}; the access of the others ends at other times.",
            credentials=concerned,
        )

    def at_risk(self, entry: RegistryEntry, diagnosis: Diagnosis, notification: Notification) -> Alert:
        """Write that a temporary failure may outlast the access token of one credential."""
        message = self._of(Event.REFRESH_AT_RISK, entry, diagnosis, notification)
        failing = f"{entry.name} could not be renewed for a while"
        if diagnosis.meaning == KEPT:
            failing = f"AWS does not store the new access of {entry.name}"
        return replace(
            message,
            summary=f"Nobody has to act yet: {failing}{wording.unless_it_passes('it', entry.expires_at, message.at)}.",
            stopped=wording.at_stake(entry, message.at) + (wording.COMES_AND_GOES if notification.again else ""),
        )

    def authority_down(self, entry: RegistryEntry, diagnosis: Diagnosis, incident: Incident) -> Alert:
        """Write that a provider's sign-in service has been down for so long that tokens are about to end."""
        notification, words = Notification(entry.failing_since or incident.since), entry.issuer.words
        message = self._of(Event.REFRESH_AT_RISK, entry, diagnosis, notification)
        return replace(
            message,
            summary=f"Nobody has to act yet: {words.sign_in_service} fails for one credential after the other, or"
            f" cannot be reached{wording.unless_it_passes(entry.name, entry.expires_at, message.at)}.",
            credentials=incident.affected,
            everything=True,
            stopped=wording.at_stake(entry, message.at)
            + " The other credentials may follow, one after another."
            + (wording.COMES_AND_GOES if incident.again else ""),
        )

    def fails_for_all(self, entry: RegistryEntry, diagnosis: Diagnosis, incident: Incident) -> Alert:
        """Write that a temporary failure has lasted, once for all credentials that it has stopped."""
        notification = Notification(incident.since, incident.notifications + 1)
        message = self._of(Event.OPERATOR_ACTION_REQUIRED, entry, diagnosis, notification)
        several = len(incident.affected) > 1
        since = wording.unless_it_passes(entry.name, entry.expires_at, message.at)
        message = replace(
            message,
            summary=f"The operator has to act: {wording.what_fails(entry, diagnosis)} for an hour or more{since}.",
            credentials=incident.affected,
            everything=several,
        )
        if not several:
            return message
        return replace(
            message,
            stopped=wording.all_failing(entry, incident.affected),
            until=f"{message.until} This is about {entry.name}; the access of the others ends at other times.",
        )

    def refused_by_aws(self, entry: RegistryEntry, diagnosis: Diagnosis, incident: Incident) -> Alert:
        """Write that AWS refuses a call, once for all credentials that were refused."""
        message = self._of(
            Event.OPERATOR_ACTION_REQUIRED, entry, diagnosis, Notification(incident.since, incident.notifications + 1)
        )
        message = replace(message, credentials=incident.affected)
        if wording.works_beside(entry, diagnosis):
            summary = f"The operator has to act so that {entry.name} shows its status; pipelines are not affected."
            return replace(message, summary=summary)
        if entry.expires_at is None:
            message = replace(message, until="Not known: the secret cannot be read.")
        if len(incident.affected) == 1:
            return message
        return replace(
            message,
            stopped=wording.all_failing(entry, incident.affected),
            until=f"{message.until} This is about {entry.name}; the access of the others ends at other times.",
        )

    def recovered(self, entry: RegistryEntry, since: datetime) -> Alert:
        """Write that one credential works again."""
        return self._works(Event.RECOVERED, entry, f"{entry.name} is renewed again", since)

    def all_recovered(self, entry: RegistryEntry, incident: Incident) -> Alert:
        """Write that an incident is over for all its credentials.

        It does not say that each of them works: one may have another problem by now, or may have been deleted.
        """
        message = self._good(
            Event.RECOVERED,
            entry,
            f"All clear: the problem reported for {names(incident.members, 3)} is over, and nobody has to do anything"
            " about it.",
            incident.since,
        )
        return replace(
            message,
            credentials=incident.members,
            expires_at=None,
            until="They go on. If anything else is wrong, you get another message.",
        )

    def connected(self, entry: RegistryEntry, identity: Identity, since: datetime | None) -> Alert:
        """Write that a person has signed in; ``since`` is when the incident began that this ends, if there was one."""
        event, verb = (Event.CONNECTED, "connected") if since is None else (Event.RECOVERED, "reconnected")
        what = f"{identity.username or 'A person'} {verb} {entry.name}"
        return self._works(event, entry, what, since, f"{what}: pipelines can use it")

    def secret_expires(self, entry: RegistryEntry, expires_at: datetime, days: int, sharing: tuple[str, ...]) -> Alert:
        """Write that the client secret of an application is about to expire."""
        return self._expiry.secret_expires(entry, expires_at, days, sharing)

    def certificate_expires(
        self, entry: RegistryEntry, expires_at: datetime, days: int, sharing: tuple[str, ...]
    ) -> Alert:
        """Write that the certificate of an application is about to expire."""
        return self._expiry.certificate_expires(entry, expires_at, days, sharing)

    def refresh_token_old(self, entry: RegistryEntry, issued_at: datetime, age: timedelta, idle: timedelta) -> Alert:
        """Write that the provider has not replaced a refresh token for long."""
        return self._expiry.refresh_token_old(entry, issued_at, age, idle)

    def sign_in_ends(self, entry: RegistryEntry, ends_at: datetime, days: int, generation: str) -> Alert:
        """Write that a sign-in is about to end whatever one does, with the link to sign in before."""
        link = self.links.make(entry.name, generation)
        return replace(self._expiry.sign_in_ends(entry, ends_at, days), connect_url=link)

    @property
    def _expiry(self) -> ExpiryMessages:
        return ExpiryMessages(self._runbook(Event.EXPIRY_WARNING), self.clock())

    def _of(self, event: Event, entry: RegistryEntry, diagnosis: Diagnosis, notification: Notification) -> Alert:
        at = self.clock()
        return Alert(
            event,
            entry.name,
            summary=wording.summary(entry, diagnosis, at),
            cause=diagnosis.cause,
            action=diagnosis.action,
            at=at,
            code=diagnosis.code,
            correlation_id=diagnosis.correlation_id,
            expires_at=entry.expires_at,
            stopped=wording.stopped(entry, diagnosis),
            until=wording.until(entry, diagnosis, at),
            who=wording.who(entry, diagnosis.actor),
            # Another machine, whose clock was ahead, may have recorded it.
            since=min(notification.since, at),
            notifications=notification.notifications,
            help_url=diagnosis.help_url,
            runbook_url=self._runbook(event),
            words=entry.issuer.words,
        )

    def _works(
        self, event: Event, entry: RegistryEntry, what: str, since: datetime | None, all_clear: str = ""
    ) -> Alert:
        """Write good news of one credential, with its caveats."""
        summary = f"{all_clear or f'All clear: {what}'}, and nobody has to do anything."
        message = self._good(event, entry, summary, since)
        caveats = caveats_of(entry, message.at)
        if not caveats:
            return message
        first = caveats[0]
        return replace(
            message,
            summary=f"{what}, but {', and '.join(caveat.but for caveat in caveats)}.",
            stopped=first.stopped,
            until=first.until or message.until,
            who=first.who,
        )

    def _good(self, event: Event, entry: RegistryEntry, summary: str, since: datetime | None) -> Alert:
        at = self.clock()
        ends_at = entry.expires_at
        until = "They go on: the access is renewed before it ends."
        if ends_at is not None and ends_at > at:
            until = f"They go on: the access lasts until {readable_time(ends_at)}, and is renewed before then."
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
            who=wording.NOBODY,
            since=min(since, at) if since else None,
            runbook_url=self._runbook(event),
            words=entry.issuer.words,
        )

    def _runbook(self, event: Event) -> str:
        return f"{self.runbook_url}#{event}"
