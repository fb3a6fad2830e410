"""Every alert is counted at the topic, whatever the caller does with the error."""

import json
from typing import Any

import pytest

from tests.unit.alerts.test_alert import ALERT
from token_refresher.alerts.alert import Alert
from token_refresher.base.errors import AlertNotSentError
from token_refresher.entrypoints.metered_topic import MeteredTopic
from token_refresher.entrypoints.observability import metrics


class Topic:
    """A topic that takes alerts, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.taken: list[Alert] = []
        self.error = error

    def publish(self, alert: Alert) -> None:
        if self.error is not None:
            raise self.error
        self.taken.append(alert)


@pytest.fixture(autouse=True)
def _metrics_of_one_test() -> None:
    metrics.clear_metrics()


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [record for record in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in record]


def test_an_alert_that_the_topic_takes_is_counted_by_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    topic = Topic()
    MeteredTopic(topic).publish(ALERT)
    [record] = records(capsys)
    assert topic.taken == [ALERT]
    assert (record["AlertsSent"], record["event"]) == ([1.0], "reconsent_required")
    assert metrics.metric_set == {}


def test_an_alert_that_the_topic_does_not_take_is_counted_and_the_error_raised(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = AlertNotSentError("reconsent_required of team/ads")
    with pytest.raises(AlertNotSentError) as caught:
        MeteredTopic(Topic(error)).publish(ALERT)
    assert caught.value is error
    assert metrics.metric_set["AlertsNotSent"]["Value"] == [1.0]
    assert records(capsys) == []
    metrics.clear_metrics()
