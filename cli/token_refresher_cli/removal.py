"""How a credential is deleted, or a pointer to one, and what is to be known before."""

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from token_refresher.clock import readable_time
from token_refresher.intent import End
from token_refresher.registry_entry import RegistryEntry
from token_refresher.status_label import STATUS_TAG
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.errors import CommandError
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import a_moment
from token_refresher_cli.registry_edit import forget
from token_refresher_cli.renaming import COPY_OF_TAG
from token_refresher_cli.whole_secret import WholeSecret

_LISTED: Final = 5


@dataclass(frozen=True)
class Removal:
    """Deletes one secret under the prefix.

    Attributes:
        installation: Where.
        secret: What is deleted.
        entry: What is on record of it.
    """

    installation: Installation
    secret: WholeSecret
    entry: RegistryEntry | None

    @classmethod
    def of(cls, installation: Installation, name: str) -> Self:
        """Return the removal of a credential or of a pointer.

        Raises:
            CommandError: There is none of that name, or it is deleted already.
        """
        secret = WholeSecret.find(installation, name)
        if secret is None:
            raise Credentials(installation).not_found(name)
        removal = cls(installation, secret, installation.registry.get(name))
        if secret.deleted_at is not None:
            raise CommandError(
                f"{name} is deleted already, since {readable_time(secret.deleted_at)}.",
                f"Within its recovery window it is restored with: {removal.how_to_restore}",
            )
        moved_to = secret.moved_to
        copy = WholeSecret.find(installation, moved_to) if moved_to else None
        if copy is not None and copy.tags.get(COPY_OF_TAG) == name:
            raise CommandError(
                f"The renaming of {name} to {moved_to} is not finished: {name} may hold what is not there yet.",
                f"Finish it with: token-refresher rename {name} {moved_to}",
            )
        return removal

    @property
    def what_it_is(self) -> list[str]:
        """What is known of it, a sentence a line."""
        name = self.secret.name
        if self.secret.moved_to is not None:
            return [f"{name} is a pointer: consumers find there that its credential is {self.secret.moved_to} now."]
        status = self.entry.status if self.entry else self.secret.tags.get(STATUS_TAG, "not seen yet")
        lines = [f"{name} is a credential. Its status is {status}."]
        if self.entry is not None and self.entry.expires_at is not None:
            lines.append(f"Its access token ends at {readable_time(self.entry.expires_at)}.")
        lines.append("Who reads it is not known here: AWS CloudTrail has its GetSecretValue calls.")
        others = self._others()
        if others:
            shown = ", ".join(others[:_LISTED]) + (
                f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
            )
            lines.append(f"These sign in as the same application, and are not affected: {shown}.")
        return lines

    def _others(self) -> list[str]:
        if self.entry is None or not self.entry.client_id:
            return []
        return sorted(set(self.installation.registry.of_application(self.entry.client_id)) - {self.secret.name})

    def delete(self, recovery_days: int | None) -> datetime | None:
        """Delete the secret, and forget what is on record of it.

        Args:
            recovery_days: For how long it can be restored; ``None`` deletes it for good.

        Returns:
            Until when it can be restored, or ``None``.
        """
        self._wait_for_its_exchange()
        secrets, secret_id = self.installation.secrets, self.installation.secret_id(self.secret.name)
        if recovery_days is None:
            secrets.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
        else:
            secrets.delete_secret(SecretId=secret_id, RecoveryWindowInDays=recovery_days)
        forget(self.installation, self.secret.name)
        return None if recovery_days is None else self._gone_at(recovery_days)

    def _wait_for_its_exchange(self) -> None:
        """Wait for the end of an exchange that is under way: a restore is to bring its tokens back, not spent ones."""
        while True:
            entry = self.installation.registry.get(self.secret.name)
            intent = entry.intent if entry else None
            if intent is None or intent.end is not End.OPEN:
                return
            if not intent.may_be_under_way(self.installation.clock(), self.installation.settings.timing.lease):
                return  # Whoever began it is gone.
            a_moment()

    def _gone_at(self, recovery_days: int) -> datetime:
        return self.installation.clock().astimezone(UTC) + timedelta(days=recovery_days)

    @property
    def how_to_restore(self) -> str:
        """The command of AWS that brings it back."""
        secret_id = shlex.quote(self.installation.secret_id(self.secret.name))
        region = self.installation.session.region_name
        return f"aws secretsmanager restore-secret --secret-id {secret_id}" + (f" --region {region}" if region else "")
