"""Sets the status tags of a secret from its registry entry, for the consumers of the secret."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from token_refresher.base.deadline import Deadline
from token_refresher.base.errors import CredentialNotFoundError, ServiceUnavailableError
from token_refresher.credential.status import Status, status_for
from token_refresher.credential.status_tags import NO_REASON, StatusTags
from token_refresher.registry.entry import RegistryEntry
from token_refresher.rotation.secret_store import SecretState, SecretStore

TRIED_FOR: Final = timedelta(seconds=2)
"""How long a throttled call is repeated. The rest of a worker's time is for tokens: other credentials wait for it."""

RESERVE: Final = timedelta(seconds=10)
"""The time that must be left: for the tries, for a last one that hangs (4 s), and for the page of a consent (4 s)."""


_LONGEST_VALUE: Final = 256
"""In characters. Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html"""

_NOT_ALLOWED: Final = re.compile(r"[^A-Za-z0-9 +\-=._:/@]")
"""The characters that not every AWS service allows in a tag.

Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html
"""


@dataclass(frozen=True)
class Shown:
    """Whether the status tags of a secret agree with its entry.

    Attributes:
        is_shown: Whether they do.
        refusal: Why they do not, if AWS would refuse the call again.
    """

    is_shown: bool
    refusal: ServiceUnavailableError | None = None


@dataclass(frozen=True)
class StatusTagWriter:
    """Keeps the status tags of secrets up to date.

    Attributes:
        store: The secret store.
        patience: How much time the invocation has.
    """

    store: SecretStore
    patience: Deadline

    def show(self, state: SecretState, entry: RegistryEntry) -> Shown:
        """Set the status tags of a secret, if they differ from the entry.

        Args:
            state: The state of the secret.
            entry: The entry that was written since.

        Returns:
            Whether the status tags agree with the entry now.
        """
        tags, time_left = new_status_tags(state, entry), self.patience.time_left()
        if tags is None:
            return Shown(is_shown=True)
        if time_left <= RESERVE:
            return Shown(is_shown=False)
        try:
            self.patience.call(time_left - TRIED_FOR, self.store.set_status_tags, state.name, tags)
        except (ServiceUnavailableError, CredentialNotFoundError) as error:
            # On purpose: the tokens and the entry are written, and the attempt must not fail because of status tags.
            # The next attempt finds that they differ, and sets them. A secret that is gone has none.
            refusal = error if isinstance(error, ServiceUnavailableError) and not error.passing else None
            return Shown(is_shown=False, refusal=refusal)
        return Shown(is_shown=True)


def new_status_tags(state: SecretState, entry: RegistryEntry) -> StatusTags | None:
    """Return the status tags that a secret is to get, or ``None`` if it keeps those that it has.

    Args:
        state: The state of the secret.
        entry: The entry of its credential.
    """
    if entry.status is Status.RETRYING and state.shows_paused:
        # Tags that go on saying "paused" would pause the credential again once the registry is lost.
        entry = replace(entry, status=_status_before_pause(entry))
    tags = status_tags_of(entry)
    return None if tags == state.status_tags else tags


def _status_before_pause(entry: RegistryEntry) -> Status:
    """Return the status that a resumed credential had before its pause; only an attempt can tell another one."""
    before = status_for(entry.diagnosis) if entry.diagnosis else None
    if before is not None and before.needs_a_person:
        return before
    return Status.HEALTHY if entry.refreshed_at else Status.AWAITING_CONSENT


def status_tags_of(entry: RegistryEntry) -> StatusTags | None:
    """Return the status tags for an entry, or ``None`` if the secret keeps those that it has.

    A failed attempt that is soon repeated changes nothing for a consumer, and needs no write. An entry that was never
    written is a guess.
    """
    if entry.status is Status.RETRYING or entry.revision == 0:
        return None
    diagnosis = entry.diagnosis if entry.status.needs_a_person else None
    return StatusTags(entry.status, _fitting(diagnosis.summary) if diagnosis else NO_REASON)


def _fitting(text: str) -> str:
    """Return a text without the characters that a tag may not have, and no longer than a tag may be."""
    words = _NOT_ALLOWED.sub("", " ".join(text.split()))
    return words if len(words) <= _LONGEST_VALUE else f"{words[: _LONGEST_VALUE - 3]}..."
