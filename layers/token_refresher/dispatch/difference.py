"""How a listed secret differs from its registry entry, and whether an attempt has to find out why."""

from enum import IntEnum

from token_refresher.credential.status import Status
from token_refresher.registry.summary import EntrySummary
from token_refresher.rotation.secret_store import NO_VERSION, SecretState


class Difference(IntEnum):
    """Why dispatch enqueues a credential that is not due, the most urgent first."""

    CHANGED = 1
    """An operator or another process wrote a version, or left one that was not promoted."""
    NEW = 2
    """There is no entry yet."""
    GONE = 3
    """There is an entry and no secret."""
    TAGS = 4
    """Only the status tags of the secret are outdated."""


def difference(secret: SecretState, entry: EntrySummary | None) -> Difference | None:
    """Return how a secret differs from its entry; ``None`` if it does not, or if nothing is to be done about it.

    A paused credential waits for its operator, whatever changes.

    Args:
        secret: The secret as the list has it, which may be five minutes behind.
        entry: Its entry as it is now.
    """
    if entry is None:
        return Difference.NEW
    version_id = secret.current or NO_VERSION
    if entry.is_paused:
        return None
    if entry.version_id != version_id:
        # Of two versions that we wrote on top of each other, the entry has one and the list the other. Either the list
        # is behind, or the writer is about to record the newer one; if it has died, its intent makes the credential
        # due. After a roll-back the current version does not follow AWSPREVIOUS.
        is_behind = secret.is_own_write and (
            secret.follows(entry.version_id, version_id) or secret.follows(version_id, entry.version_id)
        )
        return None if is_behind else Difference.CHANGED
    if secret.unfinished_successor is not None:
        return Difference.CHANGED
    return Difference.TAGS if _has_outdated_tags(secret, entry) else None


def _has_outdated_tags(secret: SecretState, entry: EntrySummary) -> bool:
    """Tell whether the status tags of a secret differ from its entry.

    A credential that is being retried keeps the tags that it had before, except those of a pause.
    """
    if entry.status is Status.RETRYING:
        return secret.shows_paused
    return secret.status_tags is None or secret.status_tags.status != entry.status
