"""A world in which processes run at the same time."""

from tests.fakes.fake_authority import Kind
from tests.fakes.world import World
from tests.simulation.actors import ScheduledCalls


class SimulatedWorld(World):
    """A `World` that knows who is calling."""

    def __init__(self, kind: Kind) -> None:
        self.scheduled = ScheduledCalls()
        super().__init__(kind, self.scheduled)
