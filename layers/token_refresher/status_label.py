"""What a secret shows of its credential: two tags, which consumers can read and which cost no version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from token_refresher.registry_entry import RegistryEntry
from token_refresher.status import Status

STATUS_TAG: Final = "token-refresher:status"
REASON_TAG: Final = "token-refresher:reason"
"""The only tags of ours; the roles may set no other. Whoever reads them relies on their names."""

NO_REASON: Final = "-"
"""Where nobody has to act. Not empty, so that it is seen that nothing is missing."""

_LONGEST_VALUE: Final = 256
"""In characters. Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html"""

_NOT_ALLOWED: Final = re.compile(r"[^A-Za-z0-9 +\-=._:/@]")
"""What a tag may not hold, whichever service of AWS shows it.

Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html
"""


@dataclass(frozen=True)
class StatusLabel:
    """What a secret shows of its credential. It holds no secret value: a reason is a text of our own.

    Attributes:
        status: A `Status`, as the registry has it.
        reason: Why a person has to act, as a tag can hold it.
    """

    status: str
    reason: str

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """Read the label from the tags of a secret; ``None`` where it has none."""
        status = tags.get(STATUS_TAG)
        return None if status is None else cls(status, tags.get(REASON_TAG, ""))

    def to_tags(self) -> dict[str, str]:
        """Return the tags that show it."""
        return {STATUS_TAG: self.status, REASON_TAG: self.reason}


def label_of(entry: RegistryEntry) -> StatusLabel | None:
    """Return what the secret of an entry is to show, or ``None`` where it goes on showing what it does.

    An attempt that failed and is made again soon changes nothing for a consumer, so it is worth no write. An entry that
    was never written is a guess.
    """
    if entry.status is Status.RETRYING or entry.revision == 0:
        return None
    diagnosis = entry.diagnosis if entry.status.needs_a_person else None
    return StatusLabel(entry.status, _fitting(f"{diagnosis.code}: {diagnosis.cause}") if diagnosis else NO_REASON)


def _fitting(text: str) -> str:
    """Return what a tag can hold of a text."""
    words = _NOT_ALLOWED.sub("", " ".join(text.split()))
    return words if len(words) <= _LONGEST_VALUE else f"{words[: _LONGEST_VALUE - 3]}..."
