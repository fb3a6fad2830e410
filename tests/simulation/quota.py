"""A fleet at the quota of Secrets Manager: the refresh service, several workers, and an AWS that throttles."""

import heapq
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from botocore.exceptions import ClientError

from tests.fakes.calls import Calls, View
from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING, World
from tests.simulation.simulated_time import SimulatedTime
from token_refresher.aws.errors import translated
from token_refresher.base.errors import NotEnoughTimeError, ServiceUnavailableError
from token_refresher.registry.outcome import Result
from tools.deploy.capacity import QUOTA

_WRITES: Final = {"store.put_pending": "PutSecretValue", "store.promote": "UpdateSecretVersionStage"}
_MICROSOFT: Final = 0.3
_SPREAD: Final = 0.1
"""By how much a call may take longer than the shortest."""


@dataclass
class Quota:
    """A token bucket, as AWS throttles: it holds the writes of one second. A refused write costs nothing."""

    time: SimulatedTime
    left: float = float(QUOTA)
    at: float = 0.0

    def take(self) -> bool:
        """Take one write, if there is one."""
        self.left = min(QUOTA, self.left + (self.time.now - self.at) * QUOTA)
        self.at = self.time.now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class ThrottledCalls(Calls):
    """Calls that take time, and whose writes to Secrets Manager are throttled."""

    def __init__(self, time: SimulatedTime, aws_seconds: float) -> None:
        super().__init__()
        self.time, self.quota = time, Quota(time)
        self.writes: list[float] = []
        """When each write was asked for."""
        self.throttled: list[float] = []
        """When one was refused."""
        self._aws_seconds = aws_seconds

    @contextmanager
    def boundary(self, call: str) -> Iterator[View]:
        """See `Calls.boundary`."""
        shortest = _MICROSOFT if call.startswith("authority.") else self._aws_seconds
        self.time.sleep(shortest * (1 + random.uniform(0, _SPREAD)))  # noqa: S311 - It is no secret.
        if call in _WRITES:
            self.writes.append(self.time.now)
            if not self.quota.take():
                self.throttled.append(self.time.now)
                with translated("secretsmanager"):
                    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, _WRITES[call])
        with super().boundary(call) as view:
            yield view


class SharedWorld(World):
    """A world in which a worker that waits lets the others run."""

    def __init__(self, time: SimulatedTime, calls: ThrottledCalls) -> None:
        super().__init__(calls=calls)
        self.time = time

    def sleep(self, seconds: float) -> None:
        """See `World.sleep`."""
        self.time.sleep(seconds)
        self.clock.now = START + timedelta(seconds=self.time.now)


@dataclass(frozen=True)
class Done:
    """One refresh.

    Attributes:
        rank: The place of its credential in the order of urgency, from zero.
        worker: The number of the worker that made it.
        begun: When it began, in seconds.
        ended: When it ended.
    """

    rank: int
    worker: int
    begun: float
    ended: float


class Fleet:
    """Credentials that are all due, the most urgent first, and workers that refresh them.

    Args:
        credentials: How many there are.
        concurrency: How many workers there are.
        shortest_refresh: How long a refresh takes if nothing is in its way, in seconds.
        seed: Where the random numbers begin.
    """

    def __init__(self, credentials: int, concurrency: int, shortest_refresh: float, seed: int = 1) -> None:
        random.seed(seed)
        self.time = SimulatedTime()
        self.calls = ThrottledCalls(self.time, (shortest_refresh - _MICROSOFT) / _aws_calls())
        self.world = SharedWorld(self.time, self.calls)
        self.done: list[Done] = []
        self.delayed: dict[int, Result | None] = {}
        """The credentials whose first attempt did not make new tokens current, and how it ended."""
        self._concurrency = concurrency
        self._queue = [(0.0, rank) for rank in range(credentials)]
        for rank in range(credentials):
            self.world.manage(f"credential-{rank}")

    def run(self, neighbour: "Neighbour | None" = None) -> None:
        """Refresh all credentials while a neighbour uses the same quota."""
        workers = [lambda number=number: self._work(number) for number in range(self._concurrency)]
        others = [] if neighbour is None else [lambda: neighbour.work(self.time, self.calls.quota)]
        self.time.run(*workers, *others)

    def writes_in_a_second_from(self, begin: float) -> int:
        """Return the most writes that were asked for in any second after a time."""
        late = [at for at in self.calls.writes if at >= begin]
        return max((sum(at <= other < at + 1 for other in late) for at in late), default=0)

    def _work(self, number: int) -> None:
        self.time.sleep(random.uniform(0, 1))  # noqa: S311 - Lambda does not start its environments at one moment.
        while self._queue:
            visible_at, rank = heapq.heappop(self._queue)
            self.time.sleep(max(0.0, visible_at - self.time.now))
            self._refresh(rank, number)

    def _refresh(self, rank: int, number: int) -> None:
        begun = self.time.now
        ends_at = begun + TIMING.longest_run.total_seconds()
        try:
            outcome = self.world.refresher.refresh(
                f"credential-{rank}", lambda: timedelta(seconds=ends_at - self.time.now), escrowed=rank in self.delayed
            )
        except (NotEnoughTimeError, ServiceUnavailableError):
            self.delayed[rank] = None
            heapq.heappush(self._queue, (begun + TIMING.visibility_timeout.total_seconds(), rank))
            return
        if outcome.result in {Result.REFRESHED, Result.RECOVERED}:
            self.done.append(Done(rank, number, begun, self.time.now))
            return
        self.delayed[rank] = outcome.result
        heapq.heappush(self._queue, (self.time.now + TIMING.schedule_period.total_seconds(), rank))


@dataclass(frozen=True)
class Neighbour:
    """Another user of the account.

    Attributes:
        writes_a_second: How many writes it asks for.
        seconds: For how long.
    """

    writes_a_second: float
    seconds: float

    def work(self, time: SimulatedTime, quota: Quota) -> None:
        """Use the quota until it ends."""
        while time.now < self.seconds:
            quota.take()
            time.sleep(1 / self.writes_a_second)


def _aws_calls() -> int:
    """Return how many calls to AWS a refresh makes."""
    world = World()
    world.manage()
    world.refresh()
    return sum(not call.startswith("authority.") for call in world.calls.log)
