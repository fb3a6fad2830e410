"""An alert topic that keeps what it is told."""

from tests.fakes.calls import Calls
from token_refresher.alert import Alert, Event
from token_refresher.errors import AlertNotSentError


class FakeTopic:
    """An `AlertTopic`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.alerts: list[Alert] = []
        self.out_of_order = False
        """Whether every publication fails."""

    def publish(self, alert: Alert) -> None:
        """See `AlertTopic.publish`."""
        with self.calls.boundary("topic.publish"):
            if self.out_of_order:
                raise AlertNotSentError(f"{alert.event} of {alert.credential}")
            self.alerts.append(alert)

    @property
    def events(self) -> list[Event]:
        """What people were told, in order."""
        return [alert.event for alert in self.alerts]
