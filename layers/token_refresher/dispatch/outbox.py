"""The requests that a tick sends: each credential once; an error of the queue does not stop the tick."""

from dataclasses import dataclass, field
from typing import Final

from token_refresher.dispatch.refresh_request import RefreshQueue, RefreshRequest

_BATCH: Final = 80
"""Eight full calls of SQS, which the queue makes side by side."""


@dataclass
class Outbox:
    """Sends the requests of one tick, in their order.

    Attributes:
        queue: The refresh queue.
        names: The credentials of all requests so far.
        errors: The errors of the queue.
    """

    queue: RefreshQueue
    names: set[str] = field(default_factory=set)
    errors: list[Exception] = field(default_factory=list)
    _waiting: list[RefreshRequest] = field(default_factory=list)

    def add(self, request: RefreshRequest) -> None:
        """Add a request, and send a full batch; a second request of the same credential is dropped."""
        if request.credential in self.names:
            return
        self.names.add(request.credential)
        self._waiting.append(request)
        if len(self._waiting) == _BATCH:
            self.flush()

    def flush(self) -> None:
        """Send the requests that were added and not sent yet."""
        batch, self._waiting = self._waiting, []
        try:
            if batch:
                self.queue.send(batch)
        except Exception as error:  # noqa: BLE001 - The tick raises it at its end, after all else was tried.
            self.errors.append(error)
