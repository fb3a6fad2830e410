"""An alert topic that counts its alerts. Every alert of every function passes it."""

from token_refresher.alerts.alert import Alert, AlertTopic
from token_refresher.base.errors import AlertNotSentError
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.observability import count, count_by, detail, logger


class MeteredTopic:
    """Counts the alerts that another topic takes, and those that it does not take."""

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


def report_alert_sent(alert: Alert) -> None:
    """Log and count an alert that the topic took."""
    logger.info("alert", extra={"event": str(alert.event), "credential": alert.credential})
    count_by(Metric.ALERTS_SENT, str(alert.event), 1)


def report_alert_not_sent(alert: Alert, error: Exception) -> None:
    """Log and count an alert that may not have been sent."""
    fields = {"event": str(alert.event), "credential": alert.credential, "detail": detail(error)}
    logger.error("alert not sent", extra=fields)
    count(Metric.ALERTS_NOT_SENT)
