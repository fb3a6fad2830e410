"""Secrets Manager in memory, with its versions, staging labels and errors, and what operators do at its console."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.fakes.calls import Calls, View
from token_refresher.base.clock import Clock, system_clock
from token_refresher.base.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.base.timing import SETTLING
from token_refresher.credential.status_tags import StatusTags
from token_refresher.rotation.secret_store import MOVED_TO_TAG, CurrentVersion, SecretPage, SecretState, StoredVersion

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"
PENDING = "AWSPENDING"
PAGE = 100
"""The most secrets on a page of the list."""

_NEVER = datetime.min.replace(tzinfo=UTC)

_CALLS = {
    "DescribeSecret": "describe",
    "GetSecretValue": "read",
    "ListSecretVersionIds": "history",
    "PutSecretValue": "put_pending",
    "UpdateSecretVersionStage": "promote",
    "TagResource": "set_status_tags",
}
"""The method of the port for each operation of Secrets Manager."""


@dataclass
class _Secret:
    arn: str
    versions: dict[str, str | bytes] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """The version that each staging label is on: a label is never on two."""
    tags: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    changed_at: datetime = _NEVER
    """When it changed last, in any way."""
    history: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)
    """The time of each write, and the staging labels before it."""
    written: dict[str, datetime] = field(default_factory=dict)
    """The time at which each version was written."""


class MemorySecretStore:
    """A `SecretStore` and a `SecretInventory`."""

    def __init__(self, calls: Calls | None = None, clock: Clock = system_clock) -> None:
        self.calls = calls or Calls()
        self._clock = clock
        self.on_promote: Callable[[str, str, str], None] = lambda _before, _after, _version: None
        """Called for each promotion with the old text, the new text, and the id of the new version."""
        self._secrets: dict[str, _Secret] = {}
        self._refused: dict[tuple[str, str], Exception] = {}
        self._drawn = 0
        self._created = 0

    # --- The ports ---------------------------------------------------------------------------------------------

    def pages(self, changed_since: datetime | None = None) -> Iterator[SecretPage]:
        """See `SecretInventory.pages`."""
        rest = [name for name, secret in self._secrets.items() if not secret.deleted]
        if changed_since is not None:
            rest.sort(key=lambda name: self._secrets[name].changed_at, reverse=True)
        while True:
            with self.calls.boundary("store.pages"):
                page, rest = rest[:PAGE], rest[PAGE:]
                found = [
                    _state(name, self._secrets[name], self._secrets[name].labels)
                    for name in page
                    if name in self._secrets and MOVED_TO_TAG not in self._secrets[name].tags
                ]
                oldest = min((self._secrets[name].changed_at for name in page if name in self._secrets), default=None)
            yield SecretPage(found, is_last=not rest)
            if not rest or (changed_since is not None and oldest is not None and oldest < changed_since):
                return

    def managed(self) -> Iterator[SecretState]:
        """Yield every managed secret."""
        for page in self.pages():
            yield from page.secrets

    def describe(self, name: str) -> SecretState:
        """See `SecretStore.describe`."""
        with self.calls.boundary("store.describe") as view:
            self._check(name, "describe")
            secret = self._usable(name)
            if MOVED_TO_TAG in secret.tags:
                raise CredentialNotFoundError(name)
            return _state(name, secret, self._labels(secret, view))

    def current(self, name: str) -> CurrentVersion:
        """See `SecretStore.current`."""
        with self.calls.boundary("store.current") as view:
            self._check(name, "read")
            secret = self._secrets.get(name)
            if secret is None:
                raise VersionNotFoundError(name)
            version_id = self._labels(self._usable(name), view).get(CURRENT)
        if version_id is None:
            raise VersionNotFoundError(name)
        content = secret.versions[version_id]
        if isinstance(content, bytes):
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return CurrentVersion(secret.arn, version_id, content)

    def read(self, name: str, version_id: str) -> str:
        """See `SecretStore.read`."""
        with self.calls.boundary("store.read") as view:
            self._check(name, "read")
            secret = self._usable(name)
            written_at = secret.written.get(version_id)
            is_new = written_at is not None and self._is_recent(written_at)
            content = None if is_new and view is not View.NOW else secret.versions.get(version_id)
        if content is None:
            raise VersionNotFoundError(name)
        if isinstance(content, bytes):
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return content

    def history(self, name: str) -> list[StoredVersion]:
        """See `SecretStore.history`."""
        with self.calls.boundary("store.history") as view:
            self._check(name, "history")
            secret = self._usable(name)
            labels = self._labels(secret, view)
            seen = [one for one in secret.versions if view is View.NOW or not self._is_recent(secret.written[one])]
        current, previous, pending = (labels.get(label) for label in (CURRENT, PREVIOUS, PENDING))
        return [
            StoredVersion(one, one == current, one == previous, one == pending, secret.written[one])
            for one in reversed(seen)
        ]

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """See `SecretStore.put_pending`."""
        with self.calls.boundary("store.put_pending"):
            self._check(name, "put_pending")
            secret = self._usable(name)
            # The limits of ClientRequestToken; PutSecretValue refuses every other length.
            assert 32 <= len(version_id) <= 64, version_id
            if version_id in secret.versions:
                if secret.versions[version_id] != document:
                    raise SuccessorExistsError(version_id)
                return  # "The operation is idempotent": the staging labels stay where they are as well.
            self._remember(secret)
            if not secret.versions:
                secret.labels[CURRENT] = version_id  # The first version of a secret always gets this staging label.
            self._write(secret, version_id, document)
            secret.labels[PENDING] = version_id

    def promote(self, name: str, version_id: str, replacing: str) -> None:
        """See `SecretStore.promote`."""
        with self.calls.boundary("store.promote"):
            self._check(name, "promote")
            secret = self._usable(name)
            if version_id not in secret.versions:
                raise VersionNotFoundError(name)
            if secret.labels.get(CURRENT) != replacing:
                raise PromotionRefusedError(name)
            self._remember(secret)
            self.on_promote(str(secret.versions[replacing]), str(secret.versions[version_id]), version_id)
            _make_current(secret, version_id)

    def set_status_tags(self, name: str, status_tags: StatusTags) -> None:
        """See `SecretStore.set_status_tags`."""
        with self.calls.boundary("store.set_status_tags"):
            self._check(name, "set_status_tags")
            self.tag(name, **status_tags.to_tags())

    # --- What operators do at the console, without a logged call -----------------------------------------------

    def create(self, name: str, content: str | bytes) -> str:
        """Create a secret with a value; return its version."""
        self.create_without_value(name)
        return self.edit(name, content)

    def create_without_value(self, name: str) -> None:
        """Create a secret as ``CreateSecret`` does without a value."""
        assert name not in self._secrets, name
        self._created += 1
        arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:token-refresher/{name}-{self._created:06d}"
        self._secrets[name] = _Secret(arn)

    def edit(self, name: str, content: str | bytes) -> str:
        """Store a new value at once, as the console does; return its version."""
        secret = self._usable(name)
        self._drawn += 1
        version_id = str(uuid.UUID(int=self._drawn))
        self._remember(secret)
        self._write(secret, version_id, content)
        _make_current(secret, version_id)
        return version_id

    def stage(self, name: str, content: str | bytes) -> str:
        """Store a version under ``AWSPENDING``, as another rotation software does; return its id."""
        secret = self._usable(name)
        self._drawn += 1
        version_id = str(uuid.UUID(int=self._drawn))
        self._remember(secret)
        self._write(secret, version_id, content)
        secret.labels[PENDING] = version_id
        return version_id

    def move(self, name: str, label: str, version_id: str) -> None:
        """Move a staging label to a version, as ``UpdateSecretVersionStage`` does."""
        secret = self._usable(name)
        assert version_id in secret.versions, version_id
        if secret.labels.get(label) == version_id:
            return
        self._remember(secret)
        if label == CURRENT:
            _make_current(secret, version_id)
        else:
            secret.labels[label] = version_id

    def remove_label(self, name: str, label: str) -> None:
        """Remove a staging label, as ``UpdateSecretVersionStage`` does without ``MoveToVersionId``."""
        secret = self._usable(name)
        self._remember(secret)
        del secret.labels[label]

    def tag(self, name: str, **tags: str) -> None:
        """Set tags."""
        secret = self._usable(name)
        secret.tags.update(tags)
        secret.changed_at = self._clock()

    def delete(self, name: str) -> None:
        """Schedule a secret for deletion."""
        self._usable(name).deleted = True

    def purge(self, name: str) -> None:
        """Delete a secret without recovery, as the end of its recovery window does."""
        del self._secrets[name]

    def refuse(self, name: str, call: str, error: Exception | None = None) -> None:
        """Make every call of a method fail for one secret, as its resource policy may; without an error, end that."""
        self._refused.pop((name, call), None)
        if error is not None:
            self._refused[name, call] = error

    def deny(self, name: str, operation: str) -> None:
        """Make an operation on one secret fail, as if its resource policy denied it."""
        error = ServiceUnavailableError(f"secretsmanager.{operation}", "AccessDeniedException", passing=False)
        self.refuse(name, _CALLS[operation], error)

    # --- What tests read, without a logged call ----------------------------------------------------------------

    def current_text(self, name: str) -> str:
        """Return the text that consumers read."""
        secret = self._usable(name)
        content = secret.versions[secret.labels[CURRENT]]
        assert isinstance(content, str)
        return content

    @property
    def deleted(self) -> set[str]:
        """The names of the secrets that are scheduled for deletion."""
        return {name for name, secret in self._secrets.items() if secret.deleted}

    def arn(self, name: str) -> str:
        """Return the ARN of a secret."""
        return self._usable(name).arn

    def labels(self, name: str) -> dict[str, str]:
        """Return the version that each staging label is on."""
        return dict(self._usable(name).labels)

    def tags(self, name: str) -> dict[str, str]:
        """Return the tags of a secret."""
        return dict(self._usable(name).tags)

    def status_tags(self, name: str) -> StatusTags | None:
        """Return the status tags of a secret."""
        return StatusTags.from_tags(self.tags(name))

    def versions(self, name: str) -> list[str]:
        """Return the ids of all versions, oldest first."""
        return list(self._usable(name).versions)

    def contents(self, name: str) -> dict[str, str | bytes]:
        """Return the content of every version."""
        return dict(self._usable(name).versions)

    def _is_recent(self, moment: datetime) -> bool:
        return self._clock() < moment + SETTLING

    def _remember(self, secret: _Secret) -> None:
        """Keep the present labels, which an eventually consistent read may still return for a while."""
        secret.history.append((self._clock(), dict(secret.labels)))
        secret.changed_at = self._clock()

    def _write(self, secret: _Secret, version_id: str, content: str | bytes) -> None:
        secret.versions[version_id] = content
        secret.written[version_id] = self._clock()

    def _labels(self, secret: _Secret, view: View) -> dict[str, str]:
        if view is View.NOW:
            return secret.labels
        recent = [labels for moment, labels in secret.history if self._is_recent(moment)]
        if not recent:
            return secret.labels
        return recent[-1] if view is View.BEFORE_THE_LAST_WRITE else recent[0]

    def _check(self, name: str, call: str) -> None:
        if (name, call) in self._refused:
            raise self._refused[name, call]

    def _usable(self, name: str) -> _Secret:
        secret = self._secrets.get(name)
        if secret is None or secret.deleted:
            raise CredentialNotFoundError(name)
        return secret


def _make_current(secret: _Secret, version_id: str) -> None:
    if CURRENT in secret.labels:
        # "Secrets Manager automatically moves the label AWSPREVIOUS to the version that AWSCURRENT was removed from."
        secret.labels[PREVIOUS] = secret.labels[CURRENT]
    secret.labels[CURRENT] = version_id


def _state(name: str, secret: _Secret, labels: dict[str, str]) -> SecretState:
    current, pending = labels.get(CURRENT), labels.get(PENDING)
    label = StatusTags.from_tags(secret.tags)
    previous = labels.get(PREVIOUS)
    return SecretState(name, secret.arn, current, pending if pending != current else None, label, previous)
