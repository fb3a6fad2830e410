"""An SQS FIFO queue in memory, with the methods of boto3's client that the package and its tests use."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from token_refresher.base.clock import Clock

DEDUPLICATION: Final = timedelta(minutes=5)
"""How long an id is remembered after a message with it was accepted.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
"""


@dataclass
class _Message:
    number: int
    group: str
    body: str
    visible_at: datetime
    receipt: str = ""
    received: int = 0


class MemoryFifo:
    """A FIFO queue and its dead-letter queue, by the rules that AWS documents.

    - A message whose id was accepted within the last five minutes in the same group (`DeduplicationScope` is
      ``messageGroup``) gets a successful answer and is never delivered, even if the first one was received and deleted.
    - While a message of a group is in flight, no other message of that group is delivered; they wait in their order.
      Other groups do not wait.
    - A message that is not deleted is visible again after the visibility timeout, before those that were sent later.
    - A message that was received `receives` times is moved to the dead-letter queue instead of the next receive.

    Sources:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html,
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html,
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html,
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html

    Attributes:
        dead_letters: The bodies in the dead-letter queue.
        refusals: How many of the next messages are refused.
    """

    def __init__(self, clock: Clock, visibility_timeout: timedelta, receives: int) -> None:
        self.dead_letters: list[str] = []
        self.refusals = 0
        self._clock = clock
        self._visibility_timeout = visibility_timeout
        self._receives = receives
        self._messages: list[_Message] = []
        self._taken_at: dict[tuple[str, str], datetime] = {}
        self._numbers = itertools.count()

    def send_message_batch(self, *, Entries: list[dict[str, str]], **_: str) -> dict[str, Any]:  # noqa: N803 - boto3's.
        """Accept a batch of messages."""
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in Entries:
            if self.refusals:
                self.refusals -= 1
                answer["Failed"].append({"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"})
                continue
            self._take(entry["MessageGroupId"], entry["MessageDeduplicationId"], entry["MessageBody"])
            answer["Successful"].append({"Id": entry["Id"]})
        return answer

    def _take(self, group: str, deduplication_id: str, body: str) -> None:
        now, key = self._clock(), (group, deduplication_id)
        if key in self._taken_at and now - self._taken_at[key] < DEDUPLICATION:
            return
        self._taken_at[key] = now
        self._messages.append(_Message(next(self._numbers), group, body, visible_at=now))

    def receive_message(self, **_: Any) -> dict[str, Any]:
        """Deliver the next message, if there is one."""
        now = self._clock()
        held = {message.group for message in self._messages if message.visible_at > now}
        for message in list(self._messages):
            if message.group in held:
                continue
            if message.received >= self._receives:
                self._messages.remove(message)
                self.dead_letters.append(message.body)
                continue
            message.received += 1
            message.receipt = f"{message.number}-{message.received}"
            message.visible_at = now + self._visibility_timeout
            return {"Messages": [{"Body": message.body, "ReceiptHandle": message.receipt}]}
        return {}

    def delete_message(self, *, ReceiptHandle: str, **_: str) -> None:  # noqa: N803 - boto3's.
        """Delete a message, unless it was received again since: then its receipt is another one."""
        self._messages = [message for message in self._messages if message.receipt != ReceiptHandle]

    def next_visible_at(self) -> datetime | None:
        """Return when the first of the messages in flight is visible again."""
        return min((one.visible_at for one in self._messages if one.visible_at > self._clock()), default=None)
