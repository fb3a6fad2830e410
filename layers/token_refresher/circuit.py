"""What is known of an authority that may be down, and how many calls it still gets. Pure, but for the port.

Microsoft's sign-in service is one for all credentials: while it is down, asking once for each of them tells no more
than asking three times, and is one more load for a service that tries to come back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

THRESHOLD: Final = 5
"""How many credentials must fail, with no success in between: fewer may be sick for themselves, and cost little."""

WINDOW: Final = timedelta(minutes=10)
"""How old the failure before may be to count with this one: two ticks of the default schedule."""

PROBES: Final = 3
"""How many calls a period an open circuit lets through: one may be of a sick credential, and one meet a sick server."""

FOR_THE_SICK: Final = 1
"""How many of them are for credentials that fail already. The others are for those that do not: however many are sick
for themselves, a healthy one comes through, and what it is answered closes the circuit.
"""

FORGOTTEN: Final = timedelta(hours=1)
"""After this long without a failure an open circuit is closed: nobody has asked, so nobody knows."""


def hold(period: timedelta, spread: float) -> timedelta:
    """Return how long a credential waits that an open circuit holds back: a draw from two periods, to spread recovery.

    From half a period to two and a half, so that it comes with one of the next three ticks, however late in its tick
    it was held back. About half of those that wait come with each tick.

    Args:
        period: How often credentials are looked at.
        spread: A random number from 0 to 1.
    """
    return period / 2 + 2 * period * spread


@dataclass(frozen=True)
class Circuit:
    """What is known of one authority: closed, which is as it should be, or open while it is down.

    Attributes:
        authority: The address of the authority.
        failing: The credentials that have failed since the last success, the newest last, and no more than `THRESHOLD`.
        last_failure_at: When the newest of them failed.
        opened_at: When so many had failed that the circuit opened.
        window_began_at: When the period began to which the probes count.
        probes: The failing credentials that were let through in it: by name, so that no two workers claim one probe.
        others: The other credentials that were let through in it.
        revision: How often the circuit was written.
    """

    authority: str
    failing: tuple[str, ...] = ()
    last_failure_at: datetime | None = None
    opened_at: datetime | None = None
    window_began_at: datetime | None = None
    probes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    revision: int = 0

    def is_open(self, now: datetime) -> bool:
        """Tell whether the authority is taken for down."""
        return self.opened_at is not None and self._failed_within(FORGOTTEN, now)

    def admitting(self, credential: str, now: datetime, period: timedelta, *, is_failing: bool = False) -> Self | None:
        """Return the circuit once a call is let through, or ``None`` where it is held back.

        Args:
            credential: The name of the credential that is to be refreshed.
            now: The time.
            period: How often credentials are looked at.
            is_failing: Whether its last attempt failed.
        """
        if self.opened_at is None or not self.is_open(now):
            return self
        # A circuit opens amid a tick. Periods that begin half-way between the ticks do not mind if one comes early.
        began_at = self.opened_at + ((now - self.opened_at + period / 2) // period) * period - period / 2
        circuit = self
        if self.window_began_at is None or began_at > self.window_began_at:
            circuit = replace(self, window_began_at=began_at, probes=(), others=())
        if is_failing or credential in self.failing:
            probes = (*circuit.probes, credential)
            return replace(circuit, probes=probes) if len(probes) <= FOR_THE_SICK else None
        others = (*circuit.others, credential)
        return replace(circuit, others=others) if len(others) <= PROBES - FOR_THE_SICK else None

    def failed(self, credential: str, now: datetime) -> Self:
        """Return the circuit after a call failed in a way that may be an outage (`Diagnosis.outage`)."""
        is_open = self.is_open(now)
        known = self.failing if is_open or self._failed_within(WINDOW, now) else ()
        failing = (*(name for name in known if name != credential), credential)[-THRESHOLD:]
        after = replace(self, failing=failing, last_failure_at=now)
        if is_open:
            return after
        if len(failing) < THRESHOLD:
            return replace(after, opened_at=None, window_began_at=None, probes=(), others=())
        # Those that opened it were probes enough of the sick for this period.
        return replace(after, opened_at=now, window_began_at=now, probes=failing[-FOR_THE_SICK:], others=())

    def worked(self) -> Self:
        """Return the circuit after the authority answered: closed, and nothing is held against it."""
        return replace(self, failing=(), opened_at=None, window_began_at=None, probes=(), others=())

    def _failed_within(self, span: timedelta, now: datetime) -> bool:
        return self.last_failure_at is not None and now - self.last_failure_at < span


class Circuits(Protocol):
    """The circuits, one an authority."""

    def get(self, authority: str) -> Circuit | None:
        """Return the circuit of an authority, as it was last written, or ``None``."""
        ...

    def save(self, circuit: Circuit) -> Circuit:
        """Write a circuit, unless another one was written since the one was read that it was made from.

        Returns:
            The circuit as it is stored, to be written again.

        Raises:
            StaleObservationError: Somebody has written the circuit since.
        """
        ...
