"""How the attempts of many workers use the circuit of one authority."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pytest

from tests.fakes.manual_clock import START, ManualClock
from tests.fakes.memory_circuits import MemoryCircuits
from token_refresher.base.backoff import backoff
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.refresh.circuit import PROBES, PROBES_FOR_FAILING, THRESHOLD, Circuit, hold
from token_refresher.refresh.circuit_breaker import REMEMBERED, CircuitBreaker

AUTHORITY: Final = "https://login.example.com"
PERIOD: Final = timedelta(minutes=5)
HEALTHY: Final = Circuit(AUTHORITY)


@dataclass
class Site:
    """One table, one clock, and as many workers as a test wants."""

    circuits: MemoryCircuits = field(default_factory=MemoryCircuits)
    clock: ManualClock = field(default_factory=ManualClock)

    def worker(self) -> CircuitBreaker:
        return CircuitBreaker(self.circuits, AUTHORITY, PERIOD, self.clock)

    @property
    def circuit(self) -> Circuit:
        return self.circuits.circuits.get(AUTHORITY, HEALTHY)

    @property
    def is_open(self) -> bool:
        return self.circuit.is_open(self.clock())

    def fail(self, *credentials: str) -> None:
        """Let an attempt of each of these credentials fail, if the breaker lets it through."""
        for credential in credentials:
            worker = self.worker()
            if worker.admits(credential):
                worker.failed(credential)

    def down(self, call: str, number: int = 1) -> None:
        """Let one call to the table fail."""

        def fail() -> None:
            raise ServiceUnavailableError("dynamodb", "InternalServerError")

        self.circuits.calls.at("before", call, fail, number=number)

    def raced(self, action: Callable[[Circuit], Circuit], times: int = 1) -> None:
        """Let another worker write the circuit just before each of the next writes."""

        def write() -> None:
            stored = self.circuit
            after = action(stored)
            self.circuits.circuits[AUTHORITY] = Circuit(**{**vars(after), "revision": stored.revision + 1})

        for number in range(1, times + 1):
            self.circuits.calls.at("before", "circuits.save", write, number=number)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def outage(site: Site) -> Site:
    """The circuit has opened, and the next tick has come."""
    site.fail(*(f"credential-{number}" for number in range(THRESHOLD)))
    site.clock.advance(PERIOD)
    return site


# --- What it costs ------------------------------------------------------------------------------------------------


def test_an_attempt_that_works_costs_one_read(site: Site) -> None:
    worker = site.worker()
    assert worker.admits("a")
    worker.worked()
    assert site.circuits.calls.log == ["circuits.get"]


def test_a_failure_costs_one_write(site: Site) -> None:
    worker = site.worker()
    assert worker.admits("a")
    worker.failed("a")
    assert site.circuits.calls.log == ["circuits.get", "circuits.save"]


def test_a_probe_that_works_costs_one_read_and_two_writes(outage: Site) -> None:
    outage.circuits.calls.log.clear()
    worker = outage.worker()
    assert worker.admits("a")
    worker.worked()
    assert outage.circuits.calls.log == ["circuits.get", "circuits.save", "circuits.save"]


def test_a_held_back_attempt_costs_one_read(site: Site) -> None:
    site.fail(*"abcde")
    site.circuits.calls.log.clear()
    assert not site.worker().admits("f", is_failing=True)
    assert site.circuits.calls.log == ["circuits.get"]


# --- Opening and closing ------------------------------------------------------------------------------------------


def test_five_credentials_that_fail_open_the_circuit(site: Site) -> None:
    site.fail(*"abcd")
    assert not site.is_open
    site.fail("e")
    assert site.is_open


def test_one_failing_credential_never_opens_the_circuit(site: Site) -> None:
    for _ in range(100):
        site.fail("failing")
        site.clock.advance(timedelta(seconds=50))
    assert not site.is_open
    assert site.worker().admits("healthy")


def test_a_success_clears_the_failures_of_the_authority(site: Site) -> None:
    site.fail(*"abcd")
    worker = site.worker()
    assert worker.admits("healthy")
    worker.worked()
    site.fail("e")
    assert not site.is_open


def test_while_the_circuit_is_open_a_tick_has_three_calls(outage: Site) -> None:
    healthy = [outage.worker().admits(credential) for credential in "uvwxyz"]
    failing = [outage.worker().admits(credential, is_failing=True) for credential in "klm"]
    assert (healthy.count(True), failing.count(True)) == (PROBES - PROBES_FOR_FAILING, PROBES_FOR_FAILING)


def test_the_first_probe_that_works_closes_the_circuit_for_all_credentials(outage: Site) -> None:
    worker = outage.worker()
    assert worker.admits("a")
    worker.worked()
    assert all(outage.worker().admits(credential) for credential in "uvwxyz")


def test_all_calls_of_one_attempt_are_counted(site: Site) -> None:
    worker = site.worker()
    assert worker.admits("a")
    worker.failed("a")
    worker.worked()
    assert (site.circuit.failing, site.circuit.revision) == ((), 2)


# --- Other workers ------------------------------------------------------------------------------------------------


def test_a_failure_is_added_to_those_of_faster_workers(site: Site) -> None:
    worker = site.worker()
    assert worker.admits("a")
    site.fail("b")
    worker.failed("a")
    assert site.circuit.failing == ("b", "a")


def test_two_workers_cannot_take_the_same_probe(outage: Site) -> None:
    outage.raced(lambda circuit: circuit.admitting("other", outage.clock(), PERIOD) or circuit)
    assert outage.worker().admits("a")
    assert outage.circuit.others == ("other", "a")


def test_an_attempt_is_let_through_if_another_worker_closed_the_circuit_meanwhile(outage: Site) -> None:
    outage.raced(Circuit.worked)
    assert outage.worker().admits("a")
    assert not outage.is_open


def test_an_attempt_gets_no_probe_if_other_workers_are_faster_three_times(outage: Site) -> None:
    outage.raced(lambda circuit: circuit.failed("other", outage.clock()), times=3)
    assert not outage.worker().admits("a")


def test_a_failure_is_dropped_if_other_workers_are_faster_three_times(site: Site) -> None:
    worker = site.worker()
    assert worker.admits("a")
    site.raced(lambda circuit: circuit.failed("other", site.clock()), times=3)
    worker.failed("a")
    assert site.circuit.failing == ("other",)


def test_a_success_writes_nothing_if_another_worker_closed_the_circuit_meanwhile(site: Site) -> None:
    site.fail("b")
    worker = site.worker()
    assert worker.admits("a")
    site.raced(Circuit.worked)
    worker.worked()
    assert (site.circuit.failing, site.circuit.revision) == ((), 2)


# --- The table is down --------------------------------------------------------------------------------------------


def test_an_attempt_that_cannot_read_the_table_is_let_through(outage: Site) -> None:
    for _ in range(10):
        outage.down("circuits.get")
        assert outage.worker().admits("a")


def test_an_attempt_that_cannot_write_the_table_is_let_through(outage: Site) -> None:
    outage.down("circuits.save")
    assert outage.worker().admits("a")


@pytest.mark.parametrize(
    "notify",
    [
        pytest.param(lambda worker: worker.failed("a"), id="a failure"),
        pytest.param(lambda worker: worker.worked(), id="a success"),
    ],
)
def test_after_a_failed_read_the_same_attempt_does_not_access_the_table_again(
    site: Site, notify: Callable[[CircuitBreaker], None]
) -> None:
    """A call to a table that is down takes seconds, and the new tokens have to be stored."""
    site.down("circuits.get")
    worker = site.worker()
    assert worker.admits("a")
    notify(worker)
    assert site.circuits.calls.log == ["circuits.get"]


@pytest.mark.parametrize(
    "notify",
    [
        pytest.param(lambda worker: worker.failed("a"), id="a failure"),
        pytest.param(lambda worker: worker.worked(), id="a success"),
    ],
)
def test_a_result_that_cannot_be_written_is_dropped(site: Site, notify: Callable[[CircuitBreaker], None]) -> None:
    site.fail("b")
    worker = site.worker()
    assert worker.admits("a")
    site.down("circuits.save")
    notify(worker)
    assert site.circuit.failing == ("b",)


def test_the_next_attempt_accesses_the_table_again(site: Site) -> None:
    worker = site.worker()
    site.down("circuits.get")
    assert worker.admits("a")
    assert worker.admits("b")
    worker.failed("b")
    assert site.circuit.failing == ("b",)


# --- A fleet in an outage -----------------------------------------------------------------------------------------


class Fleet:
    """Two hundred credentials, a tick every five minutes, and an authority that is down for two hours."""

    DOWN_FROM: Final = START + timedelta(hours=1)
    DOWN_UNTIL: Final = START + timedelta(hours=3)

    def __init__(self, seed: int, *, size: int = 200) -> None:
        self.luck = random.Random(seed)  # noqa: S311 - A simulation that can be repeated.
        self.site = Site()
        self.due = {f"credential-{number}": START + self.luck.random() * 9 * PERIOD for number in range(size)}
        self.failures: Counter[str] = Counter()
        self.held_back: set[str] = set()
        self.calls: Counter[int] = Counter()
        """How many calls a tick has made while the circuit was open."""
        self.returned: Counter[int] = Counter()
        """How many credentials that had been held back were let through in a tick."""
        self.waiting_at_recovery = 0

    @property
    def is_down(self) -> bool:
        return self.DOWN_FROM <= self.site.clock.now < self.DOWN_UNTIL

    def run(self) -> None:
        for tick in range(12 * 5):
            at = START + tick * PERIOD
            if at == self.DOWN_UNTIL:
                self.waiting_at_recovery = len(self.held_back)
            due = [name for name, moment in self.due.items() if moment <= at]
            # EventBridge is up to a minute late, and the workers take their time.
            self.site.clock.now = at + self.luck.random() * timedelta(minutes=1)
            self.luck.shuffle(due)
            for name in due:
                self.site.clock.advance(timedelta(seconds=0.2))
                self.attempt(name, tick)

    def attempt(self, name: str, tick: int) -> None:
        worker, was_open = self.site.worker(), self.site.is_open
        if not worker.admits(name):
            self.held_back.add(name)
            self.due[name] = self.now + hold(PERIOD, self.luck.random())
            return
        self.calls[tick] += was_open
        self.returned[tick] += name in self.held_back
        self.held_back.discard(name)
        if self.is_down:
            self.failures[name] += 1
            worker.failed(name)
            self.due[name] = self.now + backoff(self.failures[name], None, self.luck.random())
        else:
            self.failures[name] = 0
            worker.worked()
            self.due[name] = self.now + timedelta(minutes=45) - self.luck.random() * PERIOD

    @property
    def now(self) -> datetime:
        return self.site.clock()


RECOVERY: Final = (Fleet.DOWN_UNTIL - START) // PERIOD
OUTAGE: Final = range((Fleet.DOWN_FROM - START) // PERIOD, RECOVERY)


@pytest.fixture(scope="module", params=range(20), ids=lambda seed: f"seed {seed}")
def fleet(request: pytest.FixtureRequest) -> Fleet:
    fleet = Fleet(request.param)
    fleet.run()
    return fleet


def test_an_outage_costs_three_calls_a_tick(fleet: Fleet) -> None:
    assert max(fleet.calls.values()) == PROBES


def test_every_tick_of_an_outage_makes_a_call_to_detect_its_end(fleet: Fleet) -> None:
    assert all(fleet.calls[tick] for tick in OUTAGE[1:])


def test_after_an_outage_all_credentials_are_tried_within_three_ticks(fleet: Fleet) -> None:
    assert fleet.waiting_at_recovery > 150
    assert sum(fleet.returned[RECOVERY + number] for number in range(3)) == fleet.waiting_at_recovery
    assert not fleet.held_back


def test_after_an_outage_no_tick_tries_more_than_three_fifths_of_the_waiting_credentials(fleet: Fleet) -> None:
    assert max(fleet.returned[RECOVERY + number] for number in range(3)) <= 0.6 * fleet.waiting_at_recovery


def test_a_circuit_without_a_failure_is_read_once_in_ten_seconds() -> None:
    site = Site()
    worker = site.worker()
    for name in ("a", "b", "c"):
        assert worker.admits(name)
        worker.worked()
    assert site.circuits.calls.log == ["circuits.get"]
    site.clock.advance(REMEMBERED)
    assert worker.admits("d")
    assert site.circuits.calls.log == ["circuits.get", "circuits.get"]


def test_a_failure_makes_the_next_attempt_of_the_process_read_the_circuit() -> None:
    site = Site()
    worker = site.worker()
    assert worker.admits("a")
    worker.failed("a")
    site.circuits.calls.log.clear()
    assert worker.admits("b")
    assert site.circuits.calls.log == ["circuits.get"]


def test_processes_that_remember_a_closed_circuit_open_it_together() -> None:
    site = Site()
    workers = [site.worker() for _ in range(THRESHOLD)]
    for number, worker in enumerate(workers):
        assert worker.admits(f"before-{number}")
    for number, worker in enumerate(workers):
        assert worker.admits(str(number))
        worker.failed(str(number))
    assert site.is_open
