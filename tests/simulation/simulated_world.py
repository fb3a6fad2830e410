"""A world with concurrent processes."""

from tests.fakes.kind import Kind
from tests.fakes.world import World
from tests.simulation.actors import ScheduledCalls
from token_refresher.providers.catalogue.entry import ProviderEntry


class SimulatedWorld(World):
    """A `World` that knows which process makes a call."""

    def __init__(self, kind: Kind, entry: ProviderEntry | None = None) -> None:
        self.scheduled = ScheduledCalls()
        super().__init__(kind, self.scheduled, entry)
