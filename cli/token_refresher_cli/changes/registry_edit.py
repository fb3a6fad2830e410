"""Changes the registry entry of a credential, and the status tags of its secret."""

from collections.abc import Callable
from dataclasses import dataclass

from token_refresher.base.update import update
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.status_tags import new_status_tags
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.installation import Installation


@dataclass(frozen=True)
class RegistryEdit:
    """Changes the registry entries of an installation."""

    installation: Installation

    def change(self, state: SecretState, change: Callable[[RegistryEntry], RegistryEntry]) -> RegistryEntry:
        """Change an entry, or create the first one of a credential that no tick has seen.

        Args:
            state: The credential's secret.
            change: Returns the changed entry. It is called again each time that another writer was faster.

        Raises:
            ContendedError: Other writers were faster each time.
        """
        first = RegistryEntry.of_secret(state, self.installation.clock())
        return update(self.installation.registry, state.name, lambda entry: change(entry or first)) or first

    def show(self, state: SecretState, entry: RegistryEntry) -> None:
        """Set the status tags of the secret, which its consumers read, if they differ from the entry."""
        tags = new_status_tags(state, entry)
        if tags is not None:
            self.installation.store.set_status_tags(state.name, tags)


def is_paused(state: SecretState, entry: RegistryEntry | None) -> bool:
    """Tell whether a credential is paused: by its entry, or by its status tag if it has no entry."""
    return entry.is_paused if entry else state.shows_paused


def forget(installation: Installation, name: str) -> None:
    """Delete the registry entry of a credential whose secret is gone.

    An entry that shares an incident with others is kept and resumed: the next attempt takes it out of the incident and
    deletes it.
    """
    registry, now = installation.registry, installation.clock()

    def kept(entry: RegistryEntry | None) -> RegistryEntry | None:
        shares = entry is not None and entry.alert is not None and entry.alert.incident
        return entry.resumed(now) if entry and shares else None

    if update(registry, name, kept) is None:
        registry.forget(name)
