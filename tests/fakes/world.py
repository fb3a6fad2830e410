"""The whole system in memory: the use cases of the package over the fakes, one clock, one log of calls."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from tests.fakes.calls import Calls
from tests.fakes.fake_ads_api import FakeAdsApi
from tests.fakes.fake_authority import LIFETIME, FakeAuthority, Kind
from tests.fakes.fake_queue import FakeQueue
from tests.fakes.fake_topic import FakeTopic
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_circuits import MemoryCircuits
from tests.fakes.memory_consents import MemoryConsents
from tests.fakes.memory_escrow import MemoryEscrow
from tests.fakes.memory_incidents import MemoryIncidents
from tests.fakes.memory_registry import MemoryRegistry
from tests.fakes.memory_store import CURRENT, MemorySecretStore
from token_refresher.account_check import AccountCheck
from token_refresher.alerting import Alerting
from token_refresher.authorize_request import AuthorizeEndpoint, Wish
from token_refresher.breaker import Breaker
from token_refresher.clock import to_rfc3339
from token_refresher.connect_link import ConnectLinks
from token_refresher.connection import Connection
from token_refresher.consent import Arrival, ConsentService
from token_refresher.consent_result import ConsentResult
from token_refresher.credential import Credential
from token_refresher.dispatch import DispatchService
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.http_client import UNATTENDED
from token_refresher.messages import Messages
from token_refresher.outcome import Outcome
from token_refresher.refresh import RefreshService
from token_refresher.registry_entry import RegistryEntry
from token_refresher.reminders import Reminders
from token_refresher.sensitive import Sensitive
from token_refresher.shared_alerting import SharedAlerting
from token_refresher.status_label import NO_REASON, StatusLabel
from token_refresher.timing import Timing

if TYPE_CHECKING:
    from token_refresher.ads_api import AdsApi
    from token_refresher.token_endpoint import TokenEndpoint

NAME = "search-ads"
PUBLIC_URL = "https://connect.example.com"
AUTHORITY_URL = "https://login.example.com"
RUNBOOK_URL = "https://wiki.example.com/operations"
REMINDER = timedelta(hours=24)
REMINDERS = Reminders((REMINDER, timedelta(days=3), timedelta(days=7)))
_NO_WISH = Wish()
HEALTHY = StatusLabel("healthy", NO_REASON)
"""What a secret shows after a good refresh."""

DUE_AGE = timedelta(minutes=45)
"""An hour's token of this age is due."""

TIMING = Timing(
    minimum_freshness=timedelta(minutes=15),
    schedule_period=timedelta(minutes=5),
    longest_run=timedelta(seconds=60),
    visibility_timeout=timedelta(seconds=120),
    http_deadline=UNATTENDED.deadline,
    writes_reserve=timedelta(seconds=20),
    jitter=timedelta(seconds=120),
    clock_skew=timedelta(seconds=5),
    access_token_lifetime=LIFETIME,
    minimum_interval=timedelta(minutes=20),
)


class World:
    """Everything in one place; the services are made anew at each use, as a new invocation would."""

    def __init__(self, kind: Kind = Kind.MICROSOFT, calls: Calls | None = None) -> None:
        self.clock = ManualClock()
        self.calls = calls or Calls()
        self.store = MemorySecretStore(self.calls, self.clock)
        self.registry = MemoryRegistry(self.calls)
        self.escrow = MemoryEscrow(self.calls)
        self.consents = MemoryConsents(self.calls)
        self.topic = FakeTopic(self.calls)
        self.queue = FakeQueue(self.calls)
        self.authority = FakeAuthority(self.clock, self.calls, kind)
        self.ads_api = FakeAdsApi()
        self.links = ConnectLinks(lambda: [Sensitive("planted-signing-key")], PUBLIC_URL, timedelta(days=7), self.clock)
        self.incidents = MemoryIncidents(self.calls)
        self.circuits = MemoryCircuits(self.calls)
        messages = Messages(self.links, RUNBOOK_URL, self.clock)
        shared = SharedAlerting(self.topic, self.incidents, self.registry, REMINDERS, self.clock)
        self.alerting = Alerting(self.topic, messages, shared, self.registry, REMINDERS, AUTHORITY_URL, self.clock)

    @classmethod
    def waiting(cls) -> "World":
        """Return a world with one credential that waits for its first consent, as people were told already."""
        world = cls()
        world.store.create(NAME, world.document(account_id="1234567", developer_token="planted-developer-token"))
        world.edit(access_token=None, expires_at=None, refreshed_at=None, refresh_token_issued_at=None)
        world.dispatcher.tick()
        world.refresh()
        world.topic.alerts.clear()
        return world

    # --- The use cases -----------------------------------------------------------------------------------------

    @property
    def refresher(self) -> RefreshService:
        """The refresh, always drawing the longest pauses."""
        endpoint = cast("TokenEndpoint", self.authority)
        return RefreshService(
            self.store,
            self.escrow,
            self.registry,
            endpoint,
            Breaker(self.circuits, AUTHORITY_URL, TIMING.schedule_period, self.clock),
            self.alerting,
            AccountCheck(cast("AdsApi", self.ads_api), self.clock),
            TIMING,
            self.clock,
            spread=lambda: 1.0,
            sleep=self.sleep,
        )

    @property
    def dispatcher(self) -> DispatchService:
        """The tick."""
        return DispatchService(self.store, self.escrow, self.registry, self.queue, self.clock)

    @property
    def connection(self) -> Connection:
        """The end of a consent."""
        return Connection(self.store, self.registry, self.alerting, TIMING, self.clock)

    @property
    def consent(self) -> ConsentService:
        """The consent."""
        return ConsentService(
            store=self.store,
            escrow=self.escrow,
            consents=self.consents,
            endpoint=cast("TokenEndpoint", self.authority),
            check=AccountCheck(cast("AdsApi", self.ads_api), self.clock),
            connection=self.connection,
            links=self.links,
            clock=self.clock,
            authorize=AuthorizeEndpoint(AUTHORITY_URL, f"{PUBLIC_URL}/callback"),
            sleep=self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        """Let the time pass that somebody waits."""
        self.clock.advance(timedelta(seconds=seconds))

    def time_left(self, limit: timedelta) -> Callable[[], timedelta]:
        """Return how much time is left of an invocation that begins now."""
        ends_at = self.clock() + limit
        return lambda: ends_at - self.clock()

    def refresh(
        self,
        name: str = NAME,
        time_left: timedelta = TIMING.longest_run,
        *,
        escrowed: bool = False,
        request_id: str = "",
    ) -> Outcome:
        """Deliver one message."""
        return self.refresher.refresh(name, self.time_left(time_left), escrowed=escrowed, request_id=request_id)

    def complete(self, arrival: Arrival, time_left: timedelta = timedelta(seconds=30)) -> ConsentResult:
        """Come back from Microsoft."""
        return self.consent.complete(arrival, self.time_left(time_left))

    # --- What there is -----------------------------------------------------------------------------------------

    def manage(self, name: str = NAME, *, age: timedelta = DUE_AGE, is_labelled: bool = True, **fields: Any) -> str:
        """Create the secret of a credential with a token of this age, and its entry; return its refresh token."""
        token = self.authority.open_family()
        version_id = self.store.create(name, self.document(age=age, refresh_token=token, **fields))
        self.registry.entries[name] = self._entry(name, version_id, age)
        if is_labelled:
            self.store.tag(name, **HEALTHY.to_tags())
        return token

    def document(self, *, age: timedelta = DUE_AGE, **fields: Any) -> str:
        """Return a credential document; a field given as ``None`` is left out."""
        refreshed_at = self.clock() - age
        whole = {
            "client_id": "client-of-the-operator",
            "client_secret": "planted-client-secret",
            "access_token": "access-0",
            "token_type": "Bearer",
            "granted_scope": "https://ads.microsoft.com/msads.manage",
            "refreshed_at": to_rfc3339(refreshed_at),
            "refresh_token_issued_at": to_rfc3339(refreshed_at),
            "expires_at": to_rfc3339(refreshed_at + LIFETIME),
            **fields,
        }
        return json.dumps({key: value for key, value in whole.items() if value is not None})

    def _entry(self, name: str, version_id: str, age: timedelta) -> RegistryEntry:
        refreshed_at = self.clock() - age
        next_action_at = TIMING.next_action_at(refreshed_at, refreshed_at + LIFETIME, spread=1)
        credential = Credential.parse(self.store.current_text(name))
        entry = RegistryEntry.discovered(name, version_id, self.clock()).fresh(version_id, credential, next_action_at)
        return replace(entry, revision=1)

    def current(self, name: str = NAME) -> Credential:
        """Return what consumers read."""
        return Credential.parse(self.store.current_text(name))

    def current_refresh_token(self, name: str = NAME) -> str:
        """Return the refresh token that is current."""
        token = self.current(name).refresh_token
        assert token is not None
        return token.reveal()

    def tokens(self, name: str = NAME) -> list[str]:
        """Return the refresh tokens of all versions."""
        found = (Credential.parse(str(text)).refresh_token for text in self.store.contents(name).values())
        return [token.reveal() for token in found if token]

    def current_version(self, name: str = NAME) -> str:
        """Return the id of the current version."""
        return self.store.labels(name)[CURRENT]

    def entry(self, name: str = NAME) -> RegistryEntry:
        """Return what the registry knows."""
        return self.registry.entries[name]

    def set_entry(self, **changes: Any) -> None:
        """Change what the registry knows, as somebody else who writes it."""
        self.registry.entries[NAME] = replace(self.entry(), **changes, revision=self.entry().revision + 1)

    # --- What others do ----------------------------------------------------------------------------------------

    def edit(self, name: str = NAME, **changes: Any) -> str:
        """Change keys as an operator at the console does, starting from what is current; ``None`` removes one."""
        fields = {**json.loads(self.store.current_text(name)), **changes}
        kept = {key: value for key, value in fields.items() if value is not None}
        return self.store.edit(name, json.dumps(kept))

    def editing(self, **changes: Any) -> Callable[[], str]:
        """Return the edit as an action for `Calls.at`, on the text that is current now."""
        text = json.dumps({**json.loads(self.store.current_text(NAME)), **changes})
        return lambda: self.store.edit(NAME, text)

    def consenting(self, **sign_in: Any) -> Callable[[], object]:
        """Return a whole consent as an action for `Calls.at`."""
        return lambda: self.complete(self.go_and_return(**sign_in))

    def invite(self, name: str = NAME) -> str:
        """Return a fresh invite."""
        return self.links.sign(self.links.invite(name, self.current(name).consent_generation))

    def go_and_return(self, wish: Wish = _NO_WISH, invite: str = "", **sign_in: Any) -> Arrival:
        """Press the button, sign in at Microsoft, and come back."""
        departure = self.consent.start(NAME, invite or self.invite(), wish)
        state, code = self.authority.sign_in(departure.authorize_url, **sign_in)
        return arrival(state, departure.cookie, code)


def arrival(state: str, cookie: Sensitive, code: str | None, failure: ProviderFailure | None = None) -> Arrival:
    """Return what the browser brings back."""
    nothing = ProviderFailure(FailureKind.REFUSED, 400)
    return Arrival(Sensitive(state), cookie, Sensitive(code) if code else None, failure or nothing)
