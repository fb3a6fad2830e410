"""What a connect link carries. Its signature and its address are `connect_link`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from token_refresher.clock import from_rfc3339, to_rfc3339


@dataclass(frozen=True)
class Invite:
    """For which credential a link is, for which of its consents, and how long it works.

    Attributes:
        credential: The credential's name.
        consent_generation: What the credential had when the link was made: after a consent it has another, and the
            link has done its work.
        made_at: When the link was made: an operator may withdraw all that were made before some moment.
        expires_at: When its time is over.
    """

    credential: str
    consent_generation: str
    made_at: datetime
    expires_at: datetime

    def has_expired(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return now >= self.expires_at

    def to_document(self) -> dict[str, str]:
        """Return the invite as a flat document, unsigned: it opens nothing."""
        return {
            "credential": self.credential,
            "consent_generation": self.consent_generation,
            "made_at": to_rfc3339(self.made_at),
            "expires_at": to_rfc3339(self.expires_at),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, str]) -> Self:
        """Return the invite that a document holds.

        Raises:
            KeyError: It lacks a field.
            ValueError: A time in it is none.
        """
        return cls(
            document["credential"],
            document["consent_generation"],
            from_rfc3339(document["made_at"]),
            from_rfc3339(document["expires_at"]),
        )
