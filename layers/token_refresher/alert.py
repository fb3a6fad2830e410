"""An alert: what stopped, since when, until when pipelines keep working, who has to do what."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from token_refresher.clock import to_rfc3339


class Event(StrEnum):
    """What happened, for subscription filters."""

    RECONSENT_REQUIRED = "reconsent_required"
    OPERATOR_ACTION_REQUIRED = "operator_action_required"
    REFRESH_AT_RISK = "refresh_at_risk"
    EXPIRY_WARNING = "expiry_warning"
    CONNECTED = "connected"
    RECOVERED = "recovered"

    @property
    def severity(self) -> "Severity":
        """How urgent the event is."""
        match self:
            case Event.RECONSENT_REQUIRED | Event.OPERATOR_ACTION_REQUIRED:
                return Severity.CRITICAL
            case Event.REFRESH_AT_RISK | Event.EXPIRY_WARNING:
                return Severity.WARNING
            case Event.CONNECTED | Event.RECOVERED:
                return Severity.INFO


class Severity(StrEnum):
    """How urgent an event is."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


_SUBJECTS: Final = {
    Event.RECONSENT_REQUIRED: "Sign-in needed",
    Event.OPERATOR_ACTION_REQUIRED: "Operator action needed",
    Event.REFRESH_AT_RISK: "At risk",
    Event.EXPIRY_WARNING: "Expires soon",
    Event.CONNECTED: "Connected",
    Event.RECOVERED: "Recovered",
}
_LONGEST_SUBJECT: Final = 99
"""SNS takes less than 100 characters."""


@dataclass(frozen=True)
class Alert:
    """One message to people.

    Attributes:
        event: What happened.
        credential: The credential's name.
        summary: One sentence.
        cause: Why, in plain words.
        action: What to do, and who.
        at: When it happened.
        code: What to search for, or empty.
        correlation_id: What Microsoft's support asks for, or empty.
        expires_at: Until when pipelines keep working, where that is known.
        connect_url: Where to sign in, where that helps.
    """

    event: Event
    credential: str
    summary: str
    cause: str
    action: str
    at: datetime
    code: str = ""
    correlation_id: str = ""
    expires_at: datetime | None = None
    connect_url: str | None = None

    @property
    def subject(self) -> str:
        """The subject of the mail: what, and which credential."""
        return f"{_SUBJECTS[self.event]}: {self.credential}"[:_LONGEST_SUBJECT]

    def to_json(self) -> str:
        """Write the message for machines."""
        return json.dumps(
            {
                "event": self.event,
                "severity": self.event.severity,
                "credential": self.credential,
                "summary": self.summary,
                "cause": self.cause,
                "action": self.action,
                "code": self.code or None,
                "correlation_id": self.correlation_id or None,
                "expires_at": to_rfc3339(self.expires_at) if self.expires_at else None,
                "connect_url": self.connect_url,
                "at": to_rfc3339(self.at),
            }
        )

    def to_text(self) -> str:
        """Write the message for people, as plain text."""
        parts = [self.summary]
        if self.cause:
            parts.append(f"Why: {self.cause}")
        if self.expires_at is not None and self.event.severity is not Severity.INFO:
            over = self.expires_at <= self.at
            verb = "have had no valid token since" if over else "keep working until"
            parts.append(f"Pipelines {verb} {_readable(self.expires_at)}.")
        if self.action:
            parts.append(f"What to do: {self.action}")
        if self.connect_url:
            parts.append(f"The link:\n{self.connect_url}")
        facts = [f"Credential: {self.credential}", f"Time: {_readable(self.at)}"]
        if self.code:
            facts.append(f"Code: {self.code}")
        if self.correlation_id:
            facts.append(f"Correlation ID (for Microsoft's support): {self.correlation_id}")
        return "\n\n".join([*parts, "\n".join(facts)]) + "\n"


class AlertTopic(Protocol):
    """Where alerts go."""

    def publish(self, alert: Alert) -> None:
        """Publish an alert.

        Raises:
            AlertNotSentError: It was perhaps not sent, and must be published again.
        """
        ...


def _readable(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
