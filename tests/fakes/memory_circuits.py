"""The circuits in memory."""

from tests.fakes.calls import Calls
from tests.fakes.revisions import put_over
from token_refresher.circuit import Circuit


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
            return put_over(self.circuits, circuit.authority, circuit)
