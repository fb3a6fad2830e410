"""Deletes a credential or a pointer, and says before what it is."""

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from token_refresher.base.clock import readable_time
from token_refresher.credential.status_tags import STATUS_TAG
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.intent import End
from token_refresher_cli.changes.registry_edit import forget
from token_refresher_cli.changes.renaming import COPY_OF_TAG
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.secret import Secret
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.waiting import a_moment

_LISTED: Final = 5


@dataclass(frozen=True)
class Removal:
    """Deletes one secret under the prefix.

    Attributes:
        installation: The installation.
        secret: The secret to delete.
        entry: Its registry entry.
    """

    installation: Installation
    secret: Secret
    entry: RegistryEntry | None

    @classmethod
    def of(cls, installation: Installation, name: str) -> Self:
        """Return the removal of a credential or of a pointer.

        Raises:
            CommandError: There is none of that name, it is deleted already, or its rename is not finished.
        """
        secret = installation.secrets.find(name)
        if secret is None:
            raise Credentials(installation).not_found(name)
        removal = cls(installation, secret, installation.registry.get(name))
        if secret.deleted_at is not None:
            raise CommandError(
                f"{name} is deleted already, since {readable_time(secret.deleted_at)}.",
                f"To restore it within its recovery window: {removal.how_to_restore}",
            )
        moved_to = secret.moved_to
        copy = installation.secrets.find(moved_to) if moved_to else None
        if copy is not None and copy.tags.get(COPY_OF_TAG) == name:
            raise CommandError(
                f"The rename of {name} to {moved_to} is not finished: {name} may have tokens that {moved_to} has not.",
                f"Finish it with: token-refresher rename {name} {moved_to}",
            )
        return removal

    @property
    def what_it_is(self) -> list[str]:
        """What is known about it, one sentence a line."""
        name = self.secret.name
        if self.secret.moved_to is not None:
            return [f"{name} is a pointer: it tells consumers that the credential is {self.secret.moved_to} now."]
        status = self.entry.status if self.entry else self.secret.tags.get(STATUS_TAG, "not seen yet")
        lines = [f"{name} is a credential. Its status is {status}."]
        if self.entry is not None and self.entry.expires_at is not None:
            lines.append(f"Its access token expires at {readable_time(self.entry.expires_at)}.")
        lines.append("This command does not know who reads it: AWS CloudTrail has its GetSecretValue calls.")
        others = self._others()
        if others:
            shown = ", ".join(others[:_LISTED]) + (
                f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
            )
            lines.append(f"These use the same application and are not affected: {shown}.")
        return lines

    def _others(self) -> list[str]:
        if self.entry is None or not self.entry.client_id:
            return []
        return sorted(set(self.installation.registry.of_application(self.entry.client_id)) - {self.secret.name})

    def delete(self, recovery_days: int | None) -> datetime | None:
        """Delete the secret and its registry entry.

        Args:
            recovery_days: Days in which it can be restored; ``None`` deletes it permanently.

        Returns:
            Until when it can be restored, or ``None``.
        """
        self._wait_for_its_exchange()
        self.installation.secrets.delete(self.secret.name, recovery_days)
        forget(self.installation, self.secret.name)
        return None if recovery_days is None else self._gone_at(recovery_days)

    def _wait_for_its_exchange(self) -> None:
        """Wait for an exchange that is under way, so that a restored secret has its tokens and not spent ones."""
        while True:
            entry = self.installation.registry.get(self.secret.name)
            intent = entry.intent if entry else None
            if intent is None or intent.end is not End.OPEN:
                return
            if not intent.may_be_under_way(self.installation.clock(), self.installation.settings.timing.lease):
                return  # The worker that began it has died.
            a_moment()

    def _gone_at(self, recovery_days: int) -> datetime:
        return self.installation.clock().astimezone(UTC) + timedelta(days=recovery_days)

    @property
    def how_to_restore(self) -> str:
        """The AWS CLI command that restores it."""
        secret_id = shlex.quote(self.installation.secret_id(self.secret.name))
        region = self.installation.session.region_name
        return f"aws secretsmanager restore-secret --secret-id {secret_id}" + (f" --region {region}" if region else "")
