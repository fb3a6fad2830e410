"""Secrets Manager in memory: versions, labels and refusals as the service has them, and an operator at its console."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.calls import Calls, View
from token_refresher.clock import Clock, system_clock
from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    PromotionRefusedError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.secret_store import MOVED_TO_TAG, SecretState
from token_refresher.status_label import StatusLabel
from token_refresher.timing import SETTLING

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"
PENDING = "AWSPENDING"


@dataclass
class _Secret:
    arn: str
    versions: dict[str, str | bytes] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    """Which version each label is on: a label is never on two."""
    tags: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    history: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)
    """The labels before each write, and when that was."""
    written: dict[str, datetime] = field(default_factory=dict)
    """When each version was written."""


class MemorySecretStore:
    """A `SecretStore` and a `SecretInventory`."""

    def __init__(self, calls: Calls | None = None, clock: Clock = system_clock) -> None:
        self.calls = calls or Calls()
        self._clock = clock
        self.on_promote: Callable[[str, str], None] = lambda _before, _after: None
        """Is told of each promotion: what was current, and what becomes so."""
        self._secrets: dict[str, _Secret] = {}
        self._drawn = 0
        self._created = 0

    # --- The ports ---------------------------------------------------------------------------------------------

    def managed(self) -> Iterator[SecretState]:
        """See `SecretInventory.managed`."""
        with self.calls.boundary("store.managed"):
            found = [
                _state(name, secret, secret.labels)
                for name, secret in self._secrets.items()
                if not secret.deleted and MOVED_TO_TAG not in secret.tags
            ]
        yield from found

    def describe(self, name: str) -> SecretState:
        """See `SecretStore.describe`."""
        with self.calls.boundary("store.describe") as view:
            secret = self._usable(name)
            if MOVED_TO_TAG in secret.tags:
                raise CredentialNotFoundError(name)
            return _state(name, secret, self._labels(secret, view))

    def read(self, name: str, version_id: str) -> str:
        """See `SecretStore.read`."""
        with self.calls.boundary("store.read") as view:
            secret = self._usable(name)
            written_at = secret.written.get(version_id)
            is_new = written_at is not None and self._is_recent(written_at)
            content = None if is_new and view is not View.NOW else secret.versions.get(version_id)
        if content is None:
            raise VersionNotFoundError(name)
        if isinstance(content, bytes):
            raise MalformedCredentialError(None, "the secret is binary, and must be a JSON text")
        return content

    def put_pending(self, name: str, version_id: str, document: str) -> None:
        """See `SecretStore.put_pending`."""
        with self.calls.boundary("store.put_pending"):
            secret = self._usable(name)
            # The limits of ClientRequestToken; PutSecretValue refuses any other.
            assert 32 <= len(version_id) <= 64, version_id
            if version_id in secret.versions:
                if secret.versions[version_id] != document:
                    raise SuccessorExistsError(version_id)
                return  # "The operation is idempotent": the labels stay where they are, too.
            self._remember(secret)
            if not secret.versions:
                secret.labels[CURRENT] = version_id  # The first version of a secret gets this label in any case.
            self._write(secret, version_id, document)
            secret.labels[PENDING] = version_id

    def promote(self, name: str, version_id: str, replacing: str) -> None:
        """See `SecretStore.promote`."""
        with self.calls.boundary("store.promote"):
            secret = self._usable(name)
            if version_id not in secret.versions:
                raise VersionNotFoundError(name)
            if secret.labels.get(CURRENT) != replacing:
                raise PromotionRefusedError(name)
            self._remember(secret)
            self.on_promote(str(secret.versions[replacing]), str(secret.versions[version_id]))
            _make_current(secret, version_id)

    def label(self, name: str, label: StatusLabel) -> None:
        """See `SecretStore.label`."""
        with self.calls.boundary("store.label"):
            self._usable(name).tags.update(label.to_tags())

    # --- The operator at the console, past all hooks -----------------------------------------------------------

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

    def tag(self, name: str, **tags: str) -> None:
        """Set tags."""
        self._usable(name).tags.update(tags)

    def delete(self, name: str) -> None:
        """Schedule a secret for deletion."""
        self._usable(name).deleted = True

    def purge(self, name: str) -> None:
        """Remove a secret for good, as the end of its recovery window does."""
        del self._secrets[name]

    # --- What a test looks at, past all hooks ------------------------------------------------------------------

    def current_text(self, name: str) -> str:
        """Return the text that consumers read."""
        secret = self._usable(name)
        content = secret.versions[secret.labels[CURRENT]]
        assert isinstance(content, str)
        return content

    def arn(self, name: str) -> str:
        """Return the ARN of a secret."""
        return self._usable(name).arn

    def labels(self, name: str) -> dict[str, str]:
        """Return which version each label is on."""
        return dict(self._usable(name).labels)

    def tags(self, name: str) -> dict[str, str]:
        """Return the tags of a secret."""
        return dict(self._usable(name).tags)

    def shown(self, name: str) -> StatusLabel | None:
        """Return what a secret shows of its credential."""
        return StatusLabel.from_tags(self.tags(name))

    def versions(self, name: str) -> list[str]:
        """Return the ids of all versions, oldest first."""
        return list(self._usable(name).versions)

    def contents(self, name: str) -> dict[str, str | bytes]:
        """Return what every version holds."""
        return dict(self._usable(name).versions)

    def _is_recent(self, moment: datetime) -> bool:
        return self._clock() < moment + SETTLING

    def _remember(self, secret: _Secret) -> None:
        """Keep what a reader may still see for a while."""
        secret.history.append((self._clock(), dict(secret.labels)))

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

    def _usable(self, name: str) -> _Secret:
        secret = self._secrets.get(name)
        if secret is None or secret.deleted:
            raise CredentialNotFoundError(name)
        return secret


def _make_current(secret: _Secret, version_id: str) -> None:
    if CURRENT in secret.labels:
        secret.labels[PREVIOUS] = secret.labels[CURRENT]
    secret.labels[CURRENT] = version_id


def _state(name: str, secret: _Secret, labels: dict[str, str]) -> SecretState:
    current, pending = labels.get(CURRENT), labels.get(PENDING)
    label = StatusLabel.from_tags(secret.tags)
    return SecretState(name, secret.arn, current, pending if pending != current else None, label)
