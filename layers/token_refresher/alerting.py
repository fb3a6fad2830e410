"""Whom to tell what, and when: once per incident, reminded on a ladder, and told when it is over."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alert import AlertTopic, Event
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.diagnosis import FIRST_CONSENT, Actor, Concern, Diagnosis
from token_refresher.errors import CANNOT_TELL
from token_refresher.grant import Identity
from token_refresher.incident import Incident
from token_refresher.messages import Messages, Telling
from token_refresher.open_alert import AGAIN, OpenAlert
from token_refresher.registry import Registry
from token_refresher.registry_entry import RegistryEntry
from token_refresher.reminders import Reminders
from token_refresher.shared_alerting import SharedAlerting
from token_refresher.status import Status

_AT_RISK: Final = "at_risk"


def event_for(diagnosis: Diagnosis) -> Event:
    """Return the event that tells the actor of a diagnosis."""
    return Event.RECONSENT_REQUIRED if diagnosis.actor is Actor.USER else Event.OPERATOR_ACTION_REQUIRED


def application_incident(client_id: str, condition: str) -> str:
    """Return the id of the incident of an application."""
    return f"application#{client_id}#{condition}"


def _trouble_over(before: RegistryEntry, after: RegistryEntry) -> datetime | None:
    """Return since when people knew of trouble with the account, if that is over."""
    goes_on = after.account is not None and after.account.is_in_trouble
    return None if goes_on or before.account is None else before.account.told_at


@dataclass(frozen=True)
class Alerting:
    """Publishes what people have to know about one credential, and records in its entry that they do.

    An alert is published before it is recorded as sent: after an unclean end it may come twice, and is never lost.
    """

    topic: AlertTopic
    messages: Messages
    shared: SharedAlerting
    registry: Registry
    reminders: Reminders
    authority: str
    clock: Clock

    def tell(self, entry: RegistryEntry, diagnosis: Diagnosis, credential: Credential | None) -> RegistryEntry:
        """Ask for a person, once per incident and reminder.

        Args:
            entry: The entry, with the diagnosis in it.
            diagnosis: What is wrong.
            credential: The document; ``None`` where it cannot be read.

        Returns:
            The entry as it is to be saved.
        """
        event, condition = event_for(diagnosis), diagnosis.condition
        generation = credential.consent_generation if credential else None
        if diagnosis.concerns is Concern.APPLICATION and entry.client_id:
            alert = self._of_application(entry, diagnosis, condition, generation)
        else:
            alert = self._of_credential(entry, diagnosis, event, condition, generation)
        if entry.alert is not None and entry.alert.incident != alert.incident:
            # It was told what is wrong now; that something else may be over is told by those that were part of it.
            with suppress(*CANNOT_TELL):
                self._leave(entry, works=False)
        return entry.alerted(replace(alert, beside=entry.status is Status.HEALTHY))

    def _of_credential(
        self, entry: RegistryEntry, diagnosis: Diagnosis, event: Event, condition: str, generation: str | None
    ) -> OpenAlert:
        now, known = self.clock(), entry.alert
        is_worse = known is not None and known.beside and entry.status is not Status.HEALTHY
        if known is None or known.incident or is_worse or not known.is_about(event, condition, generation):
            alert = OpenAlert(event, condition, now, entry.failing_since or now, generation=generation)
        elif now < self.reminders.next_at(known.at, known.told):
            return known
        else:
            alert = replace(known, at=now, told=known.told + 1)
        telling = Telling(alert.since, alert.told, generation)
        self.topic.publish(self.messages.action_needed(event, entry, diagnosis, telling))
        return alert

    def _of_application(
        self, entry: RegistryEntry, diagnosis: Diagnosis, condition: str, generation: str | None
    ) -> OpenAlert:
        event = Event.OPERATOR_ACTION_REQUIRED
        incident = self.shared.join(
            application_incident(entry.client_id, condition),
            event,
            entry.name,
            lambda incident: self.messages.application_refused(entry, diagnosis, incident, self._sharing(entry)),
        )
        return self._part_of(incident, condition, generation)

    def _part_of(self, incident: Incident, condition: str, generation: str | None = None) -> OpenAlert:
        at = incident.told_at or self.clock()
        return OpenAlert(incident.event, condition, at, incident.since, incident.told, generation, incident.id)

    def _sharing(self, entry: RegistryEntry) -> tuple[str, ...]:
        # The index may not know the one in hand yet.
        return tuple(sorted({entry.name, *self.registry.of_application(entry.client_id)}))

    def remind_at(self, entry: RegistryEntry) -> datetime:
        """Return when people are to be told again of what an entry says that they know."""
        if entry.alert is None:
            return self.reminders.next_at(self.clock(), 1)
        return self.reminders.next_at(entry.alert.at, entry.alert.told)

    def warn_of_risk(self, entry: RegistryEntry, diagnosis: Diagnosis, *, is_down: bool) -> RegistryEntry:
        """Warn, once, that a failure that passes by itself may outlast the access token.

        Args:
            entry: The entry, with the diagnosis in it.
            diagnosis: What fails.
            is_down: Whether the authority fails for one credential after the other. While people know that it does, or
                did a while ago, a failure of that kind is counted as the same.
        """
        if entry.alert is not None and not entry.alert.beside:
            return entry  # People know that it does not work; that it works even less is no news.
        incident_id = f"authority#{self.authority}"
        if is_down or (diagnosis.outage and self.shared.is_recent(incident_id)):
            incident = self.shared.join(
                incident_id,
                Event.REFRESH_AT_RISK,
                entry.name,
                lambda incident: self.messages.authority_down(entry, diagnosis, incident),
                reminded=False,
            )
            # Whoever is about to tell it for all may yet fail: the next look joins again.
            alert = replace(self._part_of(incident, _AT_RISK), again=incident.again)
            return entry.alerted(alert) if incident.told else entry
        now = self.clock()
        since, over_at = entry.failing_since or now, entry.risk_over_at
        again = over_at is not None and now < over_at + AGAIN
        self.topic.publish(self.messages.at_risk(entry, diagnosis, Telling(since, again=again)))
        return entry.alerted(OpenAlert(Event.REFRESH_AT_RISK, _AT_RISK, now, since, again=again))

    def tell_over(self, before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
        """Tell people that an incident is over, if they knew of one; return the entry as it is to be saved."""
        alert, now = before.alert, self.clock()
        if alert is None or after.alert is not None:
            return after
        if not alert.is_over(now):
            return after.alerted(alert.calming(now))
        if alert.incident:
            self._leave(before, works=True)
        elif alert.condition == FIRST_CONSENT and after.identity is not None:
            # The consent could not be told when it was given.
            self.topic.publish(self.messages.connected(after, after.identity, None))
        else:
            self.topic.publish(self.messages.recovered(after, alert.since))
        return replace(after, risk_over_at=now) if alert.event is Event.REFRESH_AT_RISK else after

    def tell_connected(self, before: RegistryEntry, after: RegistryEntry, identity: Identity) -> None:
        """Tell people that somebody consented: ``recovered`` after an incident, ``connected`` otherwise."""
        known = before.alert
        was_connected = before.identity is not None or before.refreshed_at is not None
        is_first = not was_connected or (known is not None and known.condition == FIRST_CONSENT)
        ended = known is not None and not is_first and not known.incident
        since = known.since if known and ended else _trouble_over(before, after)
        self.topic.publish(self.messages.connected(after, identity, since))
        if known is not None and known.incident:
            self._leave(before, works=True)

    def tell_of_account(
        self, entry: RegistryEntry, diagnosis: Diagnosis, credential: Credential, since: datetime
    ) -> None:
        """Ask for a person to see to the account, which stops no refresh and has no part in what does.

        Args:
            entry: The entry, with what is known of the account.
            diagnosis: Why the account is not reached.
            credential: What is current: a link that is made now continues its consent.
            since: When people were first told.
        """
        telling = Telling(since, generation=credential.consent_generation)
        self.topic.publish(self.messages.account_not_reached(entry, diagnosis, telling))

    def tell_account_reached(self, before: RegistryEntry, after: RegistryEntry) -> None:
        """Tell people that the account is reached, if they knew that it was not."""
        since = _trouble_over(before, after)
        if since is not None:
            self.topic.publish(self.messages.account_reached(after, since))

    def warn_of_secret(self, entry: RegistryEntry, warning: str, expires_at: datetime, days: int) -> bool:
        """Warn that the client secret of an application is about to expire, once for all its credentials.

        Args:
            entry: Of the credential that says so.
            warning: The name of this warning.
            expires_at: When the client secret expires.
            days: Within how many days that is.

        Returns:
            Whether people know.
        """
        return self.shared.tell_once(
            application_incident(entry.client_id, warning),
            Event.EXPIRY_WARNING,
            entry.name,
            lambda: self.messages.secret_expires(entry, expires_at, days, self._sharing(entry)),
        )

    def warn_of_refresh_token(self, entry: RegistryEntry, issued_at: datetime, age: timedelta) -> bool:
        """Warn that a refresh token is not replaced; return that people know."""
        self.topic.publish(self.messages.refresh_token_old(entry, issued_at, age))
        return True

    def forget(self, entry: RegistryEntry) -> None:
        """Take a credential that is gone out of the incident that it was part of."""
        self._leave(entry, works=False)

    def _leave(self, entry: RegistryEntry, *, works: bool) -> None:
        if entry.alert is None or not entry.alert.incident:
            return
        self.shared.leave(
            entry.alert, entry.name, lambda incident: self.messages.all_recovered(entry, incident), works=works
        )
