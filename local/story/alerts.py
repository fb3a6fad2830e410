"""A queue that is subscribed to the alert topic, as an operator's system would be."""

import json
from typing import Any

from local.stack.aws import LocalAws
from local.stack.waiting import eventually
from local.story.inbox_queue import InboxQueue
from local.story.schemas import ALERT_SCHEMA


class AlertInbox:
    """Receives every alert as JSON, which all protocols except e-mail get, and validates it."""

    def __init__(self, aws: LocalAws, topic_arn: str, name: str) -> None:
        self._queue = InboxQueue(aws, name)
        self._queue.allow("sns.amazonaws.com", topic_arn)
        aws.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=self._queue.arn)
        self.received: list[dict[str, Any]] = []

    def collect(self) -> None:
        """Receive the alerts that have arrived, without waiting."""
        for body in self._queue.take():
            alert = json.loads(json.loads(body)["Message"])
            ALERT_SCHEMA.validate(alert)
            self.received.append(alert)

    def of(self, credential: str, event: str | None = None) -> list[dict[str, Any]]:
        """Return the alerts of a credential so far, optionally of one event only."""
        self.collect()
        return [
            alert for alert in self.received if alert["credential"] == credential and event in {None, alert["event"]}
        ]

    def wait_for(self, credential: str, event: str) -> dict[str, Any] | None:
        """Wait for an alert of a credential; return the newest, or ``None`` if none comes."""
        found = eventually(lambda: self.of(credential, event))
        return found[-1] if found else None
