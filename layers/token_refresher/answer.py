"""How a refresh ended that somebody asked for: what the registry keeps for whoever waits for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from token_refresher.diagnosis import Diagnosis
from token_refresher.outcome import Outcome, Result


@dataclass(frozen=True)
class Answer:
    """The end of a refresh on demand. It holds no secret value: tokens are named by their fingerprints.

    Attributes:
        request_id: What was drawn for the request.
        at: When it ended.
        result: How it ended.
        diagnosis: What the failure means, where there was one.
        expires_at: Until when pipelines have a token, where that is known.
        presented: The fingerprint of the refresh token that was used.
        issued: The fingerprint of its successor.
        used_previous_client_secret: Whether Microsoft refused the client secret and took the one before it.
    """

    request_id: str
    at: datetime
    result: Result
    diagnosis: Diagnosis | None = None
    expires_at: datetime | None = None
    presented: str = ""
    issued: str = ""
    used_previous_client_secret: bool = False

    @classmethod
    def of(cls, outcome: Outcome, now: datetime) -> Self:
        """Return the answer that an outcome is."""
        return cls(
            outcome.request_id,
            now,
            outcome.result,
            outcome.diagnosis,
            outcome.expires_at,
            outcome.presented,
            outcome.issued,
            outcome.used_previous_client_secret,
        )

    def outcome(self, credential: str) -> Outcome:
        """Return the outcome that it was the answer to."""
        return Outcome(
            credential,
            self.result,
            self.diagnosis,
            self.expires_at,
            self.presented,
            self.issued,
            used_previous_client_secret=self.used_previous_client_secret,
            request_id=self.request_id,
        )
