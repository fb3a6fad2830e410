"""Decides whether an attempt may call an authority: one that is down gets only a few calls per period."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import Clock
from token_refresher.base.errors import ContendedError, ServiceUnavailableError
from token_refresher.base.update import update
from token_refresher.refresh.circuit import Circuit, Circuits
from token_refresher.registry.lasting import PATIENCE

REMEMBERED: Final = timedelta(seconds=10)
"""How long a circuit without a failure is not read again: a steady refresh needs no call for it."""

_TRIES: Final = 3
"""How often to write on top of another worker's circuit. Each conflict means that another worker has written it."""


class CircuitBreakers:
    """The breakers of all authorities, each made once.

    Args:
        circuits: Stores the circuits.
        period: The time from one tick to the next.
        clock: Returns the time.
    """

    def __init__(self, circuits: Circuits, period: timedelta, clock: Clock) -> None:
        self._circuits = circuits
        self._period = period
        self._clock = clock
        self._made: dict[str, CircuitBreaker] = {}

    def of(self, authority: str) -> "CircuitBreaker":
        """Return the breaker of an authority."""
        if authority not in self._made:
            self._made[authority] = CircuitBreaker(self._circuits, authority, self._period, self._clock)
        return self._made[authority]


class CircuitBreaker:
    """Reads and updates the circuit of one authority, for one attempt after the other.

    If the table of circuits cannot be read or written, the breaker lets calls through as if there were no circuit, and
    does not access the table again in the same attempt.

    Args:
        circuits: Stores the circuits.
        authority: The address of the authority.
        period: The time from one tick to the next.
        clock: Returns the time.
    """

    def __init__(self, circuits: Circuits, authority: str, period: timedelta, clock: Clock) -> None:
        self._circuits = circuits
        self._authority = authority
        self._period = period
        self._clock = clock
        self._seen: Circuit | None = None
        self._calm: tuple[datetime, Circuit] | None = None
        """When the circuit was read that had no failure, and that circuit."""

    @property
    def is_open(self) -> bool:
        """Whether the circuit is open, as far as this attempt has seen."""
        return self._seen is not None and self._seen.is_open(self._clock())

    @property
    def is_down(self) -> bool:
        """Whether the authority is down for all credentials: the circuit is open, or no call got an answer for long."""
        return self.is_open or (self._seen is not None and self._seen.is_silent(PATIENCE))

    def admits(self, credential: str, *, is_failing: bool = False) -> bool:
        """Tell whether an attempt may call the authority; if the circuit is open, take one of the period's probes."""
        now, self._seen = self._clock(), None
        if self._calm is not None and now < self._calm[0] + REMEMBERED:
            self._seen = self._calm[1]
            return True
        try:
            self._seen = self._updated(
                lambda circuit: circuit.admitting(credential, self._clock(), self._period, is_failing=is_failing)
            )
        except ContendedError:
            return False
        except ServiceUnavailableError:
            return True
        self._calm = (now, self._seen) if self._seen is not None and not self._seen.failing else None
        return self._seen is not None

    def failed(self, credential: str) -> None:
        """Write that a call of the attempt failed in a way that may be an outage (`Diagnosis.outage`)."""
        self._calm = None
        self._update(lambda circuit: circuit.failed(credential, self._clock()))

    def worked(self) -> None:
        """Write that the authority answered a call of the attempt, even if it refused."""
        self._update(lambda circuit: circuit.worked() if circuit.failing else circuit)

    def _update(self, transition: Callable[[Circuit], Circuit]) -> None:
        if self._seen is None:
            return
        try:
            self._seen = self._updated(transition) or self._seen
        except ContendedError:
            return  # Other workers have written what they saw, which is as good.
        except ServiceUnavailableError:
            self._seen = None

    def _updated(self, transition: Callable[[Circuit], Circuit | None]) -> Circuit | None:
        """Write the circuit after a transition, and return it; ``None`` if the transition returns none."""
        closed = Circuit(self._authority)
        known = self._seen or self._circuits.get(self._authority) or closed
        return update(
            self._circuits, self._authority, lambda stored: transition(stored or closed), known=known, tries=_TRIES
        )
