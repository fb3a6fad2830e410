"""An alert topic that keeps the alerts that it gets, and fails for one that breaks the schema or the text."""

import json

from local.story.schemas import ALERT_SCHEMA
from tests.fakes.calls import Calls
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.email import mail
from token_refresher.base.errors import AlertNotSentError
from token_refresher.registry.open_alert import Event


class FakeTopic:
    """An `AlertTopic`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.alerts: list[Alert] = []
        self.out_of_order = False
        """Whether every publication fails."""
        self.refused = 0
        """How many alerts it refused."""

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
        """The events of the published alerts, in order."""
        return [alert.event for alert in self.alerts]


def check(alert: Alert) -> None:
    """Fail unless the JSON matches its schema, and the text says the same as the JSON."""
    document, text = json.loads(alert.to_json()), mail(alert)
    ALERT_SCHEMA.validate(document)
    assert document["credential"] == document["credentials"][0]
    assert alert.since is None or alert.since <= alert.at, "the problem began after its alert"
    for key in ("summary", "cause", "action", "code", "correlation_id", "connect_url"):
        assert (document[key] or "") in text, f"the text does not have the {key}"
    assert ("?invite=" in text) == (document["connect_url"] is not None), "only one of the two has a link"
