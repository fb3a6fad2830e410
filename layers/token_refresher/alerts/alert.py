"""An alert: one message to people, and to the machines that subscribe to the topic."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from token_refresher.base.clock import optional_to_rfc3339, to_rfc3339
from token_refresher.base.words import MICROSOFT, Words
from token_refresher.registry.open_alert import Event

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
"""How many credentials a message names: it holds 256 KB, and each name of up to 512 characters three times."""


@dataclass(frozen=True)
class Alert:
    """One message to people.

    Machines get what `to_json` writes. The explanations are in the mail only.

    Attributes:
        event: What happened.
        credential: The credential's name.
        summary: One sentence, enough on a locked phone: who has to do what, and what stops when.
        cause: Why, in plain words; empty for good news.
        action: What to do, in plain words; empty for good news.
        at: When the message was written.
        code: The code to search for, or empty.
        correlation_id: The id that the provider's support asks for, or empty.
        expires_at: Until when pipelines keep working, if that is known.
        connect_url: Where to sign in, if that helps.
        credentials: All credentials that it is about, if they are several.
        everything: Whether any other credential may be affected as well.
        stopped: What has stopped, or is about to stop.
        until: Until when pipelines keep working, in words.
        who: Who has to act.
        since: Since when.
        notifications: The number of this message within its incident, from 1.
        help_url: The provider's page about the code, or empty.
        runbook_url: The address of the runbook, or empty.
        words: How texts name the provider.
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
    notifications: int = 1
    help_url: str = ""
    runbook_url: str = ""
    words: Words = MICROSOFT

    @property
    def concerned(self) -> tuple[str, ...]:
        """All credentials that it is about, each once; the one that this message was written for comes first."""
        return (self.credential, *(name for name in self.credentials if name != self.credential))

    @property
    def named(self) -> tuple[str, ...]:
        """The credentials that it is about, at most as many as a message can name."""
        return self.concerned[:_NAMED]

    @property
    def subject(self) -> str:
        """The subject of the mail: what happened, and to which credential.

        SNS requires ASCII without line breaks. The name of a secret has only letters, digits and ``/_+=.@-``
        (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html).
        """
        others = len(self.concerned) - 1
        more = f" and {others} more" if others else ""
        reminder = "Reminder: " if self.notifications > 1 else ""
        start = f"{reminder}{_SUBJECTS[self.event]}: "
        if self.everything:
            return f"{start}many credentials"
        start += self.credential
        if len(start + more) <= _LONGEST_SUBJECT:
            return start + more
        more = f"...{more}"
        return start[: _LONGEST_SUBJECT - len(more)] + more

    def to_json(self) -> str:
        """Return the message for machines, as docs/alert.schema.json describes it."""
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
    """The topic that alerts are published to."""

    def publish(self, alert: Alert) -> None:
        """Publish an alert.

        Raises:
            AlertNotSentError: The alert was perhaps not sent; the caller has to publish it again.
        """
        ...
