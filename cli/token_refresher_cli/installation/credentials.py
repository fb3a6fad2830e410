"""Reads the secret or the registry entry of one credential."""

import difflib
from contextlib import suppress
from dataclasses import dataclass

from token_refresher.base.errors import CredentialNotFoundError, ServiceUnavailableError, VersionNotFoundError
from token_refresher.credential.document import Credential
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.rotation import Version
from token_refresher.rotation.secret_store import SecretState
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.exit_code import ExitCode


@dataclass(frozen=True)
class Credentials:
    """Reads credentials of an installation, and says it in words if there is none of a name."""

    installation: Installation

    def names(self) -> list[str]:
        """Return the names of all credentials, in order."""
        return sorted(state.name for state in self.installation.store.managed())

    def state(self, name: str) -> SecretState:
        """Return the versions and status tags of a credential's secret.

        Raises:
            CommandError: There is no such credential.
        """
        try:
            return self.installation.store.describe(name)
        except CredentialNotFoundError:
            raise self.not_found(name) from None

    def text(self, state: SecretState) -> str:
        """Return the text of the current version.

        Raises:
            MalformedCredentialError: The secret has no text.
            CommandError: Secrets Manager does not show the version yet.
        """
        try:
            return self.installation.store.read(state.name, state.require_current())
        except VersionNotFoundError:
            raise CommandError(f"The current version of {state.name} cannot be read yet.", "Try again.") from None

    def current(self, name: str) -> tuple[SecretState, Version]:
        """Return the state of a secret and its current version.

        Raises:
            MalformedCredentialError: The secret is no credential document.
            CommandError: There is no such credential.
        """
        state = self.state(name)
        return state, Version(state.require_current(), Credential.parse(self.text(state)))

    def entry(self, name: str) -> RegistryEntry | None:
        """Return the registry entry of a credential; ``None`` before the first tick has seen it."""
        return self.installation.registry.get(name)

    def not_found(self, name: str) -> CommandError:
        """Return the error for a name that no credential has. For a renamed credential it gives the new name."""
        new_name = self._moved_to(name)
        if new_name is not None:
            return CommandError(f"{name} has another name now: {new_name}.", "Use that name.", ExitCode.NOT_FOUND)
        names = []
        with suppress(ServiceUnavailableError):  # The name is wrong, whether the operator may list the others or not.
            names = self.names()
        close = difflib.get_close_matches(name.removeprefix(f"{self.installation.prefix}/"), names, n=1)
        step = f"Do you mean {close[0]}?" if close else "token-refresher list shows the names."
        return CommandError(
            f"There is no credential {name} in the stack {self.installation.stack}.", step, ExitCode.NOT_FOUND
        )

    def _moved_to(self, name: str) -> str | None:
        try:
            secret = self.installation.secrets.find(name)
        except ServiceUnavailableError:
            return None  # The next call reports what is wrong.
        return secret.moved_to if secret and secret.deleted_at is None else None
