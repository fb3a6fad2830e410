"""The rows of `list` while the fleet is read. The order needs all of them; what is held of each is small."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Generic, TypeVar

from token_refresher_cli.installation.row import CredentialRow
from token_refresher_cli.views.urgency import Order, order

V = TypeVar("V")


@dataclass
class Listing(Generic[V]):
    """What is shown of the credentials that were read so far, but not their documents.

    Attributes:
        now: The time for which they are shown.
        view: Returns what is shown of a credential.
        rows: What is shown of each, with its place in the order.
        unreadable: How many documents AWS did not let the operator read.
    """

    now: datetime
    view: Callable[[CredentialRow, datetime], V]
    rows: list[tuple[Order, V]] = field(default_factory=list)
    unreadable: int = 0

    def take(self, rows: Iterable[CredentialRow]) -> None:
        """Take rows, as they are read."""
        for row in rows:
            self.rows.append((order(row, self.now), self.view(row, self.now)))
            self.unreadable += not row.current.is_readable

    def sorted(self) -> list[V]:
        """Return what is shown, the most urgent credential first."""
        return [shown for _, shown in sorted(self.rows, key=itemgetter(0))]

    def most_urgent(self, number: int) -> list[V]:
        """Return what is shown of the most urgent of those that were read so far."""
        return [shown for _, shown in heapq.nsmallest(number, list(self.rows), key=itemgetter(0))]
