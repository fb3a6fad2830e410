"""A queue that a rule of the event bus sends to, as a pipeline would be started."""

import json
from typing import Any

from local.stack.aws import LocalAws
from local.story.event_schema import validate


class EventInbox:
    """Receives every credential event of a bus, and validates it."""

    def __init__(self, aws: LocalAws, bus: str, name: str) -> None:
        self._sqs, events = aws.client("sqs"), aws.client("events")
        self._queue_url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        pattern = {"source": ["token-refresher"]}
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
                }
            ],
        }
        self._sqs.set_queue_attributes(QueueUrl=self._queue_url, Attributes={"Policy": json.dumps(policy)})
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "inbox", "Arn": arn}])
        self.received: list[dict[str, Any]] = []

    def of(self, credential: str) -> list[dict[str, Any]]:
        """Return the events of a credential so far, in the order in which they were written."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                event = json.loads(message["Body"])
                validate(event)
                self.received.append(event)
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        found = [event for event in self.received if event["detail"]["credential"] == credential]
        return sorted(found, key=lambda event: str(event["detail"]["at"]))
