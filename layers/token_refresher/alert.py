"""An alert: one message to people, and to the machines that read along."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from token_refresher.clock import optional_to_rfc3339, to_rfc3339


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
"""SNS takes less than 100 characters (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)."""

_NAMED: Final = 100
"""How many credentials a message names: it holds 256 KB, and the name of a secret 512 characters, in three places."""


@dataclass(frozen=True)
class Alert:
    """One message to people.

    Machines get what `to_json` writes. What only helps somebody to understand it stands in the text alone.

    Attributes:
        event: What happened.
        credential: The credential's name.
        summary: One sentence, enough on a locked phone: who has to do what, and what stops when.
        cause: Why, in plain words; empty where it is good news.
        action: What to do, in plain words; empty where it is good news.
        at: When the message was written.
        code: What to search for, or empty.
        correlation_id: What Microsoft's support asks for, or empty.
        expires_at: Until when pipelines keep working, where that is known.
        connect_url: Where to sign in, where that helps.
        credentials: All credentials that it is about, where they are several.
        everything: Whether it may come to any other credential as well.
        stopped: What has stopped, or is about to.
        until: Until when pipelines keep working, in words.
        who: Who has to act.
        since: Since when.
        told: The how-manyth message about this incident it is.
        help_url: What Microsoft says about the code, or empty.
        runbook_url: Where the runbook is, or empty.
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
    credentials: tuple[str, ...] = ()
    everything: bool = False
    stopped: str = ""
    until: str = ""
    who: str = ""
    since: datetime | None = None
    told: int = 1
    help_url: str = ""
    runbook_url: str = ""

    @property
    def concerned(self) -> tuple[str, ...]:
        """All credentials that it is about, each once; the one that met it first of all."""
        return (self.credential, *(name for name in self.credentials if name != self.credential))

    @property
    def named(self) -> tuple[str, ...]:
        """The credentials that it is about, as many as a message can name."""
        return self.concerned[:_NAMED]

    @property
    def subject(self) -> str:
        """The subject of the mail: what, and which credential.

        It is ASCII without line breaks, as SNS wants it, because the name of a secret is: letters, digits and
        ``/_+=.@-`` (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html).
        """
        others = len(self.concerned) - 1
        more = f" and {others} more" if others else ""
        reminder = "Reminder: " if self.told > 1 else ""
        start = f"{reminder}{_SUBJECTS[self.event]}: "
        if self.everything:
            return f"{start}many credentials"
        start += self.credential
        if len(start + more) <= _LONGEST_SUBJECT:
            return start + more
        more = f"...{more}"
        return start[: _LONGEST_SUBJECT - len(more)] + more

    def to_json(self) -> str:
        """Write the message for machines; docs/alert.schema.json describes it."""
        return json.dumps(
            {
                "event": self.event,
                "severity": self.event.severity,
                "credential": self.credential,
                "credentials": self.named,
                "summary": self.summary,
                "cause": self.cause,
                "action": self.action,
                "code": self.code or None,
                "correlation_id": self.correlation_id or None,
                "expires_at": optional_to_rfc3339(self.expires_at),
                "connect_url": self.connect_url,
                "at": to_rfc3339(self.at),
            }
        )


class AlertTopic(Protocol):
    """Where alerts go."""

    def publish(self, alert: Alert) -> None:
        """Publish an alert.

        Raises:
            AlertNotSentError: It was perhaps not sent, and must be published again.
        """
        ...
