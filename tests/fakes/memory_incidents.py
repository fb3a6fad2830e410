"""The incidents in memory."""

from tests.fakes.calls import Calls
from tests.fakes.revisions import conditional_put
from token_refresher.alerts.incident import Incident


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
            return conditional_put(self.stored, incident.id, incident)
