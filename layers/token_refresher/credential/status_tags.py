"""The status tags of a secret: two tags that consumers can read. Setting them creates no version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

STATUS_TAG: Final = "token-refresher:status"
REASON_TAG: Final = "token-refresher:reason"
"""The names of the two tags. The roles may set no other tags, and consumers rely on the names."""

NO_REASON: Final = "-"
"""The reason if nobody has to act. It is not empty, so that the tag does not look incomplete."""


@dataclass(frozen=True)
class StatusTags:
    """The status tags of a secret. They hold no secret value: a reason is a text of the catalogue.

    Attributes:
        status: A `Status`, as in the registry.
        reason: Why a person has to act, in the characters that a tag allows.
    """

    status: str
    reason: str

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """Read the status tags from all tags of a secret, or return ``None`` if there is no status."""
        status = tags.get(STATUS_TAG)
        return None if status is None else cls(status, tags.get(REASON_TAG, ""))

    def to_tags(self) -> dict[str, str]:
        """Return the tags to set on the secret."""
        return {STATUS_TAG: self.status, REASON_TAG: self.reason}
