"""One attempt fails in any way, at the worst moment: the token stays fresh, and another worker soon follows.

The real dispatch and the real refresh run over a queue with the rules of SQS: visibility timeout, message groups,
deduplication for five minutes, and a dead-letter queue. Ticks have any phase and may be late; each run takes as long as
it may.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NoReturn, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.failures import AMBIGUOUS, NO_ANSWER, throughout_an_attempt, unavailable
from tests.fakes.manual_clock import START
from tests.fakes.memory_fifo import MemoryFifo
from tests.fakes.world import TIMING, World, with_pace
from tests.packaging.cloudformation import default_environment, template
from tests.simulation.kill_points import Journey, points_of
from token_refresher.aws.refresh_queue import SqsRefreshQueue
from token_refresher.base.errors import EnqueueError, NotEnoughTimeError, ServiceUnavailableError
from token_refresher.base.failure import ProviderFailure
from token_refresher.base.timing import LATE_TICK, Timing
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.entrypoints.settings import Settings
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.rotation.intent import Base, ExchangeIntent

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NOTHING = timedelta(0)
SECOND = timedelta(seconds=1)
RECEIVES = template()["Resources"]["RefreshQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
LOCAL = replace(
    TIMING,
    minimum_freshness=timedelta(seconds=60),
    schedule_period=timedelta(seconds=60),
    visibility_timeout=timedelta(seconds=150),
    jitter=NOTHING,
)
"""Short ticks, and the longest visibility timeout that is allowed."""

NUMBERS = pytest.mark.parametrize(
    "timing", [pytest.param(TIMING, id="defaults"), pytest.param(LOCAL, id="short ticks")]
)


def test_the_numbers_of_this_model_are_the_defaults_of_the_template() -> None:
    assert Settings.from_environment(default_environment()).timing == TIMING
    LOCAL.check()


@dataclass(frozen=True)
class Run:
    """When a worker began, and its outcome, or None if it failed."""

    began_at: datetime
    outcome: Outcome | None


class QueueSimulation:
    """One credential that becomes due, the ticks, the queue and the workers.

    Args:
        timing: The timing of the installation.
        phase: The time until the first tick.
        lateness: Returns the delay of each tick.
        due_in: The time until the token is due.
        spread: The drawn part of the jitter, from 0 to 1.
    """

    def __init__(
        self, timing: Timing, phase: timedelta, lateness: Callable[[], timedelta], due_in: timedelta, spread: float
    ) -> None:
        self.timing = timing
        self.world = World()
        self.clock = self.world.clock
        age = timing.access_token_lifetime - timing.margin - due_in
        self.world.manage(age=age)
        self.ends_at = START - age + timing.access_token_lifetime
        self.world.set_entry(next_action_at=timing.next_action_at(START - age, self.ends_at, spread))
        self.fifo = MemoryFifo(self.clock, timing.visibility_timeout, RECEIVES)
        queue = SqsRefreshQueue(cast("SQSClient", self.fifo), "https://sqs.example.com/requests.fifo")
        self.dispatcher = replace(self.world.dispatcher, queue=queue)
        self.runs: list[Run] = []
        self.killed_at: datetime | None = None
        self.loses_a_tick = False
        self._ticks = (START + phase + number * timing.schedule_period + lateness() for number in count())
        self._next_tick = next(self._ticks)

    @property
    def is_renewed(self) -> bool:
        """Whether pipelines read the successor."""
        return self.world.current().expires_at != self.ends_at

    def pass_time(self, until: datetime) -> None:
        """Let time pass, with the ticks in it."""
        while self._next_tick <= until:
            self.clock.now = max(self.clock.now, self._next_tick)
            self._next_tick = next(self._ticks)
            self._tick()
        self.clock.now = max(self.clock.now, until)

    def _tick(self) -> None:
        now = self.clock()
        is_due = any(one.next_action_at <= now for one in self.world.registry.next_actions(now))
        if self.loses_a_tick and is_due:
            self.loses_a_tick = False
            return
        with suppress(EnqueueError):
            self.dispatcher.tick()

    def run(self) -> None:
        """Let time pass and workers receive messages until pipelines read the successor."""
        while not (self.is_renewed and self.runs and self.runs[-1].outcome):
            assert self.clock.now < self.ends_at, "the token ended"
            if not self.deliver():
                moments = [self._next_tick, self.fifo.next_visible_at()]
                self.pass_time(min(moment for moment in moments if moment is not None))

    def deliver(self) -> bool:
        """Let a worker receive a message, and return whether the queue had one."""
        found = self.fifo.receive_message().get("Messages")
        if not found:
            return False
        [message] = found
        request, began_at = RefreshRequest.parse(message["Body"]), self.clock.now
        outcome = None
        try:
            outcome = self._refresh(request)
            self.fifo.delete_message(ReceiptHandle=message["ReceiptHandle"])
        except KilledError:
            self.killed_at = self.clock.now
        except (ServiceUnavailableError, NotEnoughTimeError):
            pass
        # The fault lasts for one attempt. So late in its run, an attempt presents a token only once.
        self.world.authority.failures.clear()
        self.runs.append(Run(began_at, outcome))
        return True

    def _refresh(self, request: RefreshRequest) -> Outcome:
        """Attempt as slowly as allowed: the exchange begins and ends as late as it may."""
        ends_at = self.clock.now + self.timing.longest_run
        answered_at = ends_at - self.timing.writes_reserve
        self.world.calls.at("before", "store.describe", lambda: self.pass_time(ends_at - self.timing.exchange))
        self.world.calls.at("before", "authority.refresh", lambda: self.pass_time(answered_at))
        self.world.calls.at("after", "store.put_pending", lambda: self.pass_time(ends_at - SECOND))
        refresher = with_pace(self.world.refresher, timing=self.timing, sleep=self._sleep)
        return refresher.refresh(request.credential, lambda: ends_at - self.clock(), escrowed=request.escrowed)

    def _sleep(self, seconds: float) -> None:
        self.pass_time(self.clock.now + timedelta(seconds=seconds))


Fault = Callable[[QueueSimulation], None]


def lost_tick(simulation: QueueSimulation) -> None:
    simulation.loses_a_tick = True


def refused_message(simulation: QueueSimulation) -> None:
    simulation.fifo.refusals = 1


def provider_failing(failure: ProviderFailure, simulation: QueueSimulation) -> None:
    simulation.world.authority.failures.extend(throughout_an_attempt(failure))


def killed(moment: Moment, call: str, number: int, simulation: QueueSimulation) -> None:
    simulation.world.calls.at(moment, call, kill, number=number)


def aws_failing(moment: Moment, call: str, number: int, simulation: QueueSimulation) -> None:
    def fail() -> NoReturn:
        raise ServiceUnavailableError(call, "InternalServerError", passing=False)

    simulation.world.calls.at(moment, call, fail, number=number)


def sign_in_that_died(simulation: QueueSimulation) -> None:
    """A callback has begun to exchange a code just before the first attempt, and has died."""

    def begin() -> None:
        entry = simulation.world.entry()
        base = Base.of(simulation.world.current())
        intent = ExchangeIntent.begin(entry.version_id, base, simulation.clock(), entry.intent, is_consent=True)
        simulation.world.set_entry(intent=intent)
        simulation.killed_at = simulation.clock.now

    simulation.world.calls.at("before", "registry.get", begin)


KILLS: list[tuple[str, Fault]] = [
    (f"killed {point.sentence}", partial(killed, point.moment, point.call, point.number))
    for point in points_of(Journey.REFRESH)
]
DIED_SIGN_IN: tuple[str, Fault] = ("a sign-in that died", sign_in_that_died)
FAULTS: list[tuple[str, Fault]] = [
    ("a tick is lost", lost_tick),
    ("a message is refused", refused_message),
    ("no answer of the provider", partial(provider_failing, NO_ANSWER)),
    ("an outage of the provider", partial(provider_failing, unavailable())),
    ("an uncertain refusal", partial(provider_failing, AMBIGUOUS)),
    DIED_SIGN_IN,
    *(
        (f"AWS fails {point.sentence}", partial(aws_failing, point.moment, point.call, point.number))
        for point in points_of(Journey.REFRESH)
        if not point.call.startswith("authority.")
    ),
    *KILLS,
]

PHASES = st.integers(0, 300).map(lambda number: number * SECOND)
LATENESS = st.sampled_from([NOTHING, LATE_TICK]) | st.integers(0, 60).map(lambda number: number * SECOND)
SPREADS = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)


def drawn_simulation(timing: Timing, data: st.DataObject) -> QueueSimulation:
    """Return a simulation with a drawn phase, lateness and jitter."""
    phase = data.draw(PHASES, "phase") % timing.schedule_period
    lateness = data.draw(st.lists(LATENESS, min_size=20, max_size=20), "lateness")
    late = iter(lateness)
    due_in = timing.schedule_period + timing.jitter
    return QueueSimulation(timing, phase, lambda: next(late, NOTHING), due_in, data.draw(SPREADS, "spread"))


@NUMBERS
@given(st.data())
def test_one_failed_attempt_of_any_kind_keeps_the_promise(timing: Timing, data: st.DataObject) -> None:
    simulation = drawn_simulation(timing, data)
    _, fault = data.draw(st.sampled_from(FAULTS), "fault")
    fault(simulation)
    simulation.run()
    assert simulation.ends_at - simulation.clock.now >= timing.minimum_freshness
    assert simulation.fifo.dead_letters == []


@NUMBERS
@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS])
def test_one_failed_attempt_keeps_the_promise_where_the_tick_before_was_just_too_early(
    timing: Timing, fault: Fault
) -> None:
    """The worst case: due a second after a punctual tick, all other ticks late, every run as long as it may be."""
    late = iter([NOTHING])
    simulation = QueueSimulation(timing, NOTHING, lambda: next(late, LATE_TICK), due_in=SECOND, spread=0)
    fault(simulation)
    simulation.run()
    assert simulation.ends_at - simulation.clock.now >= timing.minimum_freshness
    assert simulation.fifo.dead_letters == []


@NUMBERS
@given(st.data())
def test_a_worker_that_is_killed_is_followed_within_its_lease_and_one_tick(timing: Timing, data: st.DataObject) -> None:
    """The deduplication of the queue must not delay it, even after an attempt during the lease, which does nothing."""
    simulation = drawn_simulation(timing, data)
    _, fault = data.draw(st.sampled_from([*KILLS, DIED_SIGN_IN]), "fault")
    fault(simulation)
    simulation.run()
    if simulation.killed_at is not None:
        settled = [run for run in simulation.runs if run.outcome and run.outcome.result is not Result.UNDER_WAY]
        assert settled[0].began_at <= simulation.killed_at + timing.lease + timing.schedule_period + LATE_TICK
