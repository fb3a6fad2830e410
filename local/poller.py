"""A stand-in for Lambda's poller of a FIFO queue, which delivers message groups side by side.

The local AWS delivers one message of a FIFO queue after the other. Lambda delivers as many groups at the same time as
the mapping allows, and a group waits for nobody but itself: what is said about many credentials at once must be tried
with that. Which groups are in flight is for the queue to know; SQS hands out nothing of a group that is.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html (FIFO queues)
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.calm import no_deliveries
from local.delivery import event_of, was_handled
from local.stack import LocalStack

_LONG_POLL_SECONDS = 1
"""Short, for a poller ends only between two polls."""


@dataclass(frozen=True)
class Delivery:
    """One message that was handed to the function.

    Attributes:
        body: The message.
        sent_at: When it was put into the queue, in seconds of the epoch.
        began_at: When the function was called.
        ended_at: When it returned.
        handled: Whether the message was done with; if not, it comes again after its visibility timeout.
    """

    body: str
    sent_at: float
    began_at: float
    ended_at: float
    handled: bool

    @property
    def credential(self) -> str:
        """The name of the credential that the message is about."""
        return str(json.loads(self.body)["credential"])

    @property
    def delay_seconds(self) -> float:
        """How long it took from the queue to the end of the work."""
        return self.ended_at - self.sent_at


class Poller:
    """Delivers the messages of the refresh queue until it is stopped.

    Args:
        stack: Whose queue and function.
        concurrency: How many messages are delivered at the same time.
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
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Deliver no more, and wait for what is on its way; raise what went wrong with the poller itself."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        if self._failure:
            raise self._failure

    def deliveries(self) -> list[Delivery]:
        """Return what was delivered so far, in the order in which it ended."""
        return list(self._deliveries)

    def is_idle(self) -> bool:
        """Tell whether the queue is empty, and nothing is on its way or waits to come again."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=names)["Attributes"]
        return all(found[name] == "0" for name in names)

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._poll()
        except BaseException as error:  # noqa: BLE001 - Whatever it is, it is raised where somebody hears it.
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
    """Deliver in place of the local AWS; on leaving, let it deliver again."""
    with no_deliveries(stack.aws, stack.outputs["RefreshFunctionName"]):
        poller = Poller(stack, concurrency)
        poller.start()
        try:
            yield poller
        finally:
            poller.stop()
