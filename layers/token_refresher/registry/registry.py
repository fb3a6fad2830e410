"""The port to the registry, which has one entry a credential and never holds a secret value.

It can be lost: it is rebuilt from Secrets Manager. Every write is conditional on the revision that was read, so a late
failure cannot overwrite a new consent, and two exchanges cannot begin from the same entry.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.summary import DueEntry, EntrySummary


class Registry(Protocol):
    """The entries, one a credential."""

    def get(self, name: str) -> RegistryEntry | None:
        """Return the entry of a credential as it was last written, or ``None``."""
        ...

    def save(self, entry: RegistryEntry) -> RegistryEntry:
        """Write an entry, unless another process has written it since it was read.

        Returns:
            The entry as it is stored, with its new revision.

        Raises:
            StaleObservationError: Another process has written the entry since: it has another revision.
        """
        ...

    def forget(self, name: str) -> None:
        """Remove an entry, if there is one."""
        ...

    def overview(self) -> Iterator[EntrySummary]:
        """Yield the summary of every entry."""
        ...

    def summaries(self, names: Sequence[str]) -> dict[str, EntrySummary]:
        """Return the summaries of some entries by name; a name without an entry is missing."""
        ...

    def next_actions(self, now: datetime) -> Iterator[DueEntry]:
        """Yield the entries that are due, the longest overdue first, and after them a few that are due next.

        It is an index, so it may be moments behind.
        """
        ...

    def of_application(self, client_id: str) -> Iterator[str]:
        """Yield the names of the credentials of an application; may be moments behind."""
        ...
