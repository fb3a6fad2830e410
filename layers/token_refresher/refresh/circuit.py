"""The circuit of an authority: when it opens, and how many calls it lets through. Pure policy, and a port.

All credentials share Microsoft's sign-in service. While it is down, three calls per tick show as much as one call for
each credential, and put less load on a service that tries to recover.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, Self

THRESHOLD: Final = 5
"""How many credentials must fail, with no success in between. Fewer may fail for their own reasons, and cost little."""

WINDOW: Final = timedelta(minutes=10)
"""How old the last failure may be to count together with this one: two ticks of the default schedule."""

PROBES: Final = 3
"""How many calls per period an open circuit lets through. One credential may be failing for its own reasons, and one
call may meet a failing server.
"""

PROBES_FOR_FAILING: Final = 1
"""How many of the probes are for credentials that were failing before. The others are for healthy credentials: however
many credentials are failing for their own reasons, a healthy one gets through, and its answer closes the circuit.
"""

FORGOTTEN: Final = timedelta(hours=1)
"""After this long without a failure an open circuit counts as closed: nothing was tried, so nothing is known."""


def hold(period: timedelta, spread: float) -> timedelta:
    """Return how long an open circuit holds a credential back: three quarters of a period to two, to spread recovery.

    The credential comes with one of the next two ticks, so an authority that is up for two ticks serves all that wait.
    The tokens of a recovery are not refreshed together after that (`Timing.parted_action_at`).

    Args:
        period: The time from one tick to the next.
        spread: A random number from 0 to 1.
    """
    return period * (0.75 + 1.25 * spread)


@dataclass(frozen=True)
class Circuit:
    """The circuit of one authority: closed while the authority works, open while it is down.

    Attributes:
        authority: The address of the authority.
        failing: The credentials that have failed since the last success, the newest last, at most `THRESHOLD`.
        last_failure_at: When the newest of them failed.
        silent_since: When the first call after the last success failed, with no long pause since.
        opened_at: When the circuit opened.
        window_began_at: When the current period of probes began.
        probes: The failing credentials that got a probe in this period: by name, so that no two workers take the same.
        others: The other credentials that got a probe in this period.
        revision: How often the circuit was written.
    """

    authority: str
    failing: tuple[str, ...] = ()
    last_failure_at: datetime | None = None
    silent_since: datetime | None = None
    opened_at: datetime | None = None
    window_began_at: datetime | None = None
    probes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    revision: int = 0

    def is_open(self, now: datetime) -> bool:
        """Tell whether the circuit is open, which means that the authority is down."""
        return self.opened_at is not None and self._failed_within(FORGOTTEN, now)

    def is_silent(self, span: timedelta) -> bool:
        """Tell whether the authority has answered no call for so long, even if too few failed to open the circuit."""
        if self.silent_since is None or self.last_failure_at is None:
            return False
        return self.last_failure_at - self.silent_since >= span

    def admitting(self, credential: str, now: datetime, period: timedelta, *, is_failing: bool = False) -> Self | None:
        """Return the circuit with one more call let through, or ``None`` if it holds the call back.

        Args:
            credential: The name of the credential to refresh.
            now: The time.
            period: The time from one tick to the next.
            is_failing: Whether its last attempt failed.
        """
        if self.opened_at is None or not self.is_open(now):
            return self
        # A circuit opens in the middle of a tick. Periods begin half-way between ticks, so a tick may come early.
        began_at = self.opened_at + ((now - self.opened_at + period / 2) // period) * period - period / 2
        circuit = self
        if self.window_began_at is None or began_at > self.window_began_at:
            circuit = replace(self, window_began_at=began_at, probes=(), others=())
        if is_failing or credential in self.failing:
            probes = (*circuit.probes, credential)
            return replace(circuit, probes=probes) if len(probes) <= PROBES_FOR_FAILING else None
        others = (*circuit.others, credential)
        return replace(circuit, others=others) if len(others) <= PROBES - PROBES_FOR_FAILING else None

    def failed(self, credential: str, now: datetime) -> Self:
        """Return the circuit after a call failed in a way that may be an outage (`Diagnosis.outage`)."""
        is_open = self.is_open(now)
        known = self.failing if is_open or self._failed_within(WINDOW, now) else ()
        failing = (*(name for name in known if name != credential), credential)[-THRESHOLD:]
        silent_since = self.silent_since if self._failed_within(FORGOTTEN, now) else None
        after = replace(self, failing=failing, last_failure_at=now, silent_since=silent_since or now)
        if is_open:
            return after
        if len(failing) < THRESHOLD:
            return replace(after, opened_at=None, window_began_at=None, probes=(), others=())
        # The failures that opened it count as this period's probes for failing credentials.
        return replace(after, opened_at=now, window_began_at=now, probes=failing[-PROBES_FOR_FAILING:], others=())

    def worked(self) -> Self:
        """Return the circuit after the authority answered: closed, without any failure."""
        return replace(self, failing=(), silent_since=None, opened_at=None, window_began_at=None, probes=(), others=())

    def _failed_within(self, span: timedelta, now: datetime) -> bool:
        return self.last_failure_at is not None and now - self.last_failure_at < span


class Circuits(Protocol):
    """Stores one circuit per authority."""

    def get(self, authority: str) -> Circuit | None:
        """Return the circuit of an authority as it was last written, or ``None``."""
        ...

    def save(self, circuit: Circuit) -> Circuit:
        """Write a circuit if nobody has written it since it was read.

        Returns:
            The circuit as it is stored, with its new revision.

        Raises:
            StaleObservationError: Another worker has written the circuit since.
        """
        ...
