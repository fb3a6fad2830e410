"""The open alert of a credential: what people were notified of, until it is over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from token_refresher.diagnosis.diagnosis import LASTING


class Event(StrEnum):
    """The kind of an alert, for subscription filters."""

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


AGAIN: Final = timedelta(hours=2)
"""If a risk comes back within this time of its end, it is the same problem, which comes and goes."""

CALM: Final = timedelta(hours=1)
"""How long a problem that comes and goes must be away before people are notified that it is over."""


@dataclass(frozen=True)
class OpenAlert:
    """The last notification of a problem that is not over.

    Attributes:
        event: The event of the last alert.
        condition: The problem. If it changes, people are notified again.
        at: When people were notified last.
        since: When the problem began.
        notifications: How often people were notified.
        generation: The consent generation that it is about, or ``None`` if the document could not be read.
        again: Whether it is a risk that came back soon after people were notified that it was over.
        calm_since: Since when refreshes have been good after a risk that came back.
        beside: Whether the problem does not stop refreshes.
        incident: The ID of the shared `Incident`, or empty if only this credential is affected.
    """

    event: Event
    condition: str
    at: datetime
    since: datetime
    notifications: int = 1
    generation: str | None = None
    incident: str = ""
    beside: bool = False
    again: bool = False
    calm_since: datetime | None = None

    def is_about(self, event: Event, condition: str, generation: str | None) -> bool:
        """Tell whether people were notified of this already; an unknown generation counts as the same."""
        same_grant = generation is None or self.generation is None or self.generation == generation
        return same_grant and (self.event, self.condition) == (event, condition)

    @property
    def is_of_what_passes(self) -> bool:
        """Whether the problem passes by itself, and so may come back."""
        return self.event is Event.REFRESH_AT_RISK or self.condition == LASTING

    def is_over(self, now: datetime) -> bool:
        """Tell whether people may be notified that it is over: one that came back must have been away for a while."""
        return not self.again or (self.calm_since is not None and now >= self.calm_since + CALM)

    def calming(self, now: datetime) -> Self:
        """Return the alert after a good refresh."""
        return replace(self, calm_since=self.calm_since or now)

    def failing(self) -> Self:
        """Return the alert after one more failure."""
        return replace(self, calm_since=None)
