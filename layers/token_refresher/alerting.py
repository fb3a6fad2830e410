"""Whom to tell what, and when: once per incident, reminded, and told when it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from token_refresher.alert import Alert, AlertTopic, Event
from token_refresher.clock import Clock
from token_refresher.connect_link import ConnectLinks
from token_refresher.diagnosis import Actor, Diagnosis
from token_refresher.grant import Identity
from token_refresher.registry import OpenAlert, RegistryEntry


def event_for(diagnosis: Diagnosis) -> Event:
    """Return the event that tells the actor of a diagnosis."""
    return Event.RECONSENT_REQUIRED if diagnosis.actor is Actor.USER else Event.OPERATOR_ACTION_REQUIRED


def must_tell(open_alert: OpenAlert | None, event: Event, code: str, reminder: timedelta, now: datetime) -> bool:
    """Tell whether people are to be told: they do not know this yet, or it is time to remind them."""
    if open_alert is None or (open_alert.event, open_alert.code) != (event, code):
        return True
    return now >= open_alert.at + reminder


@dataclass(frozen=True)
class Alerting:
    """Publishes what people have to know about one credential, and records in its entry that they do.

    An alert is published before it is recorded as sent: after an unclean end it may come twice, and is never lost.
    """

    topic: AlertTopic
    links: ConnectLinks
    reminder: timedelta
    clock: Clock

    def tell(self, entry: RegistryEntry, diagnosis: Diagnosis, consent_generation: str | None) -> RegistryEntry:
        """Ask for a person, once per incident and reminder.

        Args:
            entry: The entry, with the diagnosis in it.
            diagnosis: What is wrong.
            consent_generation: Of the credential, for the link; ``None`` where its document cannot be read.

        Returns:
            The entry as it is to be saved.
        """
        event, now = event_for(diagnosis), self.clock()
        if not must_tell(entry.alert, event, diagnosis.code, self.reminder, now):
            return entry
        link = None
        if event is Event.RECONSENT_REQUIRED and consent_generation is not None:
            link = self.links.make(entry.name, consent_generation)
        self._publish(entry, event, _summary(entry, diagnosis), diagnosis, link)
        return entry.alerted(event, now)

    def warn_of_risk(self, entry: RegistryEntry, diagnosis: Diagnosis) -> RegistryEntry:
        """Warn, once, that a failure that passes by itself may outlast the access token."""
        if entry.alert is not None:
            return entry  # People know that it does not work; that it works even less is no news.
        summary = f"The credential {entry.name} could not be refreshed for a while, and its token is about to end."
        self._publish(entry, Event.REFRESH_AT_RISK, summary, diagnosis, None)
        return entry.alerted(Event.REFRESH_AT_RISK, self.clock())

    def tell_over(self, before: RegistryEntry, after: RegistryEntry) -> None:
        """Tell people that an incident is over, if they knew of one."""
        if before.alert is None or after.alert is not None:
            return
        summary = f"The credential {after.name} works again. Nothing is left to do."
        self._publish_good(Event.RECOVERED, after, summary)

    def tell_connected(self, before: RegistryEntry | None, after: RegistryEntry, identity: Identity) -> None:
        """Tell people that somebody consented: ``recovered`` after an incident, ``connected`` otherwise."""
        incident = before is not None and before.identity is not None and before.alert is not None
        event = Event.RECOVERED if incident else Event.CONNECTED
        verb = "reconnected" if incident else "connected"
        summary = f"{identity.username} {verb} the credential {after.name}. Tokens flow; nothing is left to do."
        self._publish_good(event, after, summary)

    def _publish(
        self, entry: RegistryEntry, event: Event, summary: str, diagnosis: Diagnosis, link: str | None
    ) -> None:
        self.topic.publish(
            Alert(
                event,
                entry.name,
                summary,
                cause=diagnosis.cause,
                action=diagnosis.action,
                at=self.clock(),
                code=diagnosis.code,
                correlation_id=diagnosis.correlation_id,
                expires_at=entry.expires_at,
                connect_url=link,
            )
        )

    def _publish_good(self, event: Event, entry: RegistryEntry, summary: str) -> None:
        alert = Alert(event, entry.name, summary, cause="", action="", at=self.clock(), expires_at=entry.expires_at)
        self.topic.publish(alert)


def _summary(entry: RegistryEntry, diagnosis: Diagnosis) -> str:
    who = f" ({entry.identity.username})" if entry.identity and entry.identity.username else ""
    match diagnosis.actor:
        case Actor.USER if diagnosis.meaning == "first_consent":
            return f"The credential {entry.name} is new and waits for its first sign-in."
        case Actor.USER:
            return f"The credential {entry.name} has stopped: somebody{who} has to sign in to Microsoft again."
        case Actor.ADMINISTRATOR:
            return f"The credential {entry.name} has stopped: an administrator of the Microsoft tenant has to act."
        case Actor.OPERATOR if diagnosis.meaning == "too_many_versions":
            return f"The credential {entry.name} is refreshed too often and is held back: its operator has to act."
        case _:
            return f"The credential {entry.name} has stopped: its operator has to act. Nobody has to sign in."
