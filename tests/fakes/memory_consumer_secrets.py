"""The secrets that consumers read, in memory, and what each reader of them has seen."""

import json
import uuid
from typing import Any

from tests.fakes.calls import Calls
from token_refresher.base.errors import SuccessorExistsError, VersionNotFoundError
from token_refresher.rotation.secret_store import CurrentVersion


class MemoryConsumerSecrets:
    """A `ConsumerSecrets`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.versions: dict[str, dict[str, str]] = {}
        self.deleted: set[str] = set()
        self.seen: dict[str, list[dict[str, Any]]] = {}
        """What a reader of each secret has seen, in order."""
        self._current: dict[str, str] = {}

    def current(self, secret: str) -> CurrentVersion:
        """See `ConsumerSecrets.current`."""
        with self.calls.boundary("consumers.current"):
            self._check(secret)
            version_id = self._current[secret]
            return CurrentVersion(f"arn:{secret}", version_id, self.versions[secret][version_id])

    def create(self, secret: str, version_id: str, document: str) -> None:
        """See `ConsumerSecrets.create`."""
        with self.calls.boundary("consumers.create"):
            if secret in self.versions:
                self.deleted.discard(secret)
                raise SuccessorExistsError(version_id)
            self.versions[secret] = {}
            self._write(secret, version_id, document)

    def put(self, secret: str, version_id: str, document: str) -> None:
        """See `ConsumerSecrets.put`."""
        with self.calls.boundary("consumers.put"):
            self._check(secret)
            known = self.versions[secret].get(version_id)
            if known is not None and known != document:
                raise SuccessorExistsError(version_id)
            if known is None:
                self._write(secret, version_id, document)

    def delete(self, secret: str) -> None:
        """See `ConsumerSecrets.delete`."""
        with self.calls.boundary("consumers.delete"):
            if secret in self.versions:
                self.deleted.add(secret)

    # --- What tests do and read, without a logged call ---------------------------------------------------------

    def edit(self, secret: str, text: str) -> None:
        """Write a version as a person or another program does."""
        self.versions.setdefault(secret, {})
        self._write(secret, str(uuid.uuid4()), text)

    def document(self, secret: str) -> dict[str, Any]:
        """Return what a reader gets."""
        self._check(secret)
        value: dict[str, Any] = json.loads(self.versions[secret][self._current[secret]])
        return value

    def _write(self, secret: str, version_id: str, document: str) -> None:
        self.versions[secret][version_id] = document
        self._current[secret] = version_id
        if document.startswith("{"):
            self.seen.setdefault(secret, []).append(json.loads(document))

    def _check(self, secret: str) -> None:
        if secret not in self.versions or secret in self.deleted:
            raise VersionNotFoundError(secret)
