"""The circuits in memory."""

from dataclasses import replace

from tests.fakes.calls import Calls
from token_refresher.circuit import Circuit
from token_refresher.errors import StaleObservationError


class MemoryCircuits:
    """A `Circuits`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.circuits: dict[str, Circuit] = {}
        """What is stored; a test may look at it and change it, past all hooks."""

    def get(self, authority: str) -> Circuit | None:
        """See `Circuits.get`."""
        with self.calls.boundary("circuits.get"):
            return self.circuits.get(authority)

    def save(self, circuit: Circuit) -> Circuit:
        """See `Circuits.save`."""
        with self.calls.boundary("circuits.save"):
            stored, written = self.circuits.get(circuit.authority), replace(circuit, revision=circuit.revision + 1)
            # A client that repeats a write which went unanswered meets what it wrote itself.
            if stored != written and (stored.revision if stored else 0) != circuit.revision:
                raise StaleObservationError(circuit.authority)
            self.circuits[circuit.authority] = written
        return written
