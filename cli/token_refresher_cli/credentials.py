"""The credentials of an installation, as a command reads them: the secret, and what the registry knows."""

import difflib
from contextlib import suppress
from dataclasses import dataclass

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from token_refresher.aws_errors import unavailable
from token_refresher.credential import Credential
from token_refresher.errors import CredentialNotFoundError, ServiceUnavailableError, VersionNotFoundError
from token_refresher.registry_entry import RegistryEntry
from token_refresher.registry_item import from_item
from token_refresher.rotation import Version
from token_refresher.secret_store import MOVED_TO_TAG, SecretState
from token_refresher_cli.errors import CommandError
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import Installation


@dataclass(frozen=True)
class Credentials:
    """Reads the credentials of an installation."""

    installation: Installation

    def names(self) -> list[str]:
        """Return the names of all credentials, in order."""
        try:
            return sorted(state.name for state in self.installation.store.managed())
        except ClientError as error:
            raise unavailable("secretsmanager", error) from error

    def state(self, name: str) -> SecretState:
        """Return the labels of a credential's secret.

        Raises:
            CommandError: There is no such credential.
        """
        try:
            return self.installation.store.describe(name)
        except CredentialNotFoundError:
            raise self.not_found(name) from None

    def text(self, state: SecretState) -> str:
        """Return the text of what is current.

        Raises:
            MalformedCredentialError: The secret has no text.
            CommandError: It cannot be seen.
        """
        try:
            return self.installation.store.read(state.name, state.require_current())
        except VersionNotFoundError:
            raise CommandError(f"What is current of {state.name} cannot be seen yet.", "Try again.") from None

    def current(self, name: str) -> tuple[SecretState, Version]:
        """Read what is current.

        Raises:
            MalformedCredentialError: The secret is no credential document.
            CommandError: There is no such credential.
        """
        state = self.state(name)
        return state, Version(state.require_current(), Credential.parse(self.text(state)))

    def entry(self, name: str) -> RegistryEntry | None:
        """Return what the registry knows of a credential; ``None`` before the first tick has seen it."""
        return self.installation.registry.get(name)

    def entries(self) -> dict[str, RegistryEntry]:
        """Return all that the registry knows, by the names of the credentials."""
        pages = self.installation.client("dynamodb").get_paginator("scan")
        arguments = {"TableName": self.installation.environment["CREDENTIALS_TABLE"], "ConsistentRead": True}
        read = TypeDeserializer().deserialize
        items = [item for page in pages.paginate(**arguments) for item in page["Items"]]
        entries = [from_item({key: read(value) for key, value in item.items()}) for item in items]
        return {entry.name: entry for entry in entries}

    def not_found(self, name: str) -> CommandError:
        """Return the error for a name that no credential has; a pointer says where it is now."""
        new_name = self._moved_to(name)
        if new_name is not None:
            return CommandError(f"{name} has another name now: {new_name}.", "Say that one.", ExitCode.NOT_FOUND)
        names = []
        with suppress(ServiceUnavailableError):  # Who may not list them is still to learn that there is no such one.
            names = self.names()
        close = difflib.get_close_matches(name.removeprefix(f"{self.installation.prefix}/"), names, n=1)
        step = f"Do you mean {close[0]}?" if close else "token-refresher list shows those that there are."
        return CommandError(
            f"There is no credential {name} in the stack {self.installation.stack}.", step, ExitCode.NOT_FOUND
        )

    def _moved_to(self, name: str) -> str | None:
        try:
            secret_id = self.installation.secret_id(name)
            described = self.installation.secrets.describe_secret(SecretId=secret_id)
        except ClientError:
            return None  # What is not there has not moved; whatever else it is, the next call says so.
        tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
        return None if "DeletedDate" in described else tags.get(MOVED_TO_TAG)
