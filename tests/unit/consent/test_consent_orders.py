"""A credential's consents and refreshes in every order: the newest consent is never lost, and no state works twice."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from tests.fakes.fake_authority import DEPUTY, OWNER, Person
from tests.fakes.world import NAME, World
from token_refresher.base.sensitive import Sensitive
from token_refresher.consent.result import ConsentOutcome
from token_refresher.consent.service import AuthorizationResponse
from token_refresher.credential.status import Status
from token_refresher.providers.authorization import SignInOptions

PEOPLE = st.sampled_from([OWNER, DEPUTY])


class ConsentsInEveryOrder(RuleBasedStateMachine):
    """Several tabs, two people, refreshes, ticks, revocations and time."""

    tabs: Bundle[AuthorizationResponse] = Bundle("tabs")
    used: Bundle[AuthorizationResponse] = Bundle("used")

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.family = -1
        """The sign-in that is to be the current one; none before the first."""
        self.codes: dict[str, Person] = {}

    @initialize()
    def create(self) -> None:
        self.world.store.create(NAME, '{"client_id": "client-of-the-operator", "note": [1,  2]}')

    @rule(target=tabs, person=PEOPLE)
    def somebody_signs_in(self, person: Person) -> AuthorizationResponse:
        accepted = SignInOptions(accepted_person=f"{person.tenant_id}/{person.object_id}")
        back = self.world.go_and_return(accepted, person=person)
        assert back.code is not None
        self.codes[back.code.reveal()] = person
        return back

    @rule(target=used, tab=consumes(tabs))
    def a_tab_comes_back(self, tab: AuthorizationResponse) -> AuthorizationResponse:
        result = self.world.complete(tab)
        assert result.ending in {ConsentOutcome.CONNECTED, ConsentOutcome.ALREADY_DONE, ConsentOutcome.UNKNOWN_STATE}
        if result.ending is ConsentOutcome.CONNECTED:
            assert tab.code is not None
            assert result.username == self.codes[tab.code.reveal()].username
            self.family = self.world.authority.family_of(self.world.authority.newest)
            assert self.world.entry().status is Status.HEALTHY
        return tab

    @rule(tab=used)
    def a_tab_is_reloaded(self, tab: AuthorizationResponse) -> None:
        before = self.world.calls.count("authority.redeem")
        result = self.world.complete(tab)
        assert result.ending in {ConsentOutcome.CONNECTED, ConsentOutcome.ALREADY_DONE, ConsentOutcome.UNKNOWN_STATE}
        assert self.world.calls.count("authority.redeem") == before

    @rule(tab=tabs)
    def a_foreign_browser_comes_with_the_state(self, tab: AuthorizationResponse) -> None:
        foreign = AuthorizationResponse(tab.state, Sensitive("foreign"), tab.code, tab.failure)
        assert self.world.complete(foreign).ending is ConsentOutcome.FOREIGN_BROWSER

    @rule()
    def a_message_comes(self) -> None:
        self.world.refresh()

    @rule()
    def dispatch_ticks(self) -> None:
        self.world.dispatcher.tick()

    @rule(minutes=st.integers(1, 40))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(timedelta(minutes=minutes))

    @rule()
    def the_sign_in_is_revoked(self) -> None:
        if self.family >= 0:
            self.world.authority.revoke(self.world.current_refresh_token())

    @invariant()
    def the_newest_consent_is_current(self) -> None:
        if self.family >= 0:
            assert self.world.authority.family_of(self.world.current_refresh_token()) == self.family

    @invariant()
    def the_operators_keys_are_kept(self) -> None:
        assert '"note": [1,  2]' in self.world.store.current_text(NAME)


TestConsentsInEveryOrder = ConsentsInEveryOrder.TestCase
TestConsentsInEveryOrder.settings = settings(max_examples=100, stateful_step_count=20)
