"""What must hold for every order of events: refreshes, consents, kills, faults, edits, time."""

import os
from datetime import timedelta
from typing import ClassVar, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.fake_authority import Kind
from tests.simulation.actors import Actor, Fate
from tests.simulation.stage import Stage

CALLS: Final = (
    "registry.get",
    "registry.save",
    "store.describe",
    "store.read",
    "store.put_pending",
    "store.promote",
    "authority.refresh",
    "authority.redeem",
    "escrow.put",
    "escrow.of",
    "escrow.remove",
    "store.label",
)
FATES: Final = st.sampled_from([Fate.GOES_ON] * len(Fate) + list(Fate))
AT_ONCE: Final = 3
"""How many processes run at the same time."""


class RotationInEveryOrder(RuleBasedStateMachine):
    """One credential: two refresh workers and two callbacks at most, an operator, and AWS on a bad day."""

    stage: Stage

    kinds: ClassVar = list(Kind)

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.stage = Stage(data.draw(st.sampled_from(self.kinds)))

    # --- Processes -----------------------------------------------------------------------------------------------

    @rule(escrowed=st.booleans())
    @precondition(lambda self: len(self.stage.live) < AT_ONCE)
    def a_message_comes(self, escrowed: bool) -> None:
        self.stage.message(escrowed=escrowed)

    @rule(request_id=st.sampled_from(["first", "second", "third"]))
    @precondition(lambda self: len(self.stage.live) < AT_ONCE)
    def the_operator_asks_for_a_refresh(self, request_id: str) -> None:
        self.stage.message(request_id=request_id)

    @rule()
    @precondition(lambda self: len(self.stage.live) < AT_ONCE and not self.stage.ledger.is_broken)
    def a_person_consents(self) -> None:
        self.stage.consent()

    @rule(which=st.integers(0, AT_ONCE - 1), fate=FATES)
    @precondition(lambda self: self.stage.live)
    def a_process_makes_a_call(self, which: int, fate: Fate) -> None:
        self.stage.go(self._actor(which), fate)

    @rule(which=st.integers(0, AT_ONCE - 1), call=st.sampled_from(CALLS), fate=FATES)
    @precondition(lambda self: self.stage.live)
    def a_process_runs_to_a_call(self, which: int, call: str, fate: Fate) -> None:
        actor = self._actor(which)
        while actor.at not in {call, None}:
            self.stage.go(actor)
        if actor.at is not None:
            self.stage.go(actor, fate)

    @rule(which=st.integers(0, AT_ONCE - 1))
    @precondition(lambda self: self.stage.live)
    def a_process_runs_to_its_end(self, which: int) -> None:
        self.stage.finish(self._actor(which))

    def _actor(self, which: int) -> Actor:
        return self.stage.live[which % len(self.stage.live)]

    # --- Services ------------------------------------------------------------------------------------------------

    @rule(
        service=st.sampled_from(["store", "escrow", "registry", "topic"]),
        how=st.sampled_from([Fate.FAILS_BEFORE, Fate.FAILS_AFTER]),
    )
    def a_service_goes_down(self, service: str, how: Fate) -> None:
        self.stage.world.scheduled.down[service] = how

    @rule()
    @precondition(lambda self: self.stage.world.scheduled.down)
    def the_services_come_back(self) -> None:
        self.stage.world.scheduled.down.clear()

    @rule()
    def the_next_answer_is_cut_off(self) -> None:
        self.stage.world.authority.cut_off = True

    # --- People and time -----------------------------------------------------------------------------------------

    @rule()
    @precondition(lambda self: not self.stage.ledger.is_broken)
    def the_operator_edits(self) -> None:
        self.stage.edit(self.stage.text)

    @rule()
    @precondition(lambda self: not self.stage.ledger.is_broken)
    def the_operator_opens_an_editor(self) -> None:
        self.stage.copy = self.stage.text

    @rule()
    def the_operator_saves_what_is_in_the_editor(self) -> None:
        self.stage.edit(self.stage.copy)

    @rule()
    @precondition(lambda self: not self.stage.ledger.is_broken)
    def the_operator_imports_a_token(self) -> None:
        self.stage.import_token()

    @rule()
    @precondition(lambda self: not self.stage.ledger.is_broken)
    def the_operator_breaks_the_document(self) -> None:
        self.stage.break_document()

    @rule()
    def the_operator_pauses(self) -> None:
        self.stage.pause()

    @rule()
    def the_operator_resumes(self) -> None:
        self.stage.resume()

    @rule()
    def the_operator_creates_the_secret_anew(self) -> None:
        self.stage.create_anew()

    @rule()
    def dispatch_ticks(self) -> None:
        self.stage.world.dispatcher.tick()

    @rule(minutes=st.integers(1, 60))
    def minutes_pass(self, minutes: int) -> None:
        self.stage.pass_time(timedelta(minutes=minutes))

    @rule(seconds=st.integers(1, 40))
    def seconds_pass(self, seconds: int) -> None:
        self.stage.pass_time(timedelta(seconds=seconds))

    # --- What must hold ------------------------------------------------------------------------------------------

    @rule()
    def the_faults_stop(self) -> None:
        self.stage.become_quiet()

    @invariant()
    def nothing_is_lost_nothing_spent_is_presented_no_edit_is_dropped(self) -> None:
        if hasattr(self, "stage"):
            self.stage.ledger.check()

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.stage.end()


class WithMicrosoft(RotationInEveryOrder):
    """A provider that goes on taking the old refresh token."""

    kinds: ClassVar = [Kind.MICROSOFT]


class WithAStrictProvider(RotationInEveryOrder):
    """A provider that revokes the sign-in when a spent refresh token comes again."""

    kinds: ClassVar = [Kind.STRICT]


class WithoutRotation(RotationInEveryOrder):
    """A provider that issues one refresh token only."""

    kinds: ClassVar = [Kind.NONE]


ASKED_FOR: Final = os.environ.get("SIMULATION_EXAMPLES")
"""How many examples `make simulation` wants of each provider: other ones at every run."""

EXAMPLES: Final = settings(
    max_examples=int(ASKED_FOR or 700),
    stateful_step_count=30,
    deadline=None,
    derandomize=ASKED_FOR is None,
    database=None,
    print_blob=True,
)

TestWithMicrosoft = WithMicrosoft.TestCase
TestWithAStrictProvider = WithAStrictProvider.TestCase
TestWithoutRotation = WithoutRotation.TestCase
TestWithMicrosoft.settings = TestWithAStrictProvider.settings = TestWithoutRotation.settings = EXAMPLES
