"""Changes what is on record of a credential by compare-and-swap, and shows it on the secret."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from token_refresher.errors import StaleObservationError
from token_refresher.registry_entry import RegistryEntry
from token_refresher.secret_store import NO_VERSION, SecretState
from token_refresher.status import Status, status_for
from token_refresher.status_label import label_of
from token_refresher_cli.errors import CommandError
from token_refresher_cli.installation import Installation

_ROUNDS: Final = 5
"""A refresh writes its entry two or three times."""


@dataclass(frozen=True)
class RegistryEdit:
    """Changes the registry entries of an installation."""

    installation: Installation

    def change(self, state: SecretState, change: Callable[[RegistryEntry], RegistryEntry]) -> RegistryEntry:
        """Change an entry; a credential that no tick has seen yet gets its first one.

        Args:
            state: The credential's secret.
            change: Returns the entry as it is to be. It is asked again where somebody else was faster.

        Raises:
            CommandError: Others were faster again and again.
        """
        for _ in range(_ROUNDS):
            entry = self.installation.registry.get(state.name)
            if entry is None:
                version_id, now = state.current or NO_VERSION, self.installation.clock()
                entry = RegistryEntry.discovered(state.name, version_id, now, is_paused=state.shows_paused)
            changed = change(entry)
            if changed == entry and entry.revision:
                return entry
            try:
                return self.installation.registry.save(changed)
            except StaleObservationError:
                continue
        raise CommandError(
            f"The record of {state.name} was written by others {_ROUNDS} times while it was to be changed.",
            "Try again.",
        )

    def show(self, state: SecretState, entry: RegistryEntry) -> None:
        """Let the secret show to its consumers what is on record."""
        label = label_of(_as_shown(entry))
        if label is not None and label != state.label:
            self.installation.store.label(state.name, label)


def _as_shown(entry: RegistryEntry) -> RegistryEntry:
    """Return the entry with the status that its secret showed before something was tried again.

    What is retried is not shown, and one that was resumed would go on showing that it is paused.
    """
    if entry.status is not Status.RETRYING or entry.diagnosis is None:
        return entry
    before = status_for(entry.diagnosis)
    good = Status.HEALTHY if entry.refreshed_at else Status.AWAITING_CONSENT
    return replace(entry, status=before if before.needs_a_person else good)


def is_paused(state: SecretState, entry: RegistryEntry | None) -> bool:
    """Tell whether an operator set a credential aside; where nothing is on record of it, its secret tells."""
    return entry.is_paused if entry else state.shows_paused


def forget(installation: Installation, name: str) -> None:
    """Forget what is on record of a credential whose secret is gone.

    One that shares an incident with others is left to dispatch: a look takes it out of the incident, and forgets it.
    """
    for _ in range(_ROUNDS):
        entry = installation.registry.get(name)
        if entry is None or entry.alert is None or not entry.alert.incident:
            installation.registry.forget(name)
            return
        if not entry.is_paused:
            return
        try:
            installation.registry.save(entry.resumed(installation.clock()))  # What is paused is not looked at.
        except StaleObservationError:
            continue
        return
