"""An alert topic that keeps what it is told, and takes nothing that people or machines could not use."""

import json

from local.alert_schema import validate
from tests.fakes.calls import Calls
from token_refresher.alert import Alert, Event
from token_refresher.alert_text import mail
from token_refresher.errors import AlertNotSentError


class FakeTopic:
    """An `AlertTopic`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.alerts: list[Alert] = []
        self.out_of_order = False
        """Whether every publication fails."""
        self.refused = 0
        """How many it did not take."""

    def publish(self, alert: Alert) -> None:
        """See `AlertTopic.publish`."""
        with self.calls.boundary("topic.publish"):
            check(alert)
            if self.out_of_order:
                self.refused += 1
                raise AlertNotSentError(f"{alert.event} of {alert.credential}")
            self.alerts.append(alert)

    @property
    def events(self) -> list[Event]:
        """What people were told, in order."""
        return [alert.event for alert in self.alerts]


def check(alert: Alert) -> None:
    """Fail unless the JSON is what its schema promises, and the text says the same."""
    document, text = json.loads(alert.to_json()), mail(alert)
    validate(document)
    assert document["credential"] == document["credentials"][0]
    assert alert.since is None or alert.since <= alert.at, "it began after it was told"
    for key in ("summary", "cause", "action", "code", "correlation_id", "connect_url"):
        assert (document[key] or "") in text, f"the text does not have the {key}"
    assert ("?invite=" in text) == (document["connect_url"] is not None), "a link in one of the two only"
