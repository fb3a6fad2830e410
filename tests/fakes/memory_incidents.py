"""The incidents in memory."""

from dataclasses import replace

from tests.fakes.calls import Calls
from token_refresher.errors import StaleObservationError
from token_refresher.incident import Incident


class MemoryIncidents:
    """An `Incidents`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.stored: dict[str, Incident] = {}

    def get(self, incident_id: str) -> Incident | None:
        """See `Incidents.get`."""
        with self.calls.boundary("incidents.get"):
            return self.stored.get(incident_id)

    def save(self, incident: Incident) -> Incident:
        """See `Incidents.save`."""
        with self.calls.boundary("incidents.save"):
            written = replace(incident, revision=incident.revision + 1)
            if self.stored.get(incident.id) != written:
                self._check(incident)
            self.stored[incident.id] = written
        return written

    def _check(self, incident: Incident) -> None:
        stored = self.stored.get(incident.id)
        if (stored.revision if stored else 0) != incident.revision:
            raise StaleObservationError(incident.id)
