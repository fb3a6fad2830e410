"""An event bus that keeps the events that it gets, and fails for one that breaks the schema."""

import json
from collections.abc import Sequence

from local.story.schemas import EVENT_SCHEMA
from tests.fakes.calls import Calls
from token_refresher.alerts.credential_event import CredentialEvent, Kind
from token_refresher.base.errors import ServiceUnavailableError


class FakeBus:
    """An `EventBus`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.events: list[CredentialEvent] = []
        self.is_down = False
        """Whether every call fails, and may succeed a moment later."""
        self.refuses = False
        """Whether every call is refused, as for a bus that does not exist."""

    def send(self, events: Sequence[CredentialEvent]) -> None:
        """See `EventBus.send`."""
        with self.calls.boundary("bus.send"):
            for event in events:
                EVENT_SCHEMA.validate(
                    {"source": "token-refresher", "detail-type": event.kind, "detail": json.loads(event.to_json())}
                )
            if self.is_down or self.refuses:
                raise ServiceUnavailableError("events.PutEvents", "refused", passing=self.is_down)
            self.events += events

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of the events that it took, in order."""
        return [event.kind for event in self.events]
