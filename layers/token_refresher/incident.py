"""An incident that concerns more than one credential: people are told of it once, and not once for each.

The application of fifty credentials whose client secret has expired is one incident, and so is a sign-in service that
is down for all of them. What concerns one credential alone is kept in its registry entry.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

from token_refresher.alert import Event
from token_refresher.errors import StaleObservationError
from token_refresher.open_alert import AGAIN

CLAIM: Final = timedelta(minutes=6)
"""How long others leave the telling to whoever has begun it: no function runs for longer than five minutes."""

_LISTED: Final = 150_000
"""How many characters of names are remembered, twice: an item of DynamoDB holds 400 KB."""


@dataclass(frozen=True)
class Incident:
    """What people were told about something that several credentials share.

    Attributes:
        id: What it is about, such as ``application#{client_id}#{meaning}``.
        event: What people are told.
        since: When the first credential met it.
        affected: The credentials that it stops now.
        members: All that it has stopped.
        told: How often people were told.
        told_at: When they were told last.
        over_at: When people were told that it is over; what begins after that is another one.
        again: Whether another one of that id had just been over when it began.
        mended: Whether any of its members works again.
        claimed_by: The credential whose worker is about to tell them.
        claimed_at: Since when it is.
        revision: How often the incident was written; what the next write is conditional on.
    """

    id: str
    event: Event
    since: datetime
    affected: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    told: int = 0
    told_at: datetime | None = None
    over_at: datetime | None = None
    again: bool = False
    mended: bool = False
    claimed_by: str = ""
    claimed_at: datetime | None = None
    revision: int = 0

    def joined_by(self, credential: str) -> Self:
        """Return the incident with one more credential that it stops."""
        return replace(self, affected=_with(self.affected, credential), members=_with(self.members, credential))

    def left_by(self, credential: str, *, works: bool) -> Self:
        """Return the incident with one credential less that it stops, because it works, or for another reason."""
        left = replace(
            self,
            affected=tuple(name for name in self.affected if name != credential),
            mended=self.mended or works,
        )
        return replace(left, claimed_by="", claimed_at=None) if self.claimed_by == credential else left

    @property
    def is_over(self) -> bool:
        """Whether it stopped something, and stops nothing any more."""
        return bool(self.members or self.over_at) and not self.affected

    def over(self, now: datetime) -> Self:
        """Return the incident after people were told that it is over."""
        return replace(self, over_at=now, affected=(), members=(), told=0, told_at=None, mended=False)

    def next(self, event: Event, now: datetime) -> Self:
        """Return the incident that begins now, after this one is over or forgotten."""
        again = self.is_over and (self.over_at is None or now < self.over_at + AGAIN)
        return replace(type(self)(self.id, event, now, again=again), revision=self.revision)

    def claimed(self, credential: str, now: datetime) -> Self:
        """Return the incident with somebody about to tell people: an intent, so that two do not at the same time."""
        return replace(self, claimed_by=credential, claimed_at=now)

    def is_claimed_by_others(self, credential: str, now: datetime) -> bool:
        """Tell whether the worker of another credential is about to tell people."""
        others = self.claimed_by not in {"", credential}
        return others and self.claimed_at is not None and now < self.claimed_at + CLAIM

    def told_of(self, now: datetime) -> Self:
        """Return the incident after people were told."""
        return replace(self, told=self.told + 1, told_at=now, claimed_by="", claimed_at=None)


class Incidents(Protocol):
    """The incidents, until long after they are over."""

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident as it was last written, or ``None``."""
        ...

    def save(self, incident: Incident) -> Incident:
        """Write an incident, unless somebody has written it since it was read.

        Returns:
            The incident as it is stored, to be written again.

        Raises:
            StaleObservationError: Somebody has written it since.
        """
        ...


def change(incidents: Incidents, incident_id: str, to: Callable[[Incident | None], Incident | None]) -> Incident | None:
    """Change an incident on top of whatever others write at the same time.

    Args:
        incidents: Where it is.
        incident_id: Which one.
        to: Returns what it is to be; what it was leaves it alone, and ``None`` too where there was none.

    Returns:
        The incident as it is stored.
    """
    while True:
        before = incidents.get(incident_id)
        after = to(before)
        if after is None or after == before:
            return before
        try:
            return incidents.save(after)
        except StaleObservationError:
            continue


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    is_full = sum(map(len, names)) + len(name) > _LISTED
    return names if name in names or is_full else tuple(sorted((*names, name)))
