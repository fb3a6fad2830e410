"""The content of a connect link. `links` has its signature and its URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from token_refresher.base.clock import from_rfc3339, to_rfc3339


@dataclass(frozen=True)
class Invite:
    """The credential that a link is for, the consent that it is for, and its time.

    Attributes:
        credential: The credential's name.
        consent_generation: The credential's generation when the link was made. A consent changes the generation, and
            the link stops working.
        made_at: When the link was made. An operator can withdraw all links that were made before some time.
        expires_at: When the link expires.
    """

    credential: str
    consent_generation: str
    made_at: datetime
    expires_at: datetime

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the link has expired."""
        return now >= self.expires_at

    def to_document(self) -> dict[str, str]:
        """Return the invite as a flat document. It is not signed, so it opens nothing."""
        return {
            "credential": self.credential,
            "consent_generation": self.consent_generation,
            "made_at": to_rfc3339(self.made_at),
            "expires_at": to_rfc3339(self.expires_at),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, str]) -> Self:
        """Read an invite from its document.

        Raises:
            KeyError: A field is missing.
            ValueError: A time is not valid.
        """
        return cls(
            document["credential"],
            document["consent_generation"],
            from_rfc3339(document["made_at"]),
            from_rfc3339(document["expires_at"]),
        )
