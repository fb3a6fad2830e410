"""The registry: an index of the credentials and what is known of each. It holds no secret value, ever.

It can be lost: it is rebuilt from Secrets Manager. Every write is conditional on the revision that it was made from, so
a late failure cannot overwrite a fresh consent, and no two exchanges can begin from the same observation.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from token_refresher.overview import Overview
from token_refresher.registry_entry import RegistryEntry


class Registry(Protocol):
    """The entries, one a credential."""

    def get(self, name: str) -> RegistryEntry | None:
        """Return the entry of a credential, as it was last written, or ``None``."""
        ...

    def save(self, entry: RegistryEntry) -> RegistryEntry:
        """Write an entry, unless the registry has moved on since the one was read that it was made from.

        Returns:
            The entry as it is stored, to be written again.

        Raises:
            StaleObservationError: Somebody has written the entry since: its revision, and with it the version that
                was observed, is another one.
        """
        ...

    def forget(self, name: str) -> None:
        """Remove an entry, if there is one."""
        ...

    def overview(self) -> Iterator[Overview]:
        """Yield every entry in short."""
        ...

    def due(self, now: datetime) -> Iterator[RegistryEntry]:
        """Yield the entries whose time has come, the longest overdue first."""
        ...

    def of_application(self, client_id: str) -> Iterator[str]:
        """Yield the names of the credentials that were last seen with an application; may be moments behind."""
        ...
