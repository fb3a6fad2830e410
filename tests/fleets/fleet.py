"""A fleet in a discrete-event simulation: ticks, a FIFO queue, workers, and the services that they call."""

import heapq
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import simpy

from tests.fakes.world import TIMING
from tests.fleets.measures import Measures
from tests.fleets.services import WRITES, WRITES_PER_SECOND, Latency, WriteQuota, pause
from tests.fleets.stack import AS_DEPLOYED, Member, Rules, Stack, moment, since_start
from tests.fleets.weather import CALM, Weather
from token_refresher.credential.status import Status
from token_refresher.dispatch.backlog import Backlog
from token_refresher.registry.summary import DueEntry

PERIOD = TIMING.schedule_period.total_seconds()
VISIBILITY = TIMING.visibility_timeout.total_seconds()
LONGEST_RUN = TIMING.longest_run.total_seconds()
LATE_TICK = 5.0
"""How late EventBridge starts a tick on average, in seconds; a minute at the most."""
SENT_PER_TICK = 45_000
"""How many messages a tick has time for: 500 a second for a minute and a half."""

Lifetimes = Callable[[random.Random], timedelta]


def one_hour(_: random.Random) -> timedelta:
    """Return the lifetime of every token of a personal account."""
    return timedelta(hours=1)


def sixty_to_ninety_minutes(rng: random.Random) -> timedelta:
    """Return a lifetime as Microsoft Entra draws it for work accounts."""
    return timedelta(seconds=int(3600 + 1800 * rng.random()))


@dataclass(frozen=True)
class Plan:
    """A simulation.

    Attributes:
        credentials: How many credentials the fleet has.
        days: How long it runs.
        weather: What happens to it.
        share: Which share of the fleet is simulated, with this share of the workers and of the quota.
        workers: `RefreshConcurrency`.
        lifetimes: Draws the lifetime of a token.
        rules: What decides.
    """

    credentials: int
    days: float
    weather: Weather = CALM
    share: float = 1.0
    workers: int = 10
    lifetimes: Lifetimes = one_hour
    rules: Rules = AS_DEPLOYED


class Fleet:
    """Runs one plan. All times are seconds since the start.

    Args:
        plan: The plan.
        seed: Seeds all that is drawn.
    """

    def __init__(self, plan: Plan, seed: int = 1) -> None:
        self.plan = plan
        self._rng = random.Random(seed)  # noqa: S311 - It must be repeatable, and protects nothing.
        self._env = simpy.Environment()
        self._queue: simpy.Store = simpy.Store(self._env)
        self._quota = WriteQuota(WRITES_PER_SECOND * plan.share, plan.weather)
        self._latency = Latency()
        self.stack = Stack(self._now, self._rng, plan.rules)
        self.members = [self._member(number) for number in range(round(plan.credentials * plan.share))]
        self._due = [(since_start(member.next_action_at), number) for number, member in enumerate(self.members)]
        heapq.heapify(self._due)
        # A share of a fleet fills a share of the queue.
        self._backlog = Backlog(timedelta(seconds=PERIOD * plan.share))
        self._waiting: set[int] = set()
        """The due credentials that a tick has sent and no worker has finished."""
        self._ends = np.array([since_start(one.expires_at) for one in self.members if one.expires_at])
        """When each access token expires."""
        self.measures = Measures(PERIOD)

    def _now(self) -> datetime:
        return moment(int(self._env.now))

    def _member(self, number: int) -> Member:
        """Return a credential somewhere in its life: a fleet that has run for long is spread over it."""
        lifetime = self.plan.lifetimes(self._rng)
        timing = self.plan.rules.timing
        due_after = timing.next_action_at(moment(0), moment(0) + lifetime, self._rng.random()) - moment(0)
        issued_at = moment(-int(self._rng.random() * (due_after + timing.schedule_period / 2).total_seconds()))
        return Member(f"credential-{number:07}", issued_at, issued_at + lifetime, issued_at + due_after)

    def run(self) -> "Fleet":
        """Let the time of the plan pass."""
        self._env.process(self._ticks())
        for _ in range(max(1, round(self.plan.workers * self.plan.share))):
            self._env.process(self._worker())
        for one in self.plan.weather.imports:
            self._env.process(self._imported(one.at, one.credentials))
        self._env.run(until=self.plan.days * 86_400)
        return self

    def _imported(self, at: float, credentials: int) -> Generator[simpy.Event, Any, None]:
        yield self._env.timeout(at)
        first = len(self.members)
        for number in range(first, first + credentials):
            self.members.append(Member(f"credential-{number:07}", None, None, self._now()))
            heapq.heappush(self._due, (at, number))
        self._ends = np.concatenate([self._ends, np.full(credentials, np.nan)])

    # --- Ticks -------------------------------------------------------------------------------------------------

    def _ticks(self) -> Generator[simpy.Event, Any, None]:
        number = 0
        while True:
            late = min(60.0, self._rng.expovariate(1 / LATE_TICK))
            yield self._env.timeout(max(0.0, number * PERIOD + late - self._env.now))
            number += 1
            sent = 0 if self.plan.weather.is_silent(self._env.now) else self._tick()
            self.measures.tick(self._env.now, sent, self._ends, self._quota, len(self._queue.items))
            self.stack.forget_calls()

    def _tick(self) -> int:
        """Send what is due, in the order of its time, and again what waits, unless it may be waiting in the queue."""
        now = self._env.now
        self._backlog.begin()
        sent = self._still_waiting()
        while self._due and self._due[0][0] <= now and sent < SENT_PER_TICK * self.plan.share:
            _, number = heapq.heappop(self._due)
            self._waiting.add(number)
            self._send(number)
            sent += 1
        return sent

    def _send(self, number: int) -> None:
        self._backlog.add(self._entry(number))
        self._queue.put((self._env.now, number))

    def _entry(self, number: int) -> DueEntry:
        member = self.members[number]
        return DueEntry(member.name, "", Status.HEALTHY, member.next_action_at)

    def _still_waiting(self) -> int:
        again = [n for n in self._waiting if self.plan.rules.resends or not self._backlog.holds(self._entry(n))]
        for number in again:
            self._send(number)
        return len(again)

    # --- Workers -----------------------------------------------------------------------------------------------

    def _worker(self) -> Generator[simpy.Event, Any, None]:
        queue, env = self._queue, self._env
        while True:
            sent_at, number = yield queue.get()
            started = env.now
            if number not in self._waiting or not self.stack.is_due(self.members[number]):
                yield env.timeout(self._latency.in_vain)
                self.measures.counts["in vain"] += 1
                continue
            yield from self._attempt(number, sent_at)
            deployment = self.plan.weather.deployment(started, env.now)
            if deployment is not None:
                yield env.timeout(max(0.0, deployment.end - env.now))

    def _attempt(self, number: int, sent_at: float) -> Generator[simpy.Event, Any, None]:
        env, member, stack, started = self._env, self.members[number], self.stack, self._env.now
        self.measures.waited(started, started - sent_at)
        breaker, is_down = stack.breaker(), self.plan.weather.is_down(started)
        if not stack.admits(member, breaker, answers=not is_down):
            yield env.timeout(self._latency.held_back)
            self.measures.counts["held back"] += 1
            self._settle(number)
            return
        if is_down:
            yield env.timeout(TIMING.http_deadline.total_seconds())
            stack.failed(member, breaker)
            self._settle(number)
            return
        yield env.timeout(self._latency.before_writes(self._rng))
        for _ in range(WRITES):
            if not (yield from self._written(started)):
                env.process(self._again(number))
                return
        if self.plan.weather.deployment(started, env.now) is not None:
            env.process(self._again(number))  # It was killed, and nothing says that the tokens are current.
            return
        left = self._ends[number] - env.now
        stack.refreshed(member, self.plan.lifetimes(self._rng), breaker)
        self._settle(number)
        if member.expires_at is not None:
            self._ends[number] = since_start(member.expires_at)
        self.measures.refreshed(env.now, left)

    def _written(self, started: float) -> Generator[simpy.Event, Any, bool]:
        """Make one write, again and again until the time of the run is over."""
        tries = 0
        yield self._env.timeout(self._latency.aws)
        while not self._quota.takes(self._env.now):
            yield self._env.timeout(pause(tries, self._rng))
            tries += 1
            if self._env.now - started > LONGEST_RUN:
                return False
        return True

    def _again(self, number: int) -> Generator[simpy.Event, Any, None]:
        """Return the message of a worker that did not finish to the queue after the visibility timeout."""
        self.measures.counts["returned"] += 1
        yield self._env.timeout(VISIBILITY)
        self._queue.put((self._env.now, number))

    def _settle(self, number: int) -> None:
        self._waiting.discard(number)
        heapq.heappush(self._due, (since_start(self.members[number].next_action_at), number))
