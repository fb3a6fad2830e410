"""Makes the `Rotation` of one request or attempt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from token_refresher.base.deadline import Deadline
from token_refresher.rotation.escrow import Escrow
from token_refresher.rotation.rotation import Rotation
from token_refresher.rotation.secret_store import SecretStore


@dataclass(frozen=True)
class Rotations:
    """Makes the `Rotation` of one request, which knows how long the request may still take."""

    store: SecretStore
    escrow: Escrow
    sleep: Callable[[float], None] = time.sleep

    def within(self, time_left: Callable[[], timedelta]) -> Rotation:
        """Return the rotation of a request that may wait."""
        return Rotation(self.store, self.escrow, Deadline(time_left, self.sleep))

    def at_once(self) -> Rotation:
        """Return the rotation of a page that only reads: it fails at once, and the person opens it again."""
        return self.within(lambda: timedelta(0))
