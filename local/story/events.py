"""A queue that a rule of the event bus sends to, as a pipeline would be started."""

import json
from typing import Any

from local.stack.aws import LocalAws
from local.story.inbox_queue import InboxQueue
from local.story.schemas import EVENT_SCHEMA


class EventInbox:
    """Receives every credential event of a bus, and validates it."""

    def __init__(self, aws: LocalAws, bus: str, name: str) -> None:
        self._queue, events = InboxQueue(aws, name), aws.client("events")
        pattern = {"source": ["token-refresher"]}
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
        self._queue.allow("events.amazonaws.com", rule)
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "inbox", "Arn": self._queue.arn}])
        self.received: list[dict[str, Any]] = []

    def of(self, credential: str) -> list[dict[str, Any]]:
        """Return the events of a credential so far, in the order in which they were written."""
        for body in self._queue.take():
            event = json.loads(body)
            EVENT_SCHEMA.validate(event)
            self.received.append(event)
        found = [event for event in self.received if event["detail"]["credential"] == credential]
        return sorted(found, key=lambda event: str(event["detail"]["at"]))
