"""An alert topic that is counted: the one place where every alert of every function goes by."""

from token_refresher.alert import Alert, AlertTopic
from token_refresher.errors import AlertNotSentError
from token_refresher.observability import report_alert_not_sent, report_alert_sent


class CountedTopic:
    """Counts what another topic takes and what it does not, whatever is made of the error afterwards."""

    def __init__(self, topic: AlertTopic) -> None:
        self._topic = topic

    def publish(self, alert: Alert) -> None:
        """See `AlertTopic.publish`."""
        try:
            self._topic.publish(alert)
        except AlertNotSentError as error:
            report_alert_not_sent(alert, error)
            raise
        report_alert_sent(alert)
