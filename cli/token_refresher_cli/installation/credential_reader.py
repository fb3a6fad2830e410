"""Reads credentials with all that is known of them: secret, registry entry and document."""

from collections.abc import Iterator
from dataclasses import dataclass

from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.documents import Documents
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.row import CredentialRow


@dataclass(frozen=True)
class CredentialReader:
    """Reads credentials of an installation."""

    installation: Installation

    def rows(self) -> Iterator[CredentialRow]:
        """Yield every credential, and then every registry entry whose secret is deleted."""
        # The registry first: a credential that is added meanwhile then counts as unseen, not as deleted.
        entries = {entry.name: entry for entry in self.installation.registry.entries()}
        for state, current in Documents(self.installation.secrets).of(self.installation.store.managed()):
            entry = entries.pop(state.name, None)
            if current is not None:
                yield CredentialRow(state.name, state, entry, current)
            elif entry is not None:
                yield CredentialRow(state.name, None, entry)
        for name, entry in entries.items():
            yield CredentialRow(name, None, entry)

    def row(self, name: str) -> CredentialRow:
        """Return one credential.

        Raises:
            CommandError: There is no such credential.
        """
        credentials = Credentials(self.installation)
        state = credentials.state(name)
        current = self.installation.secrets.current(name) if state.current is not None else None
        return CredentialRow(name, state, credentials.entry(name), current or CurrentDocument.empty())
