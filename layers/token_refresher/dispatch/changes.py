"""The secrets that changed since the last tick, the last changed first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.time_share import TimeShare
from token_refresher.rotation.secret_store import SecretInventory, SecretState

LAG: Final = timedelta(minutes=7)
"""How late a change may be on the list: five minutes, and two for the clocks and for the tick itself.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
"""


@dataclass
class Changes:
    """Reads the list of secrets down to where the last tick began.

    It lives as long as the process does. A new process reads back two periods. What changed before that is found by the
    reconciliation.

    Attributes:
        inventory: The managed secrets.
        period: The time between two ticks.
    """

    inventory: SecretInventory
    period: timedelta
    is_cut: bool = False
    """Whether there was no time to read as far as the last tick began."""
    is_whole: bool = False
    """Whether the last read came to the end of the list, so that what it did not yield is not managed."""
    _read_until: datetime | None = None

    def read(self, now: datetime, share: TimeShare) -> Iterator[Sequence[SecretState]]:
        """Yield the secrets that changed since the last tick, page by page.

        A secret may come again with the next tick, because the list may be behind. Secrets with the same time come all:
        the list is read on until its secrets are older. Without time the rest is left to the next tick.
        """
        self.is_whole, self.is_cut = False, True
        pages = self.inventory.pages((self._read_until or now - 2 * self.period) - LAG)
        while not share.is_spent:
            page = next(pages, None)
            if page is None:
                self._read_until, self.is_cut = now, False
                return
            self.is_whole = page.is_last
            yield page.secrets
