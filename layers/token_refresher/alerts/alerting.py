"""Decides which alert people get, and when: once per incident, then reminders, then once that it is over."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from token_refresher.alerts.alert import Alert, AlertTopic
from token_refresher.alerts.notification import Notification
from token_refresher.alerts.reminders import Reminders
from token_refresher.base import identifiers
from token_refresher.base.clock import Clock
from token_refresher.base.errors import CANNOT_NOTIFY
from token_refresher.credential.document import Credential
from token_refresher.credential.identity import Identity
from token_refresher.credential.status import Status
from token_refresher.diagnosis.aws_refusal import SHARED
from token_refresher.diagnosis.diagnosis import FIRST_CONSENT, LASTING, Actor, Concern, Diagnosis
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.open_alert import AGAIN, Event, OpenAlert
from token_refresher.registry.registry import Registry

if TYPE_CHECKING:
    # An ordinary refresh writes no message and shares no incident, so it must not load them.
    from token_refresher.alerts.incident import Incident
    from token_refresher.alerts.messages import Messages
    from token_refresher.alerts.shared import SharedAlerting

_AT_RISK: Final = "at_risk"
_OF_AWS: Final = "aws"

_MORE_MEMBERS_AFTER: Final = timedelta(hours=1)
"""After so long people are notified again if AWS has refused calls for more credentials. If the whole stack lacks a
right, all credentials have been refused by then. If not, another person may have to act for the new ones.
"""


def event_for(diagnosis: Diagnosis) -> Event:
    """Return the event that notifies the actor of a diagnosis."""
    return Event.RECONSENT_REQUIRED if diagnosis.actor is Actor.USER else Event.OPERATOR_ACTION_REQUIRED


def application_incident(client_id: str, condition: str) -> str:
    """Return the id of an incident that concerns all credentials of an application."""
    return f"application#{identifiers.client_id(client_id)}#{condition}"


def _account_trouble_over(before: RegistryEntry, after: RegistryEntry) -> datetime | None:
    """Return when people were notified of trouble with the account, if that trouble is over now."""
    goes_on = after.account is not None and after.account.is_in_trouble
    return None if goes_on or before.account is None else before.account.notified_at


@dataclass(frozen=True)
class Alerting:
    """Publishes the alerts of one credential, and records in its entry what people were notified of.

    It publishes an alert before it records it as sent. If the process dies in between, the alert comes twice. It is
    never lost.
    """

    topic: AlertTopic
    messages: "Messages"
    shared: "SharedAlerting"
    registry: Registry
    reminders: Reminders
    authority: str
    clock: Clock

    def notify(
        self,
        entry: RegistryEntry,
        diagnosis: Diagnosis,
        credential: Credential | None,
        *,
        is_down: bool = False,
        was_tried: bool = True,
    ) -> RegistryEntry:
        """Notify the person who has to act: once per incident, and with each reminder.

        Args:
            entry: The entry, with the diagnosis in it.
            diagnosis: What is wrong.
            credential: The document; ``None`` if it cannot be read.
            is_down: Whether the authority fails for everybody.
            was_tried: Whether a call for this credential failed. If not, only a worker whose call failed notifies
                people, because it knows the cause.

        Returns:
            The entry to save.
        """
        event, condition = event_for(diagnosis), diagnosis.condition
        generation = credential.consent_generation if credential else None
        if diagnosis.concerns is Concern.APPLICATION and entry.client_id:
            alert = self._notify_for_application(entry, diagnosis, condition, generation)
        elif incident_id := self._incident_of_all(entry, diagnosis, is_down=is_down):
            incident = self.shared.join(
                incident_id,
                event,
                entry.name,
                lambda incident: self._message_for_all(entry, diagnosis, incident),
                may_notify=was_tried,
                since=entry.failing_since,
                more_members_after=_MORE_MEMBERS_AFTER if diagnosis.meaning in SHARED else None,
            )
            if not incident.notifications:
                return entry  # The worker that notifies for all may still fail: the next attempt joins again.
            alert = replace(self._part_of(incident, condition, generation), again=incident.again)
        else:
            alert = self._notify_for_credential(entry, diagnosis, event, condition, generation)
        if entry.alert is not None and entry.alert.incident != alert.incident:
            # This alert is out. The other members of the former incident notify people of its end.
            with suppress(*CANNOT_NOTIFY):
                self._leave(entry, works=False)
        return entry.alerted(replace(alert, beside=entry.status is Status.HEALTHY))

    def _notify_for_credential(
        self, entry: RegistryEntry, diagnosis: Diagnosis, event: Event, condition: str, generation: str | None
    ) -> OpenAlert:
        now, known = self.clock(), entry.alert
        is_worse = known is not None and known.beside and entry.status is not Status.HEALTHY
        if known is None or known.incident or is_worse or not known.is_about(event, condition, generation):
            again = known is not None and known.again and condition == LASTING
            alert = OpenAlert(event, condition, now, entry.failing_since or now, generation=generation, again=again)
        elif now < self.reminders.next_at(known.at, known.notifications):
            return known
        else:
            alert = replace(known, at=now, notifications=known.notifications + 1)
        notification = Notification(alert.since, alert.notifications, generation)
        self.topic.publish(self.messages.action_needed(event, entry, diagnosis, notification))
        return alert

    def _incident_of_all(self, entry: RegistryEntry, diagnosis: Diagnosis, *, is_down: bool) -> str:
        """Return the id of the incident if the failure concerns all credentials, and an empty text if only this one."""
        if diagnosis.meaning in SHARED:
            return f"{_OF_AWS}#{diagnosis.code}"
        if diagnosis.meaning != LASTING:
            return ""
        if diagnosis.concerns is Concern.AWS:
            return _OF_AWS
        known = entry.alert
        if known is not None and known.condition == LASTING and not known.incident:
            return ""  # People were notified of it for this credential alone.
        outage = self._outage_incident(entry)
        is_part = known is not None and known.incident == outage
        is_shared = is_down or is_part or (diagnosis.outage and self.shared.is_recent(outage))
        return outage if is_shared else ""

    def _message_for_all(self, entry: RegistryEntry, diagnosis: Diagnosis, incident: "Incident") -> Alert:
        write = self.messages.refused_by_aws if diagnosis.meaning in SHARED else self.messages.fails_for_all
        return write(entry, diagnosis, incident)

    def _outage_incident(self, entry: RegistryEntry) -> str:
        return f"authority#{entry.issuer.authority or self.authority}"

    def _notify_for_application(
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

    def _part_of(self, incident: "Incident", condition: str, generation: str | None = None) -> OpenAlert:
        at = incident.notified_at or self.clock()
        return OpenAlert(incident.event, condition, at, incident.since, incident.notifications, generation, incident.id)

    def _sharing(self, entry: RegistryEntry) -> tuple[str, ...]:
        # The index may not have this credential yet.
        return tuple(sorted({entry.name, *self.registry.of_application(entry.client_id)}))

    def remind_at(self, entry: RegistryEntry) -> datetime:
        """Return when the next reminder of the alert of an entry is due."""
        if entry.alert is None:
            return self.reminders.next_at(self.clock(), 1)
        return self.reminders.next_at(entry.alert.at, entry.alert.notifications)

    def warn_of_risk(self, entry: RegistryEntry, diagnosis: Diagnosis, *, is_down: bool) -> RegistryEntry:
        """Warn once that a temporary failure may outlast the access token.

        Args:
            entry: The entry, with the diagnosis in it.
            diagnosis: What fails.
            is_down: Whether the authority fails for one credential after the other. While people know of such an
                outage, and shortly after it, a failure of that kind counts as the same outage.
        """
        if entry.alert is not None and not entry.alert.beside:
            return entry  # People already know that it does not work.
        if is_down or (diagnosis.outage and self.shared.is_recent(self._outage_incident(entry))):
            incident = self.shared.join(
                self._outage_incident(entry),
                Event.REFRESH_AT_RISK,
                entry.name,
                lambda incident: self.messages.authority_down(entry, diagnosis, incident),
                has_reminders=False,
            )
            # The worker that notifies for all may still fail: the next attempt joins again.
            alert = replace(self._part_of(incident, _AT_RISK), again=incident.again)
            return entry.alerted(alert) if incident.notifications else entry
        now = self.clock()
        since, over_at = entry.failing_since or now, entry.risk_over_at
        again = over_at is not None and now < over_at + AGAIN
        self.topic.publish(self.messages.at_risk(entry, diagnosis, Notification(since, again=again)))
        return entry.alerted(OpenAlert(Event.REFRESH_AT_RISK, _AT_RISK, now, since, again=again))

    def notify_recovered(self, before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
        """Notify people that an incident is over, if they knew of one; return the entry to save."""
        alert, now = before.alert, self.clock()
        if alert is None or after.alert is not None:
            return after
        if not alert.is_over(now):
            return after.alerted(alert.calming(now))
        if alert.incident:
            self._leave(before, works=True)
        elif alert.condition == FIRST_CONSENT and after.identity is not None:
            # The alert of the consent could not be published at the time.
            self.topic.publish(self.messages.connected(after, after.identity, None))
        else:
            self.topic.publish(self.messages.recovered(after, alert.since))
        return replace(after, risk_over_at=now) if alert.is_of_what_passes else after

    def notify_connected(self, before: RegistryEntry, after: RegistryEntry, identity: Identity) -> None:
        """Notify people of a consent: ``recovered`` after an incident, ``connected`` otherwise."""
        known = before.alert
        was_connected = before.identity is not None or before.refreshed_at is not None
        is_first = not was_connected or (known is not None and known.condition == FIRST_CONSENT)
        ended = known is not None and not is_first and not known.incident
        since = known.since if known and ended else _account_trouble_over(before, after)
        self.topic.publish(self.messages.connected(after, identity, since))
        if known is not None and known.incident:
            self._leave(before, works=True)

    def notify_of_account(
        self, entry: RegistryEntry, diagnosis: Diagnosis, credential: Credential, since: datetime
    ) -> None:
        """Notify the person who has to act for the account. This is apart from refreshes, which go on.

        Args:
            entry: The entry, with what is known of the account.
            diagnosis: Why the account is not reached.
            credential: The current document: a new link continues its consent.
            since: When people were first notified.
        """
        notification = Notification(since, generation=credential.consent_generation)
        self.topic.publish(self.messages.account_not_reached(entry, diagnosis, notification))

    def notify_account_reached(self, before: RegistryEntry, after: RegistryEntry) -> None:
        """Notify people that the account is reached, if they were notified that it was not."""
        since = _account_trouble_over(before, after)
        if since is not None:
            self.topic.publish(self.messages.account_reached(after, since))

    def warn_of_secret(self, entry: RegistryEntry, warning: str, expires_at: datetime, days: int) -> bool:
        """Warn that the client secret of an application is about to expire, once for all its credentials.

        Args:
            entry: The entry of the credential whose document has the date.
            warning: The name of this warning.
            expires_at: When the client secret expires.
            days: Within how many days that is.

        Returns:
            Whether people were notified, now or before.
        """
        return self.shared.notify_once(
            application_incident(entry.client_id, warning),
            Event.EXPIRY_WARNING,
            entry.name,
            lambda: self.messages.secret_expires(entry, expires_at, days, self._sharing(entry)),
        )

    def warn_of_certificate(self, entry: RegistryEntry, warning: str, expires_at: datetime, days: int) -> bool:
        """Warn that the certificate of an application is about to expire, as `warn_of_secret` does."""
        return self.shared.notify_once(
            application_incident(entry.client_id, warning),
            Event.EXPIRY_WARNING,
            entry.name,
            lambda: self.messages.certificate_expires(entry, expires_at, days, self._sharing(entry)),
        )

    def warn_of_unreplaced_token(
        self, entry: RegistryEntry, issued_at: datetime, age: timedelta, idle: timedelta
    ) -> bool:
        """Warn that the provider does not replace a refresh token; return that people were notified."""
        self.topic.publish(self.messages.refresh_token_old(entry, issued_at, age, idle))
        return True

    def warn_of_sign_in_end(self, entry: RegistryEntry, ends_at: datetime, days: int, generation: str) -> bool:
        """Warn that a refresh token is about to end whatever one does; return that people were notified.

        Args:
            entry: The entry of its credential.
            ends_at: When it ends.
            days: Within how many days that is.
            generation: The consent that the link in the message continues.
        """
        self.topic.publish(self.messages.sign_in_ends(entry, ends_at, days, generation))
        return True

    def forget(self, entry: RegistryEntry) -> None:
        """Remove a credential that no longer exists from its incident."""
        self._leave(entry, works=False)

    def _leave(self, entry: RegistryEntry, *, works: bool) -> None:
        if entry.alert is None or not entry.alert.incident:
            return
        self.shared.leave(
            entry.alert, entry.name, lambda incident: self.messages.all_recovered(entry, incident), works=works
        )
