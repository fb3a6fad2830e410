"""What must hold for every order of events: refreshes, kills anywhere, edits anywhere, ticks, time."""

from contextlib import suppress
from datetime import timedelta
from typing import ClassVar, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.calls import KilledError, Moment, kill
from tests.fakes.failures import NO_ANSWER, unavailable
from tests.fakes.fake_authority import Kind
from tests.fakes.world import NAME, World
from token_refresher.credential import Credential
from token_refresher.failure import ProviderFailure
from token_refresher.outcome import Result

CALLS: Final = (
    "registry.get",
    "store.describe",
    "store.read",
    "registry.save",
    "authority.refresh",
    "store.put_pending",
    "store.promote",
)
MOMENTS: Final[tuple[Moment, ...]] = ("before", "after")


class RefreshesInEveryOrder(RuleBasedStateMachine):
    """One credential of a provider that goes on taking the old token, as Microsoft does."""

    kind = Kind.MICROSOFT
    deadly: ClassVar = [(call, moment) for call in CALLS for moment in MOMENTS]
    """Where a process may die."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.kind)
        self.edits = 0

    @initialize()
    def manage(self) -> None:
        self.world.manage()

    @rule(minutes=st.integers(1, 70))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(timedelta(minutes=minutes))

    @rule()
    def the_operator_edits(self) -> None:
        self.edits += 1
        self.world.edit(note=self.edits)

    @rule()
    def dispatch_ticks(self) -> None:
        self.world.dispatcher.tick()

    @rule(failure=st.sampled_from([NO_ANSWER, unavailable(503)]))
    def the_provider_will_fail(self, failure: ProviderFailure) -> None:
        self.world.authority.failures.append(failure)

    @rule()
    def a_message_comes(self) -> None:
        self.world.refresh()

    @rule(data=st.data(), then_edited=st.booleans())
    def a_refresh_is_killed(self, data: st.DataObject, then_edited: bool) -> None:
        call, moment = data.draw(st.sampled_from(self.deadly))
        self.world.calls.at(moment, call, kill)
        with suppress(KilledError):
            self.world.refresh()
        self.world.calls.forget()
        if then_edited:
            self.the_operator_edits()

    @rule(call=st.sampled_from(CALLS), moment=st.sampled_from(MOMENTS))
    def the_operator_edits_during_a_refresh(self, call: str, moment: Moment) -> None:
        self.edits += 1
        self.world.calls.at(moment, call, lambda: self.world.edit(note=self.edits))
        self.world.refresh()
        if self.world.calls.forget():
            self.edits -= 1  # It never came to that call.

    @rule()
    @precondition(lambda self: not self.world.authority.failures)
    def in_the_end_the_newest_token_is_current(self) -> None:
        # Two runs at the most: one to finish what was left, one to refresh what was due.
        for _ in range(2):
            self.world.clock.advance(timedelta(minutes=15))
            self.world.refresh()
        assert self.world.current_refresh_token() == self.world.authority.newest
        assert self.world.refresh().result is Result.NOT_DUE

    @invariant()
    def consumers_read_a_whole_document(self) -> None:
        if NAME in self.world.registry.entries:
            assert Credential.parse(self.world.store.current_text(NAME)).access_token is not None

    @invariant()
    def no_edit_is_lost(self) -> None:
        if self.edits:
            assert f'"note": {self.edits}' in self.world.store.current_text(NAME)


class StrictRefreshesInEveryOrder(RefreshesInEveryOrder):
    """One credential of a provider that revokes the sign-in when a spent token comes again.

    A process that dies between the answer and its storage loses the token, whoever wrote it; so here it does not.
    """

    kind = Kind.STRICT
    deadly: ClassVar = [("store.put_pending", "after"), ("store.promote", "before"), ("store.promote", "after")]


EVERY_ORDER = settings(max_examples=150, stateful_step_count=12, deadline=None, derandomize=True, database=None)

TestRefreshesInEveryOrder = RefreshesInEveryOrder.TestCase
TestRefreshesInEveryOrder.settings = EVERY_ORDER
TestStrictRefreshesInEveryOrder = StrictRefreshesInEveryOrder.TestCase
TestStrictRefreshesInEveryOrder.settings = EVERY_ORDER
