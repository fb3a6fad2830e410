"""When a circuit opens, what it lets through, and when it closes."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.fakes.manual_clock import START
from token_refresher.refresh.circuit import FORGOTTEN, PROBES, PROBES_FOR_FAILING, THRESHOLD, WINDOW, Circuit, hold

AUTHORITY: Final = "https://login.example.com"
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
PERIOD: Final = 5 * MINUTE
BARE: Final = Circuit(AUTHORITY)
FIVE: Final = tuple(f"credential-{number}" for number in range(THRESHOLD))


def failing(*credentials: str, every: timedelta = SECOND) -> Circuit:
    """Return the circuit after these credentials have failed, the last of them at `START`."""
    circuit = BARE
    for number, credential in enumerate(credentials, start=1 - len(credentials)):
        circuit = circuit.failed(credential, START + number * every)
    return circuit


OPEN: Final = failing(*FIVE)


def let_through(circuit: Circuit, now: datetime, credential: str = "another", *, is_failing: bool = False) -> int:
    """Return how many of ten simultaneous calls of a credential are let through."""
    admitted = 0
    for _ in range(10):
        claimed = circuit.admitting(credential, now, PERIOD, is_failing=is_failing)
        admitted += claimed is not None
        circuit = claimed or circuit
    return admitted


@pytest.mark.parametrize(
    ("circuit", "is_open"),
    [
        pytest.param(BARE, False, id="a new circuit is closed"),
        pytest.param(failing(*FIVE[:-1]), False, id="four credentials that fail do not open it"),
        pytest.param(OPEN, True, id="the fifth opens it"),
        pytest.param(failing(*FIVE, "a sixth"), True, id="the sixth leaves it open"),
        pytest.param(failing(*["one"] * 100), False, id="one credential that fails a hundred times does not open it"),
        pytest.param(failing(*FIVE[:-1] * 9), False, id="four that fail in turn do not open it"),
        pytest.param(failing("one", *FIVE[:2], "one", *FIVE[2:]), True, id="a credential that fails twice counts once"),
        pytest.param(failing(*FIVE, every=WINDOW - SECOND), True, id="failures just within the window count together"),
        pytest.param(failing(*FIVE, every=WINDOW), False, id="failures that are further apart do not count together"),
        pytest.param(
            failing(*FIVE[:-1]).worked().failed(FIVE[-1], START), False, id="a success in between starts the count anew"
        ),
        pytest.param(OPEN.worked(), False, id="any success closes it"),
    ],
)
def test_a_circuit_opens_when_five_credentials_fail(circuit: Circuit, is_open: bool) -> None:
    assert circuit.is_open(START) is is_open


@pytest.mark.parametrize(
    ("circuit", "after", "is_open"),
    [
        pytest.param(OPEN, FORGOTTEN - SECOND, True, id="it is open for an hour after the last failure"),
        pytest.param(OPEN, FORGOTTEN, False, id="it is forgotten after that"),
        pytest.param(OPEN.failed("b", START + 30 * MINUTE), FORGOTTEN, True, id="a failure in between keeps it open"),
        pytest.param(
            OPEN.failed("b", START + FORGOTTEN), FORGOTTEN, False, id="a failure after that counts as the first one"
        ),
    ],
)
def test_an_open_circuit_is_forgotten_after_an_hour_without_a_failure(
    circuit: Circuit, after: timedelta, is_open: bool
) -> None:
    assert circuit.is_open(START + after) is is_open


@pytest.mark.parametrize(
    ("circuit", "after", "admitted"),
    [
        pytest.param(BARE, timedelta(0), 10, id="a closed circuit lets everything through"),
        pytest.param(OPEN, timedelta(0), 2, id="two healthy credentials get through while it opens"),
        pytest.param(OPEN, PERIOD - 2 * MINUTE, 2, id="a tick that comes early has its probes"),
        pytest.param(OPEN, PERIOD, 2, id="each tick has two probes for healthy credentials"),
        pytest.param(OPEN, PERIOD + 2 * MINUTE, 2, id="a tick that comes late has its probes"),
        pytest.param(OPEN, 7 * PERIOD, 2, id="unused probes of earlier ticks do not add up"),
        pytest.param(OPEN, FORGOTTEN, 10, id="a forgotten circuit lets everything through"),
    ],
)
def test_an_open_circuit_lets_a_few_calls_through(circuit: Circuit, after: timedelta, admitted: int) -> None:
    assert let_through(circuit, START + after) == admitted


@pytest.mark.parametrize(
    ("after", "admitted"),
    [
        pytest.param(timedelta(0), 0, id="the failures that opened it were the probes of their tick"),
        pytest.param(PERIOD / 2 - SECOND, 0, id="there is no probe until half-way to the next tick"),
        pytest.param(PERIOD, 1, id="then there is one probe per tick"),
    ],
)
def test_failing_credentials_take_no_probe_of_the_healthy_ones(after: timedelta, admitted: int) -> None:
    """However many credentials are failing, a healthy one gets through, and closes the circuit."""
    assert let_through(OPEN, START + after, FIVE[0]) == admitted
    assert let_through(OPEN, START + after, "failed before", is_failing=True) == admitted


def test_a_probe_that_fails_leaves_the_other_probes_of_its_tick() -> None:
    tick = START + PERIOD
    probing = OPEN.admitting("another", tick, PERIOD)
    assert probing is not None
    assert let_through(probing.failed("another", tick), tick, "a third") == PROBES - PROBES_FOR_FAILING - 1


def test_while_it_is_open_the_failing_credentials_stay_known_however_long_ago_they_failed() -> None:
    assert OPEN.failed("another", START + 30 * MINUTE).failing == (*FIVE[1:], "another")


def test_a_closed_circuit_does_not_change() -> None:
    assert BARE.admitting("a", START, PERIOD) == BARE


def test_no_more_failing_credentials_are_kept_than_open_the_circuit() -> None:
    assert failing(*FIVE, "a sixth").failing == (*FIVE[1:], "a sixth")


@pytest.mark.parametrize(
    ("spread", "minutes"),
    [
        pytest.param(0.0, 3.75, id="at least three quarters of a period: until the next tick"),
        pytest.param(1.0, 10, id="at most two: until the second tick"),
    ],
)
def test_a_credential_is_held_back_for_three_quarters_of_a_period_to_two(spread: float, minutes: float) -> None:
    assert hold(PERIOD, spread) == minutes * MINUTE


@given(st.floats(0, 1), st.floats(0, 0.5))
def test_a_credential_comes_again_within_three_ticks_however_late_in_its_tick_it_was_held_back(
    spread: float, late: float
) -> None:
    assert late * PERIOD + hold(PERIOD, spread) <= 3 * PERIOD


class CircuitInEveryOrder(RuleBasedStateMachine):
    """Failures, successes and attempts of eight credentials in any order, and time that passes."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit = BARE
        self.now = START
        self.failed_since_a_success: set[str] = set()
        self.opened_at: datetime | None = None
        self.admitted: Counter[datetime] = Counter()
        """How many calls an open circuit has let through, by period."""

    @property
    def is_open(self) -> bool:
        return self.circuit.is_open(self.now)

    @rule(credential=st.sampled_from("abcdefgh"))
    def a_call_fails(self, credential: str) -> None:
        self.circuit = self.circuit.failed(credential, self.now)
        self.failed_since_a_success.add(credential)

    @rule(credential=st.sampled_from("ab"))
    def a_call_of_a_failing_credential_fails(self, credential: str) -> None:
        self.a_call_fails(credential)

    @rule()
    def an_outage_begins(self) -> None:
        for credential in FIVE:
            self.a_call_fails(credential)

    @rule()
    def a_call_works(self) -> None:
        self.circuit = self.circuit.worked()
        self.failed_since_a_success.clear()
        assert not self.is_open
        assert self.circuit.admitting("a", self.now, PERIOD) == self.circuit

    @rule(credential=st.sampled_from("abcdefghxyz"), times=st.integers(1, 6))
    def attempts_come(self, credential: str, times: int) -> None:
        for _ in range(times):
            claimed, was_open = self.circuit.admitting(credential, self.now, PERIOD), self.is_open
            assert was_open or claimed == self.circuit
            if claimed is not None and was_open:
                assert claimed.window_began_at is not None
                self.admitted[claimed.window_began_at] += 1
            self.circuit = claimed or self.circuit

    @rule(seconds=st.integers(0, 400))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(ticks=st.integers(1, 3), late=st.integers(-60, 60))
    def the_next_tick_comes(self, ticks: int, late: int) -> None:
        self.now += ticks * PERIOD + late * SECOND

    @rule(hours=st.integers(1, 3))
    def nothing_happens_for_long(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def fewer_than_five_never_open_it(self) -> None:
        if len(self.failed_since_a_success) < THRESHOLD:
            assert not self.is_open

    @invariant()
    def no_period_has_more_than_its_probes(self) -> None:
        assert all(count <= PROBES for count in self.admitted.values())

    @invariant()
    def the_periods_do_not_overlap(self) -> None:
        if self.circuit.opened_at != self.opened_at:
            # The circuit was closed or forgotten since, so its periods begin anew.
            self.admitted = Counter({at: n for at, n in self.admitted.items() if at == self.circuit.opened_at})
            self.opened_at = self.circuit.opened_at
        # The period in which it opened is shorter, because periods begin half-way between ticks.
        began = [moment for moment in sorted(self.admitted) if moment != self.circuit.opened_at]
        assert all(later - earlier >= PERIOD for earlier, later in pairwise(began))


TestCircuitInEveryOrder = CircuitInEveryOrder.TestCase
TestCircuitInEveryOrder.settings = settings(max_examples=100, stateful_step_count=40)


# --- No call gets an answer -------------------------------------------------------------------------------------------


def silent(circuit: Circuit, failures: int, every: timedelta) -> Circuit:
    """Let one credential fail so often, at these intervals."""
    for number in range(failures):
        circuit = circuit.failed("alone", START + number * every)
    return circuit


@pytest.mark.parametrize(
    ("circuit", "expected"),
    [
        pytest.param(silent(Circuit("of-one"), 7, timedelta(minutes=10)), True, id="an hour without an answer"),
        pytest.param(
            silent(Circuit("of-one"), 6, timedelta(minutes=10)), False, id="less than an hour without an answer"
        ),
        pytest.param(Circuit("of-one"), False, id="no call was made"),
        pytest.param(silent(Circuit("of-one"), 7, timedelta(minutes=10)).worked(), False, id="one call got an answer"),
        pytest.param(silent(Circuit("of-one"), 3, timedelta(days=1)), False, id="long pauses between the calls"),
    ],
)
def test_an_authority_that_answers_no_call_is_silent_however_few_credentials_call_it(
    circuit: Circuit, *, expected: bool
) -> None:
    assert circuit.is_silent(timedelta(hours=1)) is expected
