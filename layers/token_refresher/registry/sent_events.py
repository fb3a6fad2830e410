"""What the credential events have told pipelines so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True)
class SentEvents:
    """The credential events that the bus took last.

    Attributes:
        refreshed_at: When the access token was issued that the last ``CredentialRefreshed`` was about.
        needs_consent: The version that the last ``CredentialNeedsConsent`` was about; empty after a
            ``CredentialRecovered``.
    """

    refreshed_at: datetime | None = None
    needs_consent: str = ""


NOTHING_SENT: Final = SentEvents()
