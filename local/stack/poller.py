"""A stand-in for Lambda's poller of a FIFO queue, which delivers message groups concurrently.

The local AWS delivers the messages of a FIFO queue one after the other. Lambda delivers as many groups at the same time
as the event source mapping allows, so tests with many credentials need this poller. SQS itself knows which groups are
in flight, and returns no message of those.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html (FIFO queues)
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.stack.calm import no_deliveries
from local.stack.delivery import event_of, was_handled
from local.stack.stack import LocalStack

_LONG_POLL_SECONDS = 1
"""Short, because the poller can stop only between two polls."""


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message to the function. Times are in seconds of the epoch.

    Attributes:
        body: The message.
        sent_at: When dispatch sent the message.
        began_at: When the function was invoked.
        ended_at: When the function returned.
        handled: Whether the function handled it; if not, SQS delivers it again after its visibility timeout.
    """

    body: str
    sent_at: float
    began_at: float
    ended_at: float
    handled: bool

    @property
    def credential(self) -> str:
        """The credential of the message."""
        return str(json.loads(self.body)["credential"])

    @property
    def delay_seconds(self) -> float:
        """The time from the sending of the message to the end of the work."""
        return self.ended_at - self.sent_at


class Poller:
    """Delivers the messages of the refresh queue until it is stopped.

    Args:
        stack: The stack with the queue and the function.
        concurrency: How many messages to deliver at the same time.
    """

    def __init__(self, stack: LocalStack, concurrency: int) -> None:
        self._stack = stack
        self._sqs = stack.aws.client("sqs")
        self._lambda = stack.aws.client("lambda")
        self._queue_url = stack.outputs["RefreshQueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        self._queue_arn = attributes["Attributes"]["QueueArn"]
        self._stopped = threading.Event()
        self._deliveries: list[Delivery] = []
        self._failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._run, name=f"poller-{n}") for n in range(concurrency)]

    def start(self) -> None:
        """Start to deliver."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and wait for the deliveries that have begun. Raise the error that ended the poller, if any."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        if self._failure:
            raise self._failure

    def deliveries(self) -> list[Delivery]:
        """Return the deliveries so far, in the order in which they ended."""
        return list(self._deliveries)

    def is_idle(self) -> bool:
        """Return whether the queue has no message, neither visible nor in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=names)["Attributes"]
        return all(found[name] == "0" for name in names)

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._poll()
        except BaseException as error:  # noqa: BLE001 - `stop` raises it in the thread of the caller.
            self._failure = error
            self._stopped.set()

    def _poll(self) -> None:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=_LONG_POLL_SECONDS,
            AttributeNames=["All"],
        )
        for message in answer.get("Messages", []):
            began_at = time.time()
            result = self._lambda.invoke(
                FunctionName=self._stack.outputs["RefreshFunctionName"],
                Payload=json.dumps(event_of(message, self._queue_arn)),
            )
            handled = was_handled(result)
            if handled:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
            sent_at = int(message["Attributes"]["SentTimestamp"]) / 1000
            self._deliveries.append(Delivery(message["Body"], sent_at, began_at, time.time(), handled))


@contextmanager
def polling(stack: LocalStack, concurrency: int) -> Iterator[Poller]:
    """Deliver in place of the local AWS; on leaving, let the local AWS deliver again."""
    with no_deliveries(stack.aws, stack.outputs["RefreshFunctionName"]):
        poller = Poller(stack, concurrency)
        poller.start()
        try:
            yield poller
        finally:
            poller.stop()
