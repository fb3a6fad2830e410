"""What the registry remembers of a secret that consumers read, and the port to such secrets."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, Self

from token_refresher.rotation.secret_store import CurrentVersion


@dataclass(frozen=True)
class Publication:
    """One secret that consumers read, as it was published last.

    Attributes:
        secret: The whole name of the secret.
        version_id: The version that was written last; empty before the first one.
        generation: How often it was published.
        refreshed_at: When the tokens in it were issued (RFC 3339).
        digest: The first 12 hex digits of the SHA-256 of its document, without the generation; empty if consumers are
            to read something else.
        until: For the pointer of a renamed credential: until when it is kept fresh.
    """

    secret: str
    version_id: str = ""
    generation: int = 0
    refreshed_at: str = ""
    digest: str = ""
    until: datetime | None = None

    @property
    def is_pointer(self) -> bool:
        """Whether it is the pointer of a renamed credential, and not a secret that the credential publishes to."""
        return self.until is not None

    @property
    def is_outdated(self) -> bool:
        """Whether consumers read something that does not hold any more, such as the status before a pause."""
        return bool(self.version_id) and not self.digest

    def outdated(self) -> Self:
        """Return the secret when consumers are to read something else, which the next attempt publishes."""
        return replace(self, digest="")


class ConsumerSecrets(Protocol):
    """The secrets that consumers read."""

    def current(self, secret: str) -> CurrentVersion:
        """Return the current version.

        Raises:
            VersionNotFoundError: There is no such secret, or it is scheduled for deletion.
            MalformedCredentialError: It holds no text.
        """
        ...

    def create(self, secret: str, version_id: str, document: str) -> None:
        """Create a secret with its first version, or bring one back that is scheduled for deletion.

        Raises:
            SuccessorExistsError: There is such a secret by now.
        """
        ...

    def put(self, secret: str, version_id: str, document: str) -> None:
        """Write a version and make it current. A repeated call changes nothing.

        Raises:
            SuccessorExistsError: A version with this ID holds another document.
            VersionNotFoundError: There is no such secret, or it is scheduled for deletion.
        """
        ...

    def delete(self, secret: str) -> None:
        """Schedule a secret for deletion, if there is one."""
        ...
