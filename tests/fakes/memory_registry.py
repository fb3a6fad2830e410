"""The registry in memory."""

from collections.abc import Iterator
from datetime import datetime

from tests.fakes.calls import Calls
from tests.fakes.revisions import conditional_put
from token_refresher.base import identifiers
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.summary import EntrySummary


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
            found = [
                EntrySummary(
                    entry.name,
                    entry.version_id,
                    entry.status,
                    entry.expires_at,
                    entry.refresh_token_issued_at,
                    entry.failing_since,
                    entry.diagnosis.meaning if entry.diagnosis else "",
                )
                for entry in self.entries.values()
            ]
        yield from found

    def due(self, now: datetime) -> Iterator[RegistryEntry]:
        """See `Registry.due`."""
        with self.calls.boundary("registry.due"):
            due = [(entry.next_action_at, entry) for entry in self.entries.values() if entry.next_action_at]
            found = sorted((moment, entry.name, entry) for moment, entry in due if moment <= now)
        yield from (entry for _, _, entry in found)

    def of_application(self, client_id: str) -> Iterator[str]:
        """See `Registry.of_application`."""
        with self.calls.boundary("registry.of_application"):
            known = identifiers.client_ids(client_id)
            found = sorted(entry.name for entry in self.entries.values() if entry.client_id in known)
        yield from found
