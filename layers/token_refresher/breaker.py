"""Whether an authority may be asked: no more than a few calls a period go to one that is down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from token_refresher.circuit import Circuit, Circuits
from token_refresher.clock import Clock
from token_refresher.errors import ServiceUnavailableError, StaleObservationError

_TRIES: Final = 3
"""How often a write is made anew on top of another worker's; whenever one has to, another one has written."""


class Breaker:
    """Asks and tells the circuit of one authority, for one attempt after the other.

    The circuit is never in the way: where its table cannot be read or written, calls are let through as if there were
    no circuit, and the table is not asked again in the same attempt.

    Args:
        circuits: Where the circuits are.
        authority: The address of the authority.
        period: How often credentials are looked at.
        clock: What time it is.
    """

    def __init__(self, circuits: Circuits, authority: str, period: timedelta, clock: Clock) -> None:
        self._circuits = circuits
        self._authority = authority
        self._period = period
        self._clock = clock
        self._seen: Circuit | None = None

    @property
    def is_open(self) -> bool:
        """Whether the authority is taken for down, as far as this attempt has seen."""
        return self._seen is not None and self._seen.is_open(self._clock())

    def admits(self, credential: str, *, is_failing: bool = False) -> bool:
        """Tell whether an attempt may call; while the circuit is open this takes one of the period's probes."""
        self._seen = None
        try:
            self._seen = self._written(
                lambda circuit: circuit.admitting(credential, self._clock(), self._period, is_failing=is_failing)
            )
        except ServiceUnavailableError:
            return True
        return self._seen is not None

    def failed(self, credential: str) -> None:
        """Remember that a call of the attempt failed in a way that may be an outage (`Diagnosis.outage`)."""
        self._record(lambda circuit: circuit.failed(credential, self._clock()))

    def worked(self) -> None:
        """Remember that the authority answered a call of the attempt, be it with a refusal."""
        self._record(lambda circuit: circuit.worked() if circuit.failing else circuit)

    def _record(self, transition: Callable[[Circuit], Circuit]) -> None:
        if self._seen is None:
            return
        try:
            self._seen = self._written(transition) or self._seen
        except ServiceUnavailableError:
            self._seen = None

    def _written(self, transition: Callable[[Circuit], Circuit | None]) -> Circuit | None:
        """Write what becomes of the circuit; ``None`` where nothing may, or where others were faster each time."""
        circuit = self._seen
        for _ in range(_TRIES):
            circuit = circuit or self._circuits.get(self._authority) or Circuit(self._authority)
            after = transition(circuit)
            if after is None or after == circuit:
                return after
            if (saved := self._saved(after)) is not None:
                return saved
            circuit = None
        return None

    def _saved(self, circuit: Circuit) -> Circuit | None:
        try:
            return self._circuits.save(circuit)
        except StaleObservationError:
            return None
