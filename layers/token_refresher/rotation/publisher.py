"""Publishes the tokens that consumers read: one write, which is a compare-and-swap (docs/decisions/0060).

The ID of a version follows from the version before it. Of two writers that saw the same version, the second finds the
ID taken, reads again, and stops if what is there is newer. So an older token never comes on top of a newer one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from token_refresher.base.errors import (
    MalformedCredentialError,
    PublicationRefusedError,
    ServiceUnavailableError,
    SuccessorExistsError,
    VersionNotFoundError,
)
from token_refresher.credential.consumer_document import MOVED_TO_KEY
from token_refresher.rotation.publication import ConsumerSecrets, Publication
from token_refresher.rotation.secret_store import successor

_TRIES: Final = 4
"""How often another writer may be faster. Only a refresh and a consent can be at work at the same time."""

_FIRST: Final = "first"
"""Stands for the version before the first one."""


@dataclass(frozen=True)
class Publisher:
    """Writes the secrets that consumers read.

    Attributes:
        secrets: The secrets.
    """

    secrets: ConsumerSecrets

    def publish(self, document: Mapping[str, Any], known: Publication) -> Publication:
        """Make a document current, unless it is already, or a newer one is.

        Args:
            document: The document, without its generation.
            known: The secret, as it was published last. A name alone is enough.

        Returns:
            The secret as it is now.

        Raises:
            PublicationRefusedError: The secret is not one that this credential may write. Nothing was written.
            ServiceUnavailableError: AWS did not do it. The next attempt publishes.
        """
        digest = _digest(document)
        issued_at = str(document.get("refreshed_at", ""))
        if known.digest == digest or known.refreshed_at > issued_at:
            return known
        seen = known if known.version_id else self._seen(document, known)
        for _ in range(_TRIES):
            if seen.digest == digest:
                return seen
            after = replace(
                seen,
                version_id=successor(seen.secret, seen.version_id or _FIRST),
                generation=seen.generation + 1,
                refreshed_at=issued_at,
                digest=digest,
            )
            text = json.dumps({**document, "generation": after.generation})
            try:
                write = self.secrets.put if seen.version_id else self.secrets.create
                write(after.secret, after.version_id, text)
            except (SuccessorExistsError, VersionNotFoundError):
                seen = self._seen(document, known)
            else:
                return after
        raise ServiceUnavailableError("secretsmanager.PutSecretValue", "ResourceExistsException")

    def remove(self, name: str, publication: Publication) -> None:
        """Schedule a secret for deletion, if a credential still publishes to it.

        Args:
            name: The name of the credential.
            publication: The secret.
        """
        try:
            found = _object(self.secrets.current(publication.secret).text)
        except (VersionNotFoundError, MalformedCredentialError):
            return
        if found.get("credential") == name:
            self.secrets.delete(publication.secret)

    def _seen(self, document: Mapping[str, Any], known: Publication) -> Publication:
        """Return the secret as it is now; with the digest of the document, if what is there is newer."""
        try:
            current = self.secrets.current(known.secret)
        except VersionNotFoundError:
            return replace(known, version_id="", digest="")
        except MalformedCredentialError:
            raise PublicationRefusedError(known.secret, "is binary, so another program made it") from None
        found = _object(current.text)
        _check_owner(found, document, known)
        generation = found.get("generation")
        kept = {key: value for key, value in found.items() if key != "generation"}
        return replace(
            known,
            version_id=current.version_id,
            generation=generation if isinstance(generation, int) else known.generation,
            refreshed_at=str(found.get("refreshed_at", "")),
            digest=_digest(document if _is_newer(found, document) else kept),
        )


def _is_newer(found: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Tell whether the tokens that are there are newer, or others of the same second, which are as good."""
    theirs, ours = str(found.get("refreshed_at", "")), str(document.get("refreshed_at", ""))
    is_other = found.get("access_token") != document.get("access_token")
    return theirs > ours or (theirs == ours and is_other)


def _check_owner(found: Mapping[str, Any], document: Mapping[str, Any], known: Publication) -> None:
    if MOVED_TO_KEY in document:
        if MOVED_TO_KEY not in found or "client_id" in found:
            raise PublicationRefusedError(known.secret, "is no pointer any more")
        return
    owner, stack = found.get("credential"), found.get("prefix")
    if (owner, stack) == (document["credential"], document["prefix"]) or known.version_id:
        return  # Known by its version: the credential had another name when it published there.
    if isinstance(owner, str):
        raise PublicationRefusedError(known.secret, f"is published by the credential {stack}/{owner}")
    raise PublicationRefusedError(known.secret, "was not made by Token Refresher")


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
