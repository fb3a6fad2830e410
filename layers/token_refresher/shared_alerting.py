"""Telling people once about what stops several credentials, whichever of them meets it first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alert import Alert, AlertTopic, Event
from token_refresher.clock import Clock
from token_refresher.incident import Incident, Incidents, change
from token_refresher.open_alert import AGAIN, OpenAlert
from token_refresher.registry import Registry
from token_refresher.reminders import Reminders

_SETTLED: Final = timedelta(hours=1)
"""After so long whoever has joined an incident has recorded that it did."""


@dataclass(frozen=True)
class SharedAlerting:
    """Publishes what concerns several credentials.

    An alert is published before it is recorded as sent, as everywhere. Before that its worker claims the telling, for
    the workers of other credentials meet the same thing at the same moment.
    """

    topic: AlertTopic
    incidents: Incidents
    registry: Registry
    reminders: Reminders
    clock: Clock

    def join(
        self,
        incident_id: str,
        event: Event,
        credential: str,
        message: Callable[[Incident], Alert],
        *,
        reminded: bool = True,
    ) -> Incident:
        """Add a credential to an incident, and tell people if it is time to.

        Args:
            incident_id: What the credential has met.
            event: What people are told.
            credential: Its name.
            message: Writes the message.
            reminded: Whether people are told again while it lasts.

        Returns:
            The incident, as people know of it.
        """
        now, forgotten = self.clock(), self._forgotten(incident_id, credential)

        def joined(before: Incident | None) -> Incident:
            known = before or Incident(incident_id, event, now)
            # What comes after people were told that it is over is another incident.
            is_new = known.is_over or known == forgotten
            incident = (known.next(event, now) if is_new else known).joined_by(credential)
            is_due = self._is_due(incident, credential, now, reminded=reminded)
            return incident.claimed(credential, now) if is_due else incident

        return self._told(change(self.incidents, incident_id, joined) or joined(None), credential, message)

    def leave(self, alert: OpenAlert, credential: str, message: Callable[[Incident], Alert], *, works: bool) -> None:
        """Take a credential out of its incident, and tell people that it is over if it was the last one.

        Args:
            alert: What is known of the incident where the credential is.
            credential: The credential's name.
            message: Writes the message.
            works: Whether it works again; otherwise something else is wrong with it, or it is gone.
        """
        left = change(
            self.incidents,
            alert.incident,
            lambda latest: latest.left_by(credential, works=works) if latest else None,
        )
        if left is None:
            if works:  # The table was lost, and the others cannot be asked.
                self.topic.publish(message(Incident(alert.incident, alert.event, alert.since, members=(credential,))))
            return
        if left.over_at is not None or any(self._is_part(name, alert.incident) for name in left.affected):
            return
        if left.told and left.mended:
            self.topic.publish(message(left))
        now = self.clock()
        # Another credential may have met it anew meanwhile; that is another incident.
        change(
            self.incidents,
            alert.incident,
            lambda latest: latest.over(now) if latest and set(latest.affected) <= set(left.affected) else None,
        )

    def _forgotten(self, incident_id: str, credential: str) -> Incident | None:
        """Return the incident if none of its credentials knows of it any more: they were paused, or their entries lost.

        One that has just been told of is not asked about: its entries may be on their way.
        """
        incident, now = self.incidents.get(incident_id), self.clock()
        if incident is None or credential in incident.affected or now < (incident.told_at or incident.since) + _SETTLED:
            return None
        return None if any(self._is_part(name, incident_id) for name in incident.affected) else incident

    def _is_part(self, credential: str, incident_id: str) -> bool:
        entry = self.registry.get(credential)
        return (
            entry is not None
            and not entry.is_paused
            and entry.alert is not None
            and entry.alert.incident == incident_id
        )

    def is_recent(self, incident_id: str) -> bool:
        """Tell whether an incident lasts, or was over so lately that it would be the same trouble again."""
        incident = self.incidents.get(incident_id)
        if incident is None:
            return False
        return incident.over_at is None or self.clock() < incident.over_at + AGAIN

    def tell_once(self, incident_id: str, event: Event, credential: str, message: Callable[[], Alert]) -> bool:
        """Tell people something that is true of several credentials, once for all of them and for good.

        Returns:
            Whether they know; not while another worker is about to tell them, which may yet fail.
        """
        now = self.clock()

        def claimed(before: Incident | None) -> Incident:
            incident = before or Incident(incident_id, event, now)
            is_due = self._is_due(incident, credential, now, reminded=False)
            return incident.claimed(credential, now) if is_due else incident

        incident = change(self.incidents, incident_id, claimed) or claimed(None)
        return self._told(incident, credential, lambda _: message()).told > 0

    def _told(self, incident: Incident, credential: str, message: Callable[[Incident], Alert]) -> Incident:
        """Tell people if the telling was claimed for this credential, and return what they know then."""
        if incident.claimed_by != credential:
            return incident
        now = self.clock()
        self.topic.publish(message(incident))
        told = change(self.incidents, incident.id, lambda latest: latest.told_of(now) if latest else None)
        return told or incident.told_of(now)

    def _is_due(self, incident: Incident, credential: str, now: datetime, *, reminded: bool) -> bool:
        if incident.is_claimed_by_others(credential, now):
            return False
        if incident.told_at is None:
            return True
        return reminded and now >= self.reminders.next_at(incident.told_at, incident.told)
