"""The port to where credentials live, and the name that a version's successor has.

The words are those of AWS Secrets Manager: versions, and the labels ``AWSCURRENT`` and ``AWSPENDING`` on them.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from token_refresher.errors import MalformedCredentialError
from token_refresher.status import Status
from token_refresher.status_label import StatusLabel

_SUCCESSORS: Final = uuid.UUID("6f2d6a8e-5d0b-5c39-9a55-0c3c1f6b7a11")
"""The UUIDv5 namespace of successor ids. Changing it would orphan every pending version."""


MOVED_TO_TAG: Final = "token-refresher:moved-to"
"""Holds the name that a credential has now. Its old secret is a pointer: it is not managed, and nobody refreshes it."""

MOVED_UNTIL_TAG: Final = "token-refresher:moved-until"
"""Until when the pointer is worth keeping, as RFC 3339 has it: the end of the last access token that it shows."""

NO_VERSION: Final = "none"
"""Stands for the version of a secret that was created without a value."""


def successor(arn: str, version_id: str) -> str:
    """Return the id of the one version that may follow this one.

    Derived, not drawn: whoever repeats a write after an unclean end finds the version it wrote before, and a rival
    that starts from the same version collides instead of forking (``ClientRequestToken`` of ``PutSecretValue``).
    """
    return str(uuid.uuid5(_SUCCESSORS, f"{arn}/{version_id}"))


@dataclass(frozen=True)
class SecretState:
    """What there is to see of a secret without any value: its versions, and what it shows of its credential.

    Attributes:
        name: The credential's name, without the prefix.
        arn: The secret's ARN.
        current: The version under ``AWSCURRENT``, or ``None`` for a secret that was never given a value.
        pending: The version under ``AWSPENDING``, when it is another one.
        label: What the secret shows of its credential, or ``None`` where it was never labelled.
    """

    name: str
    arn: str
    current: str | None
    pending: str | None
    label: StatusLabel | None = None

    def require_current(self) -> str:
        """Return the current version.

        Raises:
            MalformedCredentialError: The secret was created without a value.
        """
        if self.current is None:
            raise MalformedCredentialError(None, "the secret has no value yet")
        return self.current

    @property
    def shows_paused(self) -> bool:
        """Whether its consumers see that an operator set it aside."""
        return self.label is not None and self.label.status == Status.PAUSED

    @property
    def unfinished_successor(self) -> str | None:
        """The pending version that continues the current one: a write that was stored and not promoted."""
        if self.current is None or self.pending is None:
            return None
        return self.pending if self.pending == successor(self.arn, self.current) else None


class SecretInventory(Protocol):
    """What dispatch sees: the names and the labels of the managed secrets, never a value."""

    def managed(self) -> Iterator[SecretState]:
        """Yield every secret under the prefix, but those scheduled for deletion and pointers; may be minutes behind."""
        ...

    def describe(self, name: str) -> SecretState:
        """Return the labels of a credential's secret, as they are now.

        Raises:
            CredentialNotFoundError: There is no such secret, it is scheduled for deletion, or it is a pointer to where
                the credential is now (`MOVED_TO_TAG`).
        """
        ...


class SecretStore(Protocol):
    """The secrets under the prefix, version by version."""

    def describe(self, name: str) -> SecretState:
        """Return the labels of a credential's secret.

        Raises:
            CredentialNotFoundError: There is no such secret, it is scheduled for deletion, or it is a pointer to where
                the credential is now (`MOVED_TO_TAG`).
        """
        ...

    def read(self, name: str, version_id: str) -> str:
        """Return the text of one version.

        Raises:
            VersionNotFoundError: The version cannot be seen, for now or for ever.
            MalformedCredentialError: The version holds no text.
        """
        ...

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """Store a document as the version with this id, under ``AWSPENDING``; doing it again changes nothing.

        Raises:
            SuccessorExistsError: A version with this id holds another document.
            CredentialNotFoundError: The secret is gone.
        """
        ...

    def promote(self, name: str, version_id: str, replacing: str) -> None:
        """Move ``AWSCURRENT`` to a version, if and only if it is on the one to be replaced.

        Raises:
            PromotionRefusedError: ``AWSCURRENT`` is elsewhere: somebody was faster.
            VersionNotFoundError: There is no such version, for the secret was created anew meanwhile.
            CredentialNotFoundError: The secret is gone.
        """
        ...

    def label(self, name: str, label: StatusLabel) -> None:
        """Show a label on a credential's secret, beside the tags of others; no version is written or moved.

        Raises:
            CredentialNotFoundError: The secret is gone.
        """
        ...
