"""Finds the secret of a credential, wherever it is by now, and reads it."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from token_refresher_client.document import Document, Token, UnreadableDocumentError
from token_refresher_client.errors import HEALTHY, OPERATOR, UNKNOWN, Condition, MissingPermissionError, RenameLoopError
from token_refresher_client.secrets_manager import SecretsManager, malformed

STATUS_TAG: Final = "token-refresher:status"
REASON_TAG: Final = "token-refresher:reason"
"""The tags of a secret that say how its credential is, and why."""

_NO_REASON: Final = "-"
_MOST_RENAMES: Final = 5
"""A pointer is removed after 30 days; who renames more often than this has made a loop."""

_log = logging.getLogger("token_refresher_client")


@dataclass(frozen=True)
class Reading:
    """What was found in a secret.

    Attributes:
        secret_id: The secret that was read, after all renames.
        arn: Its ARN.
        version_id: The version that was read.
        written_at: When that version was written.
        document: Its content.
        denied: Why the secret that a pointer names could not be read. The document is then that of the pointer.
    """

    secret_id: str
    arn: str
    version_id: str
    written_at: datetime
    document: Document
    denied: MissingPermissionError | None = None

    def fresh(self, now: datetime, min_remaining: timedelta) -> Token | None:
        """Return the token, if it has not ended and has as much time left as asked for."""
        token = self.document.token
        if token is None or token.remaining(now) <= timedelta():
            return None
        return token if token.remaining(now) >= min_remaining else None

    def replaces(self, earlier: "Reading") -> bool:
        """Tell whether this is newer than an earlier reading.

        A secret that was deleted and made again counts its generations anew. A pointer that is read because the new
        secret is denied is never newer than what that secret held.
        """
        if self.denied is not None and earlier.denied is None:
            return False
        if self.arn != earlier.arn:
            return True
        return self.version_id != earlier.version_id and not self.document.is_older_than(earlier.document)


@dataclass(frozen=True)
class SecretLocator:
    """Reads the secret of a credential by its name, and follows renames.

    Attributes:
        name: The name or the ARN of the secret that the pipeline was told.
        secrets: Reads secrets.
    """

    name: str
    secrets: SecretsManager

    def read(self) -> Reading:
        """Read the secret. It makes one call, and one more for each rename.

        Raises:
            TokenReaderError: There is nothing to read.
        """
        found = self._read(self.name)
        for _ in range(_MOST_RENAMES):
            if found.document.moved_to is None:
                return found
            following = _beside(found, self.name)
            try:
                found = self._read(following)
            except MissingPermissionError as denied:
                # A pointer keeps a token for who may not read the new secret yet.
                _log.warning("%s was renamed to %s. %s", found.secret_id, following, denied)
                return replace(found, denied=denied)
        raise RenameLoopError(
            f"{self.name} says that its credential was renamed, and {_MOST_RENAMES} renames later there is none.",
            f"Ask {OPERATOR} for the name of the secret.",
            self.name,
        )

    def condition(self, reading: Reading, now: datetime) -> Condition:
        """Return how the credential of a reading is. It makes one call, and may do without an answer."""
        document = reading.document
        tags = self.secrets.tags(reading.secret_id)
        # It was healthy when the token was new. Once that has ended, this is no longer so.
        ended = reading.fresh(now, timedelta()) is None
        published = None if ended and document.status == HEALTHY else document.status
        reason = tags.get(REASON_TAG, _NO_REASON)
        return Condition(
            document.credential or reading.secret_id.rpartition("/")[2],
            tags.get(STATUS_TAG) or published or UNKNOWN,
            None if reason == _NO_REASON else reason,
            document.refreshed_at or (reading.written_at if document.token else None),
        )

    def _read(self, secret_id: str) -> Reading:
        value = self.secrets.value(secret_id)
        try:
            document = Document.parse(value.text)
        except UnreadableDocumentError as error:
            raise malformed(secret_id, str(error)) from None
        return Reading(secret_id, value.arn, value.version_id, value.created_at, document)


def _beside(pointer: Reading, asked: str) -> str:
    """Return the ID of the secret that a pointer names: a secret of the same account and Region as the pointer."""
    moved_to = pointer.document.moved_to or ""
    if not asked.startswith("arn:") or moved_to.startswith("arn:"):
        return moved_to
    return ":".join([*pointer.arn.split(":")[:6], moved_to])
