"""Reads every credential of an installation: the secrets, the registry, and the documents side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.secret_store import SecretState
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.current_document import CurrentDocument, read_current
from token_refresher_cli.installation import Installation
from token_refresher_cli.overview_row import Row

_AT_ONCE: Final = 8
"""Documents that are read at a time: below the ten connections that a client of boto3 keeps."""


@dataclass(frozen=True)
class Survey:
    """Puts together what the secrets, the registry and the documents say."""

    installation: Installation

    def rows(self) -> list[Row]:
        """Return every credential, and every entry of the registry whose secret is gone."""
        # The registry goes first: a credential that is made meanwhile is then one that no tick has seen.
        entries = Credentials(self.installation).entries()
        states = self._states()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(self._current, states))
        rows = []
        for state, current in zip(states, found, strict=True):
            entry = entries.pop(state.name, None)
            if current is not None:
                rows.append(Row(state.name, state, entry, current))
            elif entry is not None:
                rows.append(Row(state.name, None, entry))
        return rows + [Row(name, None, entry) for name, entry in entries.items()]

    def row(self, name: str) -> Row:
        """Return one credential.

        Raises:
            CommandError: There is no such credential.
        """
        credentials = Credentials(self.installation)
        state = credentials.state(name)
        return Row(name, state, credentials.entry(name), self._current(state) or CurrentDocument.empty())

    def _states(self) -> list[SecretState]:
        try:
            return list(self.installation.store.managed())
        except ClientError as error:
            raise unavailable("secretsmanager", error) from error

    def _current(self, state: SecretState) -> CurrentDocument | None:
        if state.current is None:
            return CurrentDocument.empty()
        return read_current(self.installation, state.name)


def unreadable(rows: list[Row]) -> Iterator[Row]:
    """Yield the credentials whose documents the operator may not read."""
    return (row for row in rows if not row.current.is_readable)
