"""The registry in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tests.fakes.calls import Calls
from tests.fakes.revisions import conditional_put
from token_refresher.base import identifiers
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.summary import DueEntry, EntrySummary

NEXT = 100
"""How many entries that are due next come after those that are due."""


class MemoryRegistry:
    """A `Registry`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.entries: dict[str, RegistryEntry] = {}
        """The stored entries; a test may read and change them without a logged call."""

    def get(self, name: str) -> RegistryEntry | None:
        """See `Registry.get`."""
        with self.calls.boundary("registry.get"):
            return self.entries.get(name)

    def save(self, entry: RegistryEntry) -> RegistryEntry:
        """See `Registry.save`."""
        with self.calls.boundary("registry.save"):
            return conditional_put(self.entries, entry.name, entry)

    def forget(self, name: str) -> None:
        """See `Registry.forget`."""
        with self.calls.boundary("registry.forget"):
            self.entries.pop(name, None)

    def overview(self) -> Iterator[EntrySummary]:
        """See `Registry.overview`."""
        with self.calls.boundary("registry.overview"):
            found = [_summary(entry) for entry in self.entries.values()]
        yield from found

    def summaries(self, names: Sequence[str]) -> dict[str, EntrySummary]:
        """See `Registry.summaries`."""
        with self.calls.boundary("registry.summaries"):
            return {name: _summary(self.entries[name]) for name in names if name in self.entries}

    def next_actions(self, now: datetime) -> Iterator[DueEntry]:
        """See `Registry.next_actions`."""
        with self.calls.boundary("registry.next_actions"):
            planned = [(entry.next_action_at, entry.name) for entry in self.entries.values() if entry.next_action_at]
            due = sorted(planned)[: sum(moment <= now for moment, _ in planned) + NEXT]
            found = [_due(self.entries[name], moment) for moment, name in due]
        yield from found

    def of_application(self, client_id: str) -> Iterator[str]:
        """See `Registry.of_application`."""
        with self.calls.boundary("registry.of_application"):
            known = identifiers.client_ids(client_id)
            found = sorted(entry.name for entry in self.entries.values() if entry.client_id in known)
        yield from found


def _summary(entry: RegistryEntry) -> EntrySummary:
    return EntrySummary(
        entry.name, entry.version_id, entry.status, entry.refresh_token_issued_at, entry.refresh_token_expires_at
    )


def _due(entry: RegistryEntry, moment: datetime) -> DueEntry:
    return DueEntry(
        entry.name,
        entry.version_id,
        entry.status,
        moment,
        entry.expires_at,
        entry.failing_since,
        entry.diagnosis.meaning if entry.diagnosis else "",
    )
