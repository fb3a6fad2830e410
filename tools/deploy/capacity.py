"""How many refreshes may run at the same time, and how many credentials they keep alive. Pure arithmetic."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from token_refresher.base.errors import ConfigurationError
from token_refresher.base.timing import Timing

QUOTA: Final = 50
"""The writes a second that Secrets Manager takes from an account and Region; it cannot be raised.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
"""

WRITES: Final = 2
"""The writes to Secrets Manager of one refresh: one stores the tokens, one makes them current."""


@dataclass(frozen=True)
class Capacity:
    """The numbers that have to fit to the quota.

    Attributes:
        concurrency: How many refreshes run at the same time.
        shortest_refresh: How long a refresh takes at least.
        fleet: How many credentials are to be kept alive.
    """

    concurrency: int
    shortest_refresh: timedelta
    fleet: int

    @property
    def most_at_once(self) -> int:
        """The largest concurrency that cannot reach the quota: each refresh makes its writes in its own time."""
        return int(QUOTA * self.shortest_refresh.total_seconds() / WRITES)

    @property
    def a_second(self) -> float:
        """The most refreshes a second."""
        return self.concurrency / self.shortest_refresh.total_seconds()

    def largest_fleet(self, timing: Timing) -> int:
        """Return how many credentials can be refreshed in the shortest interval between two refreshes of one."""
        return int(self.a_second * timing.shortest_interval.total_seconds())

    def check(self, timing: Timing) -> None:
        """Reject numbers that exceed the quota, or that cannot keep the fleet alive.

        Raises:
            ConfigurationError: The message shows the arithmetic.
        """
        seconds = f"{self.shortest_refresh.total_seconds():g} s"
        if self.concurrency > self.most_at_once:
            raise ConfigurationError(
                f"Refreshes would exceed the quota of Secrets Manager: {QUOTA} writes a second x {seconds} of the"
                f" shortest refresh / {WRITES} writes = {self.most_at_once} at the same time, and RefreshConcurrency is"
                f" {self.concurrency}. Lower RefreshConcurrency; or raise ShortestRefreshMilliseconds, if the dashboard"
                " shows that refreshes take longer."
            )
        largest = self.largest_fleet(timing)
        if self.fleet > largest:
            raise ConfigurationError(
                f"The fleet is too large: {self.concurrency} at the same time / {seconds} = {self.a_second:.1f}"
                f" refreshes a second x {timing.shortest_interval.total_seconds():g} s between two refreshes of a"
                f" credential = {largest} credentials, and FleetSize is {self.fleet}. Raise RefreshConcurrency to"
                f" {self.most_at_once} at most, or lower FleetSize: a larger fleet needs another account or Region."
            )
