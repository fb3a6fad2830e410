"""A bus of credential events that logs what another bus took, and what it did not take."""

from collections.abc import Sequence

from token_refresher.alerts.credential_event import CredentialEvent, EventBus
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.entrypoints.observability import detail, logger


class LoggedBus:
    """Logs the events of another bus."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus

    def send(self, events: Sequence[CredentialEvent]) -> None:
        """See `EventBus.send`."""
        fields = {"credential": events[0].entry.name, "events": [str(event.kind) for event in events]}
        try:
            self._bus.send(events)
        except ServiceUnavailableError as error:
            logger.error("events not sent", extra={**fields, "detail": detail(error)})
            raise
        logger.info("events", extra=fields)
