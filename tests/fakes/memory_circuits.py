"""The circuits in memory."""

from tests.fakes.calls import Calls
from tests.fakes.revisions import conditional_put
from token_refresher.refresh.circuit import Circuit


class MemoryCircuits:
    """A `Circuits`."""

    def __init__(self, calls: Calls | None = None) -> None:
        self.calls = calls or Calls()
        self.circuits: dict[str, Circuit] = {}
        """The stored circuits; a test may read and change them without a logged call."""

    def get(self, authority: str) -> Circuit | None:
        """See `Circuits.get`."""
        with self.calls.boundary("circuits.get"):
            return self.circuits.get(authority)

    def save(self, circuit: Circuit) -> Circuit:
        """See `Circuits.save`."""
        with self.calls.boundary("circuits.save"):
            return conditional_put(self.circuits, circuit.authority, circuit)
