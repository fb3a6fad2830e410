"""One tick: enqueue the credentials that are due, then what changed, then what a slice of the reconciliation finds.

The index alone says what is due. It is read in order, and sent while it is read, so a tick costs what is due and what
changed, and not what there is. A tick ends within its time, and counts what it has put off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.time_share import TimeLeft, TimeShare, unlimited
from token_refresher.dispatch.backlog import Backlog
from token_refresher.dispatch.discovery import Discovery, Tick
from token_refresher.dispatch.fleet import Worst
from token_refresher.dispatch.outbox import Outbox
from token_refresher.dispatch.refresh_request import RefreshQueue, RefreshRequest
from token_refresher.registry.registry import Registry
from token_refresher.rotation.escrow import EscrowInventory


@dataclass(frozen=True)
class Due:
    """What a tick found in the index.

    Attributes:
        most_overdue_seconds: How long ago the most urgent credential became due.
        worst: The credential whose access token expires first, of those that are refreshed; empty if there is none.
        worst_minutes_left: How long its access token is still good, negative if it has expired; ``None`` without one.
        unsent: How many credentials were due, and there was no time for them.
    """

    most_overdue_seconds: float = 0.0
    worst: str = ""
    worst_minutes_left: float | None = None
    unsent: int = 0


@dataclass(frozen=True)
class TickResult:
    """What one tick found and did; it is logged as it is.

    Attributes:
        managed: How many secrets there are under the prefix, as far as the list was read.
        enqueued: How many credentials were enqueued.
        escrowed: How many of the enqueued ones have tokens in escrow.
        due: What was due.
        found: How many of the enqueued ones differ from the registry, by difference.
        put_off: How many credentials are left to the next ticks, because there was no time for them.
        by_status: How many credentials are in each status; empty until the first round through the registry has ended.
        oldest_refresh_token_days: The age of the oldest refresh token that may still work; ``None`` without one.
        refresh_tokens_ending_soon: How many refresh tokens end within 30 days, because no refresh moves their end;
            ``None`` until the first round through the registry has ended.
    """

    managed: int
    enqueued: int
    escrowed: int
    due: Due
    found: Mapping[str, int]
    put_off: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)
    oldest_refresh_token_days: float | None = None
    refresh_tokens_ending_soon: int | None = None


_SENDING_RESERVE: Final = timedelta(seconds=30)
"""The time left at which sending stops: enough for a call that hangs three times, and for a call that reads."""

_COUNTING_RESERVE: Final = timedelta(seconds=15)
"""The time left at which counting what is due stops: enough for a last call that hangs, and for the log."""


@dataclass(frozen=True)
class DispatchService:
    """Runs ticks; it sees the names and staging labels of secrets, and never a value.

    Attributes:
        discovery: Finds secrets that differ from the registry. It knows where the last tick stopped.
        backlog: Knows what may still be waiting in the queue.
        escrow: The names of the credentials that have tokens in escrow.
        registry: The registry.
        queue: The refresh queue.
        clock: The clock.
    """

    discovery: Discovery
    backlog: Backlog
    escrow: EscrowInventory
    registry: Registry
    queue: RefreshQueue
    clock: Clock

    def tick(self, time_left: TimeLeft = unlimited) -> TickResult:
        """Enqueue the credentials that are due, the most urgent first; then discover what changed.

        Args:
            time_left: Returns how long this invocation may still run.

        Raises:
            Exception: A list could not be read, or the queue did not accept some requests. Everything else was done
                before.
        """
        now, outbox, errors = self.clock(), Outbox(self.queue), list[Exception]()
        escrowed = self._credentials_in_escrow(errors)
        self._send_escrowed(escrowed, now, outbox, errors)
        due = self._send_due(now, outbox, time_left, errors)
        tick = Tick(frozenset(outbox.names), now, time_left)
        for request in self.discovery.run(tick):
            outbox.add(replace(request, escrowed=request.credential in escrowed))
        outbox.flush()
        if errors := [*outbox.errors, *errors, *tick.errors]:
            raise errors[0]
        reconciliation = self.discovery.reconciliation
        tally = reconciliation.tally
        return TickResult(
            managed=reconciliation.managed,
            enqueued=len(outbox.names),
            escrowed=len(outbox.names & escrowed),
            due=due,
            found={difference.name.lower(): number for difference, number in tick.found.items()},
            put_off=due.unsent + tick.put_off,
            by_status=tally.by_status if tally else {},
            oldest_refresh_token_days=tally.oldest_refresh_token_days(now) if tally else None,
            refresh_tokens_ending_soon=tally.refresh_tokens_ending_soon(now) if tally else None,
        )

    def _credentials_in_escrow(self, errors: list[Exception]) -> set[str]:
        """Return whose tokens are in escrow."""
        try:
            return set(self.escrow.credentials())
        except ServiceUnavailableError as error:
            errors.append(error)
            return set()

    def _send_escrowed(self, escrowed: set[str], now: datetime, outbox: Outbox, errors: list[Exception]) -> None:
        """Send the credentials with tokens in escrow first, because the refresh token in their secret may be spent."""
        if not escrowed:
            return
        try:
            known = self.registry.summaries(sorted(escrowed))
        except ServiceUnavailableError as error:
            errors.append(error)
            return
        for name in sorted(known):
            outbox.add(RefreshRequest(name, known[name].version_id, now, escrowed=True))

    def _send_due(self, now: datetime, outbox: Outbox, time_left: TimeLeft, errors: list[Exception]) -> Due:
        """Send what is due while the index is read. With too little time, the next tick begins with the rest."""
        sending, counting = TimeShare(time_left, _SENDING_RESERVE), TimeShare(time_left, _COUNTING_RESERVE)
        worst, most_overdue, unsent = Worst(), timedelta(0), 0
        self.backlog.begin()
        try:
            for entry in self.registry.next_actions(now):
                worst.add(entry)
                overdue = now - entry.next_action_at
                if overdue < timedelta(0):
                    continue  # It is due next.
                most_overdue = max(most_overdue, overdue)
                if self.backlog.holds(entry):
                    continue
                if not sending.is_spent:
                    outbox.add(RefreshRequest.for_entry(entry, now))
                    self.backlog.add(entry)
                elif entry.name not in outbox.names:
                    unsent += 1
                if counting.is_spent:
                    break
        except ServiceUnavailableError as error:
            errors.append(error)
        outbox.flush()
        return Due(most_overdue.total_seconds(), worst.name, worst.minutes_left(now), unsent)
