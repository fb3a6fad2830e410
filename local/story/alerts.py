"""A queue that is subscribed to the alert topic, as an operator's system would be."""

import json
from typing import Any

from local.stack.aws import LocalAws
from local.stack.waiting import eventually
from local.story.alert_schema import validate


class AlertInbox:
    """Receives every alert as JSON, which all protocols except e-mail get, and validates it."""

    def __init__(self, aws: LocalAws, topic_arn: str, name: str) -> None:
        self._sqs = aws.client("sqs")
        self._queue_url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
                }
            ],
        }
        self._sqs.set_queue_attributes(QueueUrl=self._queue_url, Attributes={"Policy": json.dumps(policy)})
        aws.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
        self.received: list[dict[str, Any]] = []

    def collect(self) -> None:
        """Receive the alerts that have arrived, without waiting."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                alert = json.loads(json.loads(message["Body"])["Message"])
                validate(alert)
                self.received.append(alert)
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

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
