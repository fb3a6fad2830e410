"""A world with concurrent processes."""

from tests.fakes.fake_authority import Kind
from tests.fakes.world import World
from tests.simulation.actors import ScheduledCalls


class SimulatedWorld(World):
    """A `World` that knows which process makes a call."""

    def __init__(self, kind: Kind) -> None:
        self.scheduled = ScheduledCalls()
        super().__init__(kind, self.scheduled)
