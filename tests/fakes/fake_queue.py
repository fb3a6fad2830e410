"""A refresh queue that keeps what it is given."""

from tests.fakes.calls import Calls
from token_refresher.work import RefreshRequest


class FakeQueue:
    """A `RefreshQueue`, with the deduplication of an SQS FIFO queue (and no end of its five minutes)."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.messages: list[RefreshRequest] = []

    def send(self, requests: list[RefreshRequest]) -> None:
        """See `RefreshQueue.send`."""
        with self.calls.boundary("queue.send"):
            for request in requests:
                if request not in self.messages:
                    self.messages.append(request)

    @property
    def names(self) -> list[str]:
        """The credentials that were enqueued, in order."""
        return [message.credential for message in self.messages]
