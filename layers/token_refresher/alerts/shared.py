"""Notifies people once about an incident of several credentials, whichever of them fails first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts.alert import Alert, AlertTopic
from token_refresher.alerts.incident import Incident, Incidents
from token_refresher.alerts.reminders import Reminders
from token_refresher.base.clock import Clock
from token_refresher.base.update import update
from token_refresher.registry.open_alert import AGAIN, Event, OpenAlert
from token_refresher.registry.registry import Registry

_SETTLED: Final = timedelta(hours=1)
"""After so long every credential that joined an incident has recorded that in its entry."""


@dataclass(frozen=True)
class SharedAlerting:
    """Publishes the alerts that concern several credentials.

    It publishes an alert before it records it as sent, as everywhere. Before that the worker claims the alert, because
    the workers of other credentials fail in the same way at the same moment.
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
        has_reminders: bool = True,
        may_notify: bool = True,
        since: datetime | None = None,
        more_members_after: timedelta | None = None,
    ) -> Incident:
        """Add a credential to an incident, and publish the alert if one is due.

        Args:
            incident_id: The id of the incident.
            event: The event that people are notified of.
            credential: The name of the credential.
            message: Writes the message.
            has_reminders: Whether people get reminders while the incident lasts.
            may_notify: Whether the worker of this credential may publish the alert; if not, the next one does.
            since: Since when the credential fails, if that is longer than from now.
            more_members_after: How long after an alert another one names the credentials that have joined since;
                ``None`` for never.

        Returns:
            The incident, with what people were notified of.
        """
        now, forgotten = self.clock(), self._forgotten(incident_id, credential)

        def joined(before: Incident | None) -> Incident:
            known = before or Incident(incident_id, event, now)
            # A failure after the end of an incident begins another incident.
            is_new = known.is_over or known == forgotten
            incident = (known.next(event, now) if is_new else known).raised(event).joined_by(credential, since or now)
            # A warning must not stand for the alert that somebody has to act, which another worker is to publish.
            says_less = event is Event.REFRESH_AT_RISK and incident.event is not event
            is_due = (
                may_notify
                and not says_less
                and self._is_due(
                    incident, credential, now, has_reminders=has_reminders, more_members_after=more_members_after
                )
            )
            return incident.claimed(credential, now) if is_due else incident

        return self._publish_claimed(update(self.incidents, incident_id, joined) or joined(None), credential, message)

    def leave(self, alert: OpenAlert, credential: str, message: Callable[[Incident], Alert], *, works: bool) -> None:
        """Remove a credential from its incident. If it was the last one, notify people that the incident is over.

        Args:
            alert: The alert in the entry of the credential.
            credential: The name of the credential.
            message: Writes the message.
            works: Whether the credential works again. If not, something else is wrong with it, or it is deleted.
        """
        left = update(
            self.incidents,
            alert.incident,
            lambda latest: latest.left_by(credential, works=works) if latest else None,
        )
        if left is None:
            if works:  # The table was lost, so the other members are unknown.
                self.topic.publish(message(Incident(alert.incident, alert.event, alert.since, members=(credential,))))
            return
        if left.over_at is not None or any(self._is_part(name, alert.incident) for name in left.affected):
            return
        if left.is_known and left.mended:
            self.topic.publish(message(left))
        now = self.clock()
        # Another credential may have joined meanwhile; then the incident is not over.
        update(
            self.incidents,
            alert.incident,
            lambda latest: latest.over(now) if latest and set(latest.affected) <= set(left.affected) else None,
        )

    def _forgotten(self, incident_id: str, credential: str) -> Incident | None:
        """Return the incident if no entry of its members names it any more: they were paused, or their entries lost.

        It does not check an incident of the last hour: the entries of its members may not be written yet.
        """
        incident, now = self.incidents.get(incident_id), self.clock()
        if incident is None or credential in incident.affected or now < _last_changed(incident) + _SETTLED:
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
        """Tell whether an incident lasts, or was over so recently that a new failure counts as the same one."""
        incident = self.incidents.get(incident_id)
        if incident is None:
            return False
        return incident.over_at is None or self.clock() < incident.over_at + AGAIN

    def notify_once(self, incident_id: str, event: Event, credential: str, message: Callable[[], Alert]) -> bool:
        """Publish an alert once for several credentials, without an end and without reminders.

        Returns:
            Whether people were notified. ``False`` while another worker is about to: it may still fail.
        """
        now = self.clock()

        def claimed(before: Incident | None) -> Incident:
            incident = before or Incident(incident_id, event, now)
            is_due = self._is_due(incident, credential, now, has_reminders=False)
            return incident.claimed(credential, now) if is_due else incident

        incident = update(self.incidents, incident_id, claimed) or claimed(None)
        return self._publish_claimed(incident, credential, lambda _: message()).notifications > 0

    def _publish_claimed(self, incident: Incident, credential: str, message: Callable[[Incident], Alert]) -> Incident:
        """Publish the alert if the worker of this credential has claimed it, and return the incident after that."""
        if incident.claimed_by != credential:
            return incident
        now = self.clock()
        self.topic.publish(message(incident))
        notified = update(
            self.incidents, incident.id, lambda latest: latest.notified_of(incident.event, now) if latest else None
        )
        return notified or incident.notified_of(incident.event, now)

    def _is_due(
        self,
        incident: Incident,
        credential: str,
        now: datetime,
        *,
        has_reminders: bool,
        more_members_after: timedelta | None = None,
    ) -> bool:
        if incident.is_claimed_by_others(credential, now):
            return False
        if incident.notified_at is None:
            return True
        has_more = len(incident.members) > incident.named
        if more_members_after is not None and has_more and now >= incident.notified_at + more_members_after:
            return True
        return has_reminders and now >= self.reminders.next_at(incident.notified_at, incident.notifications)


def _last_changed(incident: Incident) -> datetime:
    """Return when people were notified, or a worker claimed to: the members may record that a while later."""
    return incident.notified_at or incident.claimed_at or incident.since
