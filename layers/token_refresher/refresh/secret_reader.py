"""Reads the state of a secret, with one call where the registry knows the rest."""

from dataclasses import dataclass

from token_refresher.base.errors import MalformedCredentialError, VersionNotFoundError
from token_refresher.base.pace import Pace
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.status_tags import status_tags_of
from token_refresher.rotation.rotation import Rotation
from token_refresher.rotation.secret_store import SecretState


@dataclass(frozen=True)
class SecretReader:
    """Reads the state of a secret at the beginning of an attempt.

    Attributes:
        rotation: Reads the secret. It reads no version twice.
        pace: When to act.
    """

    rotation: Rotation
    pace: Pace

    def read(self, name: str, entry: RegistryEntry | None) -> SecretState:
        """Return the state of a secret: its staging labels and its status tags.

        Of a credential that is settled and due, the current version is read. If it is the one that the entry knows,
        with the last refresh token of its lineage, nothing can be unfinished: an exchange writes its intent first, and
        an edit writes another version. Otherwise the secret is described as well.

        Raises:
            CredentialNotFoundError: The secret does not exist any more.
            ServiceUnavailableError: Secrets Manager did not answer.
        """
        reserve = self.pace.timing.exchange
        if entry is not None and entry.is_settled and self._is_due(entry):
            try:
                arn, version = self.rotation.glance(name, reserve)
            except (VersionNotFoundError, MalformedCredentialError):
                return self.rotation.describe(name, reserve)
            is_known = version.version_id == entry.version_id
            if is_known and version.credential.fingerprint == entry.lineage[-1]:
                return SecretState(name, arn, version.version_id, None, status_tags_of(entry))
        return self.rotation.describe(name, reserve)

    def _is_due(self, entry: RegistryEntry) -> bool:
        """Tell whether the entry itself is due; other attempts are made because the secret may have changed."""
        return entry.next_action_at is not None and entry.next_action_at <= self.pace.clock()
