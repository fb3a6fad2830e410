"""A refresh queue that keeps the requests that it gets."""

from tests.fakes.calls import Calls
from token_refresher.dispatch.refresh_request import RefreshRequest


class FakeQueue:
    """A `RefreshQueue` that delivers nothing: a test reads its messages. `MemoryFifo` delivers by the rules of SQS."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.messages: list[RefreshRequest] = []

    def send(self, requests: list[RefreshRequest]) -> None:
        """See `RefreshQueue.send`."""
        with self.calls.boundary("queue.send"):
            self.messages.extend(requests)

    @property
    def names(self) -> list[str]:
        """The credentials that were enqueued, in order."""
        return [message.credential for message in self.messages]
