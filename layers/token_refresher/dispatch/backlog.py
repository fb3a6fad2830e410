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
    its work. So what was sent and may still be waiting is not sent again, as long as the same attempt is due. What
    should have been worked off by now, and is still due, is sent again.

    Args:
        period: The time between two ticks.
    """

    def __init__(self, period: timedelta) -> None:
        self._worked_off = int(REQUESTS_A_SECOND * period.total_seconds())
        self._tick = 0
        self._before = 0
        """How many requests of earlier ticks may still be waiting."""
        self._in_queue = 0
        """How many requests are waiting after this tick: those that it sends, and those that it holds."""
        self._sent: dict[str, tuple[datetime, int]] = {}
        """When the attempt was due that was requested last, and with which tick it is worked off, by name."""

    def begin(self) -> None:
        """Begin a tick: a period has passed, in which refresh has worked off what it could."""
        self._tick += 1
        self._before, self._in_queue = max(0, self._in_queue - self._worked_off), 0
        self._sent = {name: sent for name, sent in self._sent.items() if self._tick <= sent[1]}

    def holds(self, entry: DueEntry) -> bool:
        """Tell whether a request for this attempt may still be waiting."""
        is_waiting = entry.name in self._sent and self._sent[entry.name][0] == entry.next_action_at
        self._in_queue += is_waiting
        return is_waiting

    def add(self, entry: DueEntry) -> None:
        """Note that a request is sent."""
        ticks = (self._before + self._in_queue) // self._worked_off
        self._sent[entry.name] = entry.next_action_at, self._tick + ticks
        self._in_queue += 1
