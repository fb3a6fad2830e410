"""An incident that concerns several credentials: people are notified of it once, and not once for each credential.

If the client secret of an application with fifty credentials expires, that is one incident. So is an outage of the
sign-in service. An alert that concerns one credential alone is kept in its registry entry.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

from token_refresher.registry.open_alert import AGAIN, Event

CLAIM: Final = timedelta(minutes=6)
"""How long a claim to publish the alert holds off other workers: no function runs for longer than five minutes."""

_LISTED: Final = 150_000
"""How many characters of names are kept, in each of two lists: an item of DynamoDB holds 400 KB."""


@dataclass(frozen=True)
class Incident:
    """One incident: the credentials that it stops, and what people were notified of.

    Attributes:
        id: What it is about, such as ``application#{client_id}#{meaning}``.
        event: The event that people are notified of.
        since: When it stopped the first credential.
        affected: The credentials that it stops now.
        members: All credentials that it has stopped.
        notifications: How often people were notified.
        notified_at: When they were last notified.
        over_at: When it was over; a failure after that begins another incident.
        again: Whether it began shortly after the incident before it was over.
        mended: Whether any of its members works again.
        warned: Whether people were notified of a risk before a person had to act.
        named: How many members it had when people were last notified.
        claimed_by: The credential whose worker is about to publish the alert.
        claimed_at: When that worker claimed it.
        revision: How often the incident was written; the next write is conditional on it.
    """

    id: str
    event: Event
    since: datetime
    affected: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    notifications: int = 0
    notified_at: datetime | None = None
    over_at: datetime | None = None
    again: bool = False
    mended: bool = False
    warned: bool = False
    named: int = 0
    claimed_by: str = ""
    claimed_at: datetime | None = None
    revision: int = 0

    def joined_by(self, credential: str, since: datetime) -> Self:
        """Return the incident with one more credential, which it has stopped since then."""
        return replace(
            self,
            since=min(self.since, since),
            affected=_with(self.affected, credential),
            members=_with(self.members, credential),
        )

    def left_by(self, credential: str, *, works: bool) -> Self:
        """Return the incident without a credential, which works again or was removed for another reason."""
        left = replace(
            self,
            affected=tuple(name for name in self.affected if name != credential),
            mended=self.mended or works,
        )
        return replace(left, claimed_by="", claimed_at=None) if self.claimed_by == credential else left

    def raised(self, event: Event) -> Self:
        """Return the incident as one that a person has to act on, not yet notified, if it was only a risk before."""
        if event is Event.REFRESH_AT_RISK or self.event is not Event.REFRESH_AT_RISK:
            return self
        raised = replace(self, event=event, notifications=0, notified_at=None, warned=self.notifications > 0)
        return replace(raised, claimed_by="", claimed_at=None)

    @property
    def is_known(self) -> bool:
        """Whether people were notified of it at all."""
        return self.notifications > 0 or self.warned

    @property
    def is_over(self) -> bool:
        """Whether it stopped credentials, and stops none any more."""
        return bool(self.members or self.over_at) and not self.affected

    def over(self, now: datetime) -> Self:
        """Return the incident after its end; what is left says whether the next one comes soon after it."""
        return replace(type(self)(self.id, self.event, self.since), over_at=now, revision=self.revision)

    def next(self, event: Event, now: datetime) -> Self:
        """Return the incident of the same id that begins now, after this one."""
        again = self.is_over and (self.over_at is None or now < self.over_at + AGAIN)
        return replace(type(self)(self.id, event, now, again=again), revision=self.revision)

    def claimed(self, credential: str, now: datetime) -> Self:
        """Return the incident with the claim of a worker to publish the alert, so that no two do at the same time."""
        return replace(self, claimed_by=credential, claimed_at=now)

    def is_claimed_by_others(self, credential: str, now: datetime) -> bool:
        """Tell whether the worker of another credential is about to publish the alert."""
        others = self.claimed_by not in {"", credential}
        return others and self.claimed_at is not None and now < self.claimed_at + CLAIM

    def notified_of(self, event: Event, now: datetime) -> Self:
        """Return the incident after people were notified of an event; meanwhile it may have been raised."""
        if event is not self.event:
            return replace(self, warned=True)
        named = len(self.members)
        return replace(
            self, notifications=self.notifications + 1, notified_at=now, named=named, claimed_by="", claimed_at=None
        )


class Incidents(Protocol):
    """The port to the table of incidents. They stay there after they are over."""

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident as it was last written, or ``None``."""
        ...

    def save(self, incident: Incident) -> Incident:
        """Write an incident if no other process has written it since it was read.

        Returns:
            The incident as stored, with the revision for the next write.

        Raises:
            StaleObservationError: Another process has written it since.
        """
        ...


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    is_full = sum(map(len, names)) + len(name) > _LISTED
    return names if name in names or is_full else tuple(sorted((*names, name)))
