"""What may still be waiting in the queue, so that a tick does not send it again."""

from datetime import datetime, timedelta
from typing import Final

from token_refresher.registry.summary import DueEntry

REQUESTS_A_SECOND: Final = 20
"""How many requests refresh works off, a second: four fifths of what the quota of Secrets Manager lets through."""


class Backlog:
    """Estimates how much of what was sent is still waiting. It lives as long as the process does.

    In calm times a tick sends again what is still due, so that a lost message delays nothing. After an outage the whole
    fleet is due, and the queue holds it for longer than a period: to send it again with each tick would cost many times
    its work. So what was sent and may still be waiting is not sent again, as long as the same attempt is due.

    Args:
        period: The time between two ticks.
    """

    def __init__(self, period: timedelta) -> None:
        self._worked_off = int(REQUESTS_A_SECOND * period.total_seconds())
        self._waiting = 0
        """How many requests of earlier ticks may still be waiting."""
        self._sent: dict[str, datetime] = {}
        """When the attempt was due that was requested last, by name, since the queue was empty."""

    def begin(self) -> None:
        """Begin a tick: a period has passed, in which refresh has worked off what it could."""
        self._waiting = max(0, self._waiting - self._worked_off)
        if not self._waiting:
            self._sent.clear()

    def holds(self, entry: DueEntry) -> bool:
        """Tell whether a request for this attempt may still be waiting."""
        return self._sent.get(entry.name) == entry.next_action_at

    def add(self, entry: DueEntry) -> None:
        """Note that a request was sent."""
        self._sent[entry.name] = entry.next_action_at
        self._waiting += 1
