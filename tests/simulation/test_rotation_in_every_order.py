"""The invariants hold for every order of events: refreshes, consents, kills, faults, edits, time."""

import os
from datetime import timedelta
from typing import ClassVar, Final
from unittest import TestCase

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.kind import KINDS, Kind
from tests.fakes.memory_store import PENDING, PREVIOUS
from tests.fakes.world import NAME
from tests.simulation.actors import Actor, Fate
from tests.simulation.simulation import Simulation

CALLS: Final = (
    "registry.get",
    "registry.save",
    "store.describe",
    "store.read",
    "store.history",
    "store.put_pending",
    "store.promote",
    "authority.refresh",
    "authority.redeem",
    "escrow.put",
    "escrow.of",
    "escrow.remove",
    "store.set_status_tags",
    "consumers.create",
    "consumers.put",
    "consumers.current",
)
FATES: Final = st.sampled_from([Fate.GOES_ON] * len(Fate) + list(Fate))
AT_ONCE: Final = 3
"""How many processes run at the same time."""


class RotationInEveryOrder(RuleBasedStateMachine):
    """One credential, up to three concurrent processes, an operator, and an AWS that may fail."""

    simulation: Simulation

    kinds: ClassVar = list(KINDS)

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.simulation = Simulation(data.draw(st.sampled_from(self.kinds)), publishes=data.draw(st.booleans()))

    # --- Processes -----------------------------------------------------------------------------------------------

    @rule(escrowed=st.booleans())
    @precondition(lambda self: len(self.simulation.live) < AT_ONCE)
    def a_message_comes(self, escrowed: bool) -> None:
        self.simulation.message(escrowed=escrowed)

    @rule(request_id=st.sampled_from(["first", "second", "third"]))
    @precondition(lambda self: len(self.simulation.live) < AT_ONCE)
    def the_operator_asks_for_a_refresh(self, request_id: str) -> None:
        self.simulation.message(request_id=request_id)

    @rule()
    @precondition(lambda self: len(self.simulation.live) < AT_ONCE and not self.simulation.ledger.is_broken)
    def a_person_consents(self) -> None:
        self.simulation.consent()

    @rule(which=st.integers(0, AT_ONCE - 1), fate=FATES)
    @precondition(lambda self: self.simulation.live)
    def a_process_makes_a_call(self, which: int, fate: Fate) -> None:
        self.simulation.go(self._actor(which), fate)

    @rule(which=st.integers(0, AT_ONCE - 1), call=st.sampled_from(CALLS), fate=FATES)
    @precondition(lambda self: self.simulation.live)
    def a_process_runs_to_a_call(self, which: int, call: str, fate: Fate) -> None:
        actor = self._actor(which)
        while actor.at not in {call, None}:
            self.simulation.go(actor)
        if actor.at is not None:
            self.simulation.go(actor, fate)

    @rule(which=st.integers(0, AT_ONCE - 1))
    @precondition(lambda self: self.simulation.live)
    def a_process_runs_to_its_end(self, which: int) -> None:
        self.simulation.finish(self._actor(which))

    def _actor(self, which: int) -> Actor:
        return self.simulation.live[which % len(self.simulation.live)]

    # --- Services ------------------------------------------------------------------------------------------------

    @rule(
        service=st.sampled_from(["store", "escrow", "registry", "topic", "consumers"]),
        how=st.sampled_from([Fate.FAILS_BEFORE, Fate.FAILS_AFTER]),
    )
    def a_service_goes_down(self, service: str, how: Fate) -> None:
        self.simulation.world.scheduled.down[service] = how

    @rule()
    @precondition(lambda self: self.simulation.world.scheduled.down)
    def the_services_come_back(self) -> None:
        self.simulation.world.scheduled.down.clear()

    @rule()
    def the_next_answer_is_cut_off(self) -> None:
        self.simulation.world.authority.cut_off = True

    # --- People and time -----------------------------------------------------------------------------------------

    @rule()
    @precondition(lambda self: not self.simulation.ledger.is_broken)
    def the_operator_edits(self) -> None:
        self.simulation.edit(self.simulation.text)

    @rule()
    @precondition(lambda self: not self.simulation.ledger.is_broken)
    def the_operator_opens_an_editor(self) -> None:
        self.simulation.copy = self.simulation.text

    @rule()
    def the_operator_saves_what_is_in_the_editor(self) -> None:
        self.simulation.edit(self.simulation.copy)

    @rule()
    @precondition(lambda self: not self.simulation.ledger.is_broken)
    def the_operator_imports_a_token(self) -> None:
        self.simulation.import_token()

    @rule()
    @precondition(lambda self: not self.simulation.ledger.is_broken)
    def the_operator_breaks_the_document(self) -> None:
        self.simulation.break_document()

    @rule(which=st.integers(0, 100))
    def the_operator_moves_awscurrent(self, which: int) -> None:
        versions = self.simulation.versions()
        self.simulation.move_current(versions[which % len(versions)])

    @rule()
    @precondition(lambda self: PREVIOUS in self.simulation.world.store.labels(NAME))
    def the_operator_moves_awscurrent_to_the_previous_version(self) -> None:
        previous = self.simulation.world.store.labels(NAME)[PREVIOUS]
        if previous in self.simulation.versions():
            self.simulation.move_current(previous)

    @rule(which=st.integers(0, 100))
    def the_operator_moves_awspending(self, which: int) -> None:
        versions = self.simulation.versions()
        self.simulation.move_pending(versions[which % len(versions)])

    @rule(label=st.sampled_from([PENDING, PREVIOUS]))
    def the_operator_removes_a_label(self, label: str) -> None:
        self.simulation.remove_label(label)

    @rule(content=st.sampled_from(["no document", b"binary", "a copy"]))
    def another_rotation_stores_a_pending_version(self, content: str | bytes) -> None:
        self.simulation.store_pending_of_another(self.simulation.copy if content == "a copy" else content)

    @rule()
    def the_operator_pauses(self) -> None:
        self.simulation.pause()

    @rule()
    def the_operator_resumes(self) -> None:
        self.simulation.resume()

    @rule()
    def the_operator_creates_the_secret_anew(self) -> None:
        self.simulation.create_anew()

    @rule()
    def dispatch_ticks(self) -> None:
        self.simulation.world.dispatcher.tick()

    @rule(minutes=st.integers(1, 60))
    def minutes_pass(self, minutes: int) -> None:
        self.simulation.pass_time(timedelta(minutes=minutes))

    @rule(seconds=st.integers(1, 40))
    def seconds_pass(self, seconds: int) -> None:
        self.simulation.pass_time(timedelta(seconds=seconds))

    # --- What must hold ------------------------------------------------------------------------------------------

    @rule()
    def the_faults_stop(self) -> None:
        self.simulation.become_quiet()

    @invariant()
    def nothing_is_lost_nothing_spent_is_presented_no_edit_is_dropped_no_pipeline_goes_back(self) -> None:
        if hasattr(self, "simulation"):
            self.simulation.check()

    def teardown(self) -> None:
        if hasattr(self, "simulation"):
            self.simulation.end()


class WithMicrosoft(RotationInEveryOrder):
    """A provider that still accepts the old refresh token."""

    kinds: ClassVar = [Kind.MICROSOFT]


class WithAStrictProvider(RotationInEveryOrder):
    """A provider that revokes the sign-in when a spent refresh token is presented."""

    kinds: ClassVar = [Kind.STRICT]


class WithAGracefulProvider(RotationInEveryOrder):
    """A provider that accepts the old refresh token for some minutes."""

    kinds: ClassVar = [Kind.GRACEFUL]


class WithoutRotation(RotationInEveryOrder):
    """A provider that issues only one refresh token."""

    kinds: ClassVar = [Kind.NONE]


ASKED_FOR: Final = os.environ.get("SIMULATION_EXAMPLES")
"""How many examples `make simulation` runs for each provider, different ones each time."""

FEW, MANY = 20, int(ASKED_FOR or 250)


def proof(machine: type[RotationInEveryOrder], examples: int) -> type[TestCase]:
    """Return a test case that runs a machine with this many examples."""

    class Proof(machine):  # type: ignore[misc,valid-type] # Its own class, because it has its own settings.
        pass

    case: type[TestCase] = Proof.TestCase
    case.settings = settings(  # type: ignore[attr-defined] # Hypothesis reads it there.
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        derandomize=ASKED_FOR is None,
        database=None,
        print_blob=True,
    )
    return case


TestWithMicrosoft = proof(WithMicrosoft, FEW)
TestWithAStrictProvider = proof(WithAStrictProvider, FEW)
TestWithAGracefulProvider = proof(WithAGracefulProvider, FEW)
TestWithoutRotation = proof(WithoutRotation, FEW)

TestWithMicrosoftInManyOrders = pytest.mark.exhaustive(proof(WithMicrosoft, MANY))
TestWithAStrictProviderInManyOrders = pytest.mark.exhaustive(proof(WithAStrictProvider, MANY))
TestWithAGracefulProviderInManyOrders = pytest.mark.exhaustive(proof(WithAGracefulProvider, MANY))
TestWithoutRotationInManyOrders = pytest.mark.exhaustive(proof(WithoutRotation, MANY))
