"""What people know of an incident that is not over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from token_refresher.alert import Event

AGAIN: Final = timedelta(hours=2)
"""A risk that comes back within this time of its end is the same trouble, that comes and goes."""

CALM: Final = timedelta(hours=1)
"""How long trouble that comes and goes must stay away before people are told that it is over."""


@dataclass(frozen=True)
class OpenAlert:
    """What people were last told about an incident that is not over.

    Attributes:
        event: What they were told.
        condition: What is wrong, as far as it makes a difference to them.
        at: When they were told last.
        since: When the incident began.
        told: How often they were told.
        generation: The consent generation that it is about, or ``None`` where the document could not be read.
        again: Whether it is a risk that came back soon after people were told that it was over.
        calm_since: Since when a risk that came back has been over, as far as is known.
        beside: Whether it is renewed as always, so that this does not stop it.
        incident: The id of the `Incident` that it is part of, or empty where it is of this credential alone.
    """

    event: Event
    condition: str
    at: datetime
    since: datetime
    told: int = 1
    generation: str | None = None
    incident: str = ""
    beside: bool = False
    again: bool = False
    calm_since: datetime | None = None

    def is_about(self, event: Event, condition: str, generation: str | None) -> bool:
        """Tell whether people know of this already; what cannot be read is of the generation that was there before."""
        same_grant = generation is None or self.generation is None or self.generation == generation
        return same_grant and (self.event, self.condition) == (event, condition)

    def is_over(self, now: datetime) -> bool:
        """Tell whether people may be told that it is over: what comes and goes must have been calm for a while."""
        return not self.again or (self.calm_since is not None and now >= self.calm_since + CALM)

    def calming(self, now: datetime) -> Self:
        """Return the alert after a good refresh."""
        return replace(self, calm_since=self.calm_since or now)

    def failing(self) -> Self:
        """Return the alert after one more failure."""
        return replace(self, calm_since=None)
