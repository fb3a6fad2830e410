"""The port to the secret store, and the IDs that the successor of a version can have.

The terms are those of AWS Secrets Manager: a version has the staging labels ``AWSCURRENT``, ``AWSPREVIOUS`` and
``AWSPENDING``.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.status import Status
from token_refresher.credential.status_tags import StatusTags

_SUCCESSORS: Final = uuid.UUID("6f2d6a8e-5d0b-5c39-9a55-0c3c1f6b7a11")
"""The UUIDv5 namespace of successor IDs. With another one, no pending version would be found any more."""


MOVED_TO_TAG: Final = "token-refresher:moved-to"
"""On the old secret of a renamed credential: its name now. The old secret is a pointer, which is not refreshed."""

MOVED_UNTIL_TAG: Final = "token-refresher:moved-until"
"""Until when consumers may need the pointer (RFC 3339): the end of the last access token in it."""

NAMELESS: Final = "(no name)"
"""Stands for the name of a secret that has nothing after the prefix. A registry key, a message and an alert need a
name that is not empty, and no secret can have this one: Secrets Manager allows no space and no bracket.
"""

NO_VERSION: Final = "none"
"""Stands for the version of a secret that was created without a value."""


_MOST_SUCCESSORS: Final = 128
"""How many successors one version can have: more than Secrets Manager keeps versions (100)."""

_DERIVED_VERSION: Final = 5
"""The version of a UUID that is derived from a name. AWS and its SDKs use random ones: version 4."""


def successor(arn: str, version_id: str) -> str:
    """Return the first ID that may follow a version.

    It is derived and not random: a worker that repeats an interrupted write finds the version of the first write, and a
    rival that starts from the same version collides instead of forking (``ClientRequestToken`` of ``PutSecretValue``).
    """
    return str(uuid.uuid5(_SUCCESSORS, f"{arn}/{version_id}"))


def successors(arn: str, version_id: str) -> Iterator[str]:
    """Yield the IDs that may follow a version; each is used only if those before it are taken.

    A version has one successor, unless an operator moves ``AWSCURRENT`` back to it. Then that successor stays as it is,
    and the next refresh uses the next ID.
    """
    yield successor(arn, version_id)
    for number in range(1, _MOST_SUCCESSORS):
        yield str(uuid.uuid5(_SUCCESSORS, f"{arn}/{version_id}/{number}"))


def is_derived(version_id: str) -> bool:
    """Tell whether an ID can come from `successors`."""
    try:
        return uuid.UUID(version_id).version == _DERIVED_VERSION
    except ValueError:
        return False


@dataclass(frozen=True)
class StoredVersion:
    """One version of a secret, without its value.

    Attributes:
        version_id: Its ID.
        is_current: Whether ``AWSCURRENT`` is on it.
        is_previous: Whether ``AWSPREVIOUS`` is on it: it was current, and was replaced.
        is_pending: Whether ``AWSPENDING`` is on it.
        created_at: When it was written.
    """

    version_id: str
    is_current: bool
    is_previous: bool
    is_pending: bool
    created_at: datetime


@dataclass(frozen=True)
class CurrentVersion:
    """The version that ``AWSCURRENT`` was on, with its text.

    Attributes:
        arn: The ARN of the secret.
        version_id: The ID of the version.
        text: Its text.
    """

    arn: str
    version_id: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class SecretState:
    """The state of a secret, without any value: its staging labels and its status tags.

    Attributes:
        name: The credential's name, without the prefix.
        arn: The secret's ARN.
        current: The version under ``AWSCURRENT``, or ``None`` for a secret that was never given a value.
        pending: The version under ``AWSPENDING``, if it is another one.
        status_tags: The status tags of the secret, or ``None`` if it has none.
        previous: The version under ``AWSPREVIOUS``: Secrets Manager moves it to the version that ``AWSCURRENT`` leaves.
    """

    name: str
    arn: str
    current: str | None
    pending: str | None
    status_tags: StatusTags | None = None
    previous: str | None = None

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
        """Whether its status tag is ``paused``."""
        return self.status_tags is not None and self.status_tags.status == Status.PAUSED

    @property
    def unfinished_successor(self) -> str | None:
        """The pending version that follows the current one: it was stored and not promoted.

        If it is the previous version as well, it was promoted, and an operator has moved ``AWSCURRENT`` back since.
        """
        if self.current is None or self.pending is None or self.pending == self.previous:
            return None
        return self.pending if self.follows(self.pending, self.current) else None

    @property
    def foreign_pending(self) -> str | None:
        """The pending version, if another tool wrote it; it is never read."""
        return self.pending if self.pending is not None and not is_derived(self.pending) else None

    @property
    def own_pending(self) -> str | None:
        """The pending version, if Token Refresher can have written it."""
        return self.pending if self.foreign_pending is None else None

    @property
    def is_own_write(self) -> bool:
        """Whether a refresh or a consent wrote the current version, and has finished: its writer records it."""
        if self.current is None or self.previous is None or self.unfinished_successor is not None:
            return False
        return self.follows(self.current, self.previous)

    def follows(self, version_id: str, before: str) -> bool:
        """Tell whether a refresh or a consent wrote a version on top of another one."""
        return is_derived(version_id) and version_id in successors(self.arn, before)


@dataclass(frozen=True)
class SecretPage:
    """A part of the list of managed secrets.

    Attributes:
        secrets: The secrets that are no pointers and not scheduled for deletion.
        is_last: Whether the list ends here. Without such a page, the list was not read to its end.
    """

    secrets: Sequence[SecretState]
    is_last: bool


class SecretInventory(Protocol):
    """The part of the secret store that dispatch sees: the state of the managed secrets, and no value."""

    def pages(self, changed_since: datetime | None = None) -> Iterator[SecretPage]:
        """Yield the list of managed secrets, page by page; it may be five minutes behind.

        Args:
            changed_since: If given, the list begins with the secret that changed last, and ends with the page that has
                a secret which has not changed since.
        """
        ...


class SecretStore(Protocol):
    """The secrets under the prefix, version by version."""

    def describe(self, name: str) -> SecretState:
        """Return the state of a credential's secret.

        Raises:
            CredentialNotFoundError: There is no such secret, it is scheduled for deletion, or it is a pointer to the
                secret that the credential has now (`MOVED_TO_TAG`).
        """
        ...

    def current(self, name: str) -> CurrentVersion:
        """Return the current version, and nothing of the others.

        Raises:
            CredentialNotFoundError: The secret is scheduled for deletion.
            VersionNotFoundError: There is no such secret, or it has no current version.
            MalformedCredentialError: The version holds no text.
        """
        ...

    def read(self, name: str, version_id: str) -> str:
        """Return the text of one version.

        Raises:
            VersionNotFoundError: The version cannot be read: not yet, or not any more.
            MalformedCredentialError: The version holds no text.
        """
        ...

    def history(self, name: str) -> list[StoredVersion]:
        """Return the versions of a secret that still have a value, the newest first.

        Raises:
            CredentialNotFoundError: The secret is gone.
        """
        ...

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """Store a document as the version with this ID, under ``AWSPENDING``. A repeated call changes nothing.

        Raises:
            SuccessorExistsError: A version with this ID holds another document.
            CredentialNotFoundError: The secret is gone.
        """
        ...

    def promote(self, name: str, version_id: str, replacing: str) -> None:
        """Move ``AWSCURRENT`` to a version, if it is on the one to be replaced.

        Raises:
            PromotionRefusedError: ``AWSCURRENT`` is on another version: another writer was faster.
            VersionNotFoundError: There is no such version: the secret was deleted and created again meanwhile.
            CredentialNotFoundError: The secret is gone.
        """
        ...

    def set_status_tags(self, name: str, status_tags: StatusTags) -> None:
        """Set the status tags of a credential's secret. Other tags and all versions stay as they are.

        Raises:
            CredentialNotFoundError: The secret is gone.
        """
        ...
