"""A credential event: what a pipeline is told, so that it starts when its token is ready, or is held back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from token_refresher.base.clock import optional_to_rfc3339, to_rfc3339
from token_refresher.registry.entry import RegistryEntry


class Kind(StrEnum):
    """What happened; the ``detail-type`` of the event."""

    REFRESHED = "CredentialRefreshed"
    """A new access token is current."""

    NEEDS_CONSENT = "CredentialNeedsConsent"
    """There will be no new access token before a person has signed in."""

    RECOVERED = "CredentialRecovered"
    """What the last ``CredentialNeedsConsent`` said is over."""


@dataclass(frozen=True)
class CredentialEvent:
    """One event of one credential. It holds no secret value.

    Attributes:
        kind: What happened.
        entry: The registry entry of the credential, in which it happened.
        at: When the event was written.
    """

    kind: Kind
    entry: RegistryEntry
    at: datetime

    @property
    def idempotency_key(self) -> str:
        """The key that tells duplicates: the kind, the credential and the version of its secret."""
        return f"{self.kind}/{self.entry.name}/{self.entry.version_id}"

    def to_json(self) -> str:
        """Return the ``detail`` of the event, as docs/events.schema.json describes it."""
        entry = self.entry
        diagnosis = entry.diagnosis if self.kind is Kind.NEEDS_CONSENT else None
        return json.dumps(
            {
                "credential": entry.name,
                "status": entry.status,
                "version_id": entry.version_id,
                "idempotency_key": self.idempotency_key,
                "refreshed_at": optional_to_rfc3339(entry.refreshed_at),
                "expires_at": optional_to_rfc3339(entry.expires_at),
                "code": diagnosis.code if diagnosis else None,
                "cause": diagnosis.cause if diagnosis else None,
                "at": to_rfc3339(self.at),
            }
        )


class EventBus(Protocol):
    """The bus that credential events are sent to."""

    def send(self, events: Sequence[CredentialEvent]) -> None:
        """Send events, all in one call.

        Raises:
            ServiceUnavailableError: Not all of them were taken; the caller has to send all of them again.
        """
        ...
