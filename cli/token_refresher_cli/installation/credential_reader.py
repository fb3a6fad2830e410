"""Reads credentials with all that is known of them: secret, registry entry and document."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.row import CredentialRow

_AT_ONCE: Final = 8
"""How many documents are read in parallel. A client of boto3 keeps ten connections."""


@dataclass(frozen=True)
class CredentialReader:
    """Reads credentials of an installation."""

    installation: Installation

    def rows(self) -> list[CredentialRow]:
        """Return every credential, and every registry entry whose secret is deleted."""
        # The registry first: a credential that is added meanwhile then counts as unseen, not as deleted.
        entries = {entry.name: entry for entry in self.installation.registry.entries()}
        states = self._states()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(self._current, states))
        rows = []
        for state, current in zip(states, found, strict=True):
            entry = entries.pop(state.name, None)
            if current is not None:
                rows.append(CredentialRow(state.name, state, entry, current))
            elif entry is not None:
                rows.append(CredentialRow(state.name, None, entry))
        return rows + [CredentialRow(name, None, entry) for name, entry in entries.items()]

    def row(self, name: str) -> CredentialRow:
        """Return one credential.

        Raises:
            CommandError: There is no such credential.
        """
        credentials = Credentials(self.installation)
        state = credentials.state(name)
        return CredentialRow(name, state, credentials.entry(name), self._current(state) or CurrentDocument.empty())

    def _states(self) -> list[SecretState]:
        return list(self.installation.store.managed())

    def _current(self, state: SecretState) -> CurrentDocument | None:
        if state.current is None:
            return CurrentDocument.empty()
        return self.installation.secrets.current(state.name)


def unreadable(rows: list[CredentialRow]) -> Iterator[CredentialRow]:
    """Yield the credentials whose documents AWS does not let the operator read."""
    return (row for row in rows if not row.current.is_readable)
