"""One tick: enqueue the credentials that are due, then discover secrets that changed, and enqueue those.

The registry alone says what is due, so due credentials are enqueued before the secrets are listed. A tick ends within
its time, however long the list is and whatever is wrong with single secrets, and counts what it has put off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.base.time_share import TimeLeft, TimeShare, unlimited
from token_refresher.dispatch.discovery import Discovery, Tick
from token_refresher.dispatch.fleet import Fleet
from token_refresher.dispatch.outbox import Outbox
from token_refresher.dispatch.refresh_request import RefreshQueue, RefreshRequest
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.registry import Registry
from token_refresher.registry.summary import EntrySummary
from token_refresher.rotation.escrow import EscrowInventory


@dataclass(frozen=True)
class TickResult:
    """What one tick found and did; it is logged as it is.

    Attributes:
        managed: How many secrets there are under the prefix, as far as the list was read.
        discovered: How many of them were new.
        changed: How many an operator or another process has written since the last tick.
        forgotten: How many entries were removed, because their secret is gone.
        enqueued: How many credentials were enqueued.
        escrowed: How many of the enqueued ones have tokens in escrow.
        most_overdue_seconds: How long ago the most urgent credential became due.
        fleet: All credentials together, as they were before this tick.
        failed: How many secrets could not be read; the log names each, and refresh tries each.
        put_off: How many credentials are left to the next ticks, because there was no time for them.
    """

    managed: int
    discovered: int
    changed: int
    forgotten: int
    enqueued: int
    escrowed: int
    most_overdue_seconds: float
    fleet: Fleet
    failed: int = 0
    put_off: int = 0


_SENDING_RESERVE: Final = timedelta(seconds=30)
"""The time left at which sending stops: enough for a call that hangs three times, and for reading the registry."""

_ESCROW_SHARE: Final = 0.25
"""The share of the remaining time for the entries of credentials in escrow, because due credentials wait for them."""

_OVERVIEW_RESERVE: Final = timedelta(seconds=10)
"""The time left at which reading the registry stops: enough for a last call that hangs, and for the log."""


@dataclass(frozen=True)
class DispatchService:
    """Runs ticks; it sees the names and staging labels of secrets, and never a value.

    Attributes:
        discovery: Finds secrets that differ from the registry. It knows where the last tick stopped.
        escrow: The names of the credentials that have tokens in escrow.
        registry: The registry.
        queue: The refresh queue.
        clock: The clock.
    """

    discovery: Discovery
    escrow: EscrowInventory
    registry: Registry
    queue: RefreshQueue
    clock: Clock

    def tick(self, time_left: TimeLeft = unlimited) -> TickResult:
        """Enqueue the credentials that are due, the most urgent first; then discover what changed.

        Args:
            time_left: Returns how long this invocation may still run.

        Raises:
            Exception: The escrow could not be listed, or the queue did not accept some requests. Everything else was
                done before.
        """
        now, outbox = self.clock(), Outbox(self.queue)
        due = list(self.registry.due(now))
        escrowed, escrow_error = self._credentials_in_escrow()
        unsent = self._send_due(due, escrowed, now, outbox, TimeShare(time_left, _SENDING_RESERVE))
        known, is_whole = self._read_registry(TimeShare(time_left, _OVERVIEW_RESERVE))
        tick = Tick(known, frozenset(outbox.names), now, time_left)
        for request in self.discovery.run(tick) if is_whole else ():
            outbox.add(replace(request, escrowed=request.credential in escrowed))
        outbox.flush()
        if error := outbox.error or escrow_error:
            raise error
        counts = tick.counts
        listing = self.discovery.listing
        fleet = (entry for entry in known.values() if not listing.is_whole or entry.name in listing.seen)
        return TickResult(
            managed=len(listing.seen),
            discovered=counts.discovered,
            changed=counts.changed,
            forgotten=counts.forgotten,
            enqueued=len(outbox.names),
            escrowed=len(outbox.names & escrowed),
            most_overdue_seconds=max([0.0, *(_overdue(entry, now) for entry in due)]),
            fleet=Fleet.of(fleet, now),
            failed=counts.failed,
            put_off=unsent + counts.put_off if is_whole else unsent + max(1, len(known)),
        )

    def _credentials_in_escrow(self) -> tuple[set[str], Exception | None]:
        """Return whose tokens are in escrow, or the error that the tick raises at its end."""
        try:
            return set(self.escrow.credentials()), None
        except ServiceUnavailableError as error:
            return set(), error

    def _send_due(
        self,
        due: list[RegistryEntry],
        escrowed: set[str],
        now: datetime,
        outbox: Outbox,
        share: TimeShare,
    ) -> int:
        """Send the credentials that are due according to the registry; return how many were put off.

        Credentials with tokens in escrow go first, because the refresh token in their secret may be spent.
        """
        escrow_share = TimeShare.of(share.time_left, _ESCROW_SHARE, share.reserve)
        for entry in self._entries_in_escrow(due, escrowed, escrow_share):
            outbox.add(RefreshRequest(entry.name, entry.version_id, now, escrowed=True))
        for entry in due:
            if share.is_spent:
                break  # The most urgent ones are sent; the next tick begins with the rest.
            outbox.add(RefreshRequest.for_entry(entry, now))
        outbox.flush()
        return len({entry.name for entry in due} - outbox.names)

    def _entries_in_escrow(
        self, due: list[RegistryEntry], escrowed: set[str], share: TimeShare
    ) -> Iterator[RegistryEntry]:
        """Yield the entries of the credentials in escrow; those that are due have been read already."""
        due_and_escrowed = {entry.name: entry for entry in due if entry.name in escrowed}
        for name in sorted(escrowed - due_and_escrowed.keys()):
            if share.is_spent:
                break
            try:
                entry = self.registry.get(name)
            except Exception as error:  # noqa: BLE001 - An error with one credential must not stop the others.
                self.discovery.report_fault(name, error)
                continue
            if entry is not None:
                yield entry
        yield from due_and_escrowed.values()

    def _read_registry(self, share: TimeShare) -> tuple[dict[str, EntrySummary], bool]:
        """Return the registry, and whether all of it was read: credentials missing from a part would seem new."""
        known: dict[str, EntrySummary] = {}
        for entry in self.registry.overview():
            if share.is_spent:
                return known, False
            known[entry.name] = entry
        return known, True


def _overdue(entry: RegistryEntry, now: datetime) -> float:
    return (now - (entry.next_action_at or now)).total_seconds()
