"""The whole system in memory: the use cases of the package over the fakes, one clock, one log of calls."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.fakes.calls import Calls
from tests.fakes.fake_ads_api import FakeAdsApi
from tests.fakes.fake_authority import LIFETIME, FakeAuthority
from tests.fakes.fake_bus import FakeBus
from tests.fakes.fake_providers import FakeProviders
from tests.fakes.fake_queue import FakeQueue
from tests.fakes.fake_topic import FakeTopic
from tests.fakes.kind import Kind
from tests.fakes.manual_clock import ManualClock
from tests.fakes.memory_circuits import MemoryCircuits
from tests.fakes.memory_consents import MemoryConsents
from tests.fakes.memory_consumer_secrets import MemoryConsumerSecrets
from tests.fakes.memory_escrow import MemoryEscrow
from tests.fakes.memory_incidents import MemoryIncidents
from tests.fakes.memory_registry import MemoryRegistry
from tests.fakes.memory_store import CURRENT, MemorySecretStore
from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.messages import Messages
from token_refresher.alerts.reminders import Reminders
from token_refresher.alerts.sending_registry import SendingRegistry
from token_refresher.alerts.shared import SharedAlerting
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.pace import Pace
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timeouts import UNATTENDED
from token_refresher.base.timing import Timing
from token_refresher.consent.code_exchange import CodeExchange
from token_refresher.consent.completion import ConsentCompletion
from token_refresher.consent.grant_check import GrantCheck
from token_refresher.consent.result import ConsentResult
from token_refresher.consent.service import AuthorizationResponse, ConsentService
from token_refresher.credential.document import Credential
from token_refresher.credential.status_tags import NO_REASON, StatusTags
from token_refresher.dispatch.backlog import Backlog
from token_refresher.dispatch.discovery import Discovery
from token_refresher.dispatch.service import DispatchService, TickResult
from token_refresher.invites.links import ConnectLinks
from token_refresher.providers.authorization import SignInOptions
from token_refresher.providers.catalogue.entry import Dialect, ProviderEntry
from token_refresher.refresh.circuit_breaker import CircuitBreakers
from token_refresher.refresh.service import RefreshService
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import Issuer
from token_refresher.registry.outcome import Outcome
from token_refresher.registry.publishing import Publishing
from token_refresher.registry.registry import Registry
from token_refresher.rotation.publisher import Publisher
from token_refresher.rotation.rotations import Rotations

NAME = "search-ads"
PUBLIC_URL = "https://connect.example.com"
AUTHORITY_URL = "https://login.example.com"
CONSUMER_PREFIX = "token-refresher-consumers"
RUNBOOK_URL = "https://wiki.example.com/operations"
REMINDER = timedelta(hours=24)
REMINDERS = Reminders((REMINDER, timedelta(days=3), timedelta(days=7)))
_NO_WISH = SignInOptions()
HEALTHY = StatusTags("healthy", NO_REASON)
"""The status tags after a successful refresh."""

DUE_AGE = timedelta(minutes=45)
"""An access token that is good for an hour is due at this age."""

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
    """All fakes and the services on them; a service is built anew at each use, as in a new invocation."""

    provider_entry: ProviderEntry | None = None
    """How the provider of all credentials behaves; Microsoft's entry if none is given."""

    def __init__(
        self, kind: Kind = Kind.MICROSOFT, calls: Calls | None = None, entry: ProviderEntry | None = None
    ) -> None:
        self.provider_entry = entry or self.provider_entry
        self.clock = ManualClock()
        self.calls = calls or Calls()
        self.store = MemorySecretStore(self.calls, self.clock)
        self.registry = MemoryRegistry(self.calls)
        self.escrow = MemoryEscrow(self.calls)
        self.consumers = MemoryConsumerSecrets(self.calls)
        self.publishing = Publishing(Publisher(self.consumers), CONSUMER_PREFIX, "token-refresher")
        self.consents = MemoryConsents(self.calls)
        self.topic = FakeTopic(self.calls)
        self.bus: FakeBus | None = None
        """The bus of the credential events, if the stack has one."""
        self.queue = FakeQueue(self.calls)
        self.authority = FakeAuthority(self.clock, self.calls, kind, entry)
        self.ads_api = FakeAdsApi()
        self.public_url = PUBLIC_URL
        """The public URL of the stack; a deployment may change it at any time."""
        self.links = ConnectLinks(lambda: [Sensitive("planted-signing-key")], PUBLIC_URL, timedelta(days=7), self.clock)
        self.incidents = MemoryIncidents(self.calls)
        self.circuits = MemoryCircuits(self.calls)
        messages = Messages(self.links, RUNBOOK_URL, self.clock)
        shared = SharedAlerting(self.topic, self.incidents, self.registry, REMINDERS, self.clock)
        self.alerting = Alerting(self.topic, messages, shared, self.registry, REMINDERS, AUTHORITY_URL, self.clock)

    @classmethod
    def waiting(cls) -> "World":
        """Return a world with one credential that waits for its first consent, of which people were notified."""
        world = cls()
        world.store.create(NAME, world.document(account_id="1234567", developer_token="planted-developer-token"))
        world.edit(access_token=None, expires_at=None, refreshed_at=None, refresh_token_issued_at=None)
        world.dispatcher.tick()
        world.refresh()
        world.topic.alerts.clear()
        return world

    @classmethod
    def with_bus(cls, world: "World | None" = None) -> tuple["World", FakeBus]:
        """Return a world, a new one if none is given, with an event bus."""
        world = world or cls()
        world.bus = FakeBus(world.calls)
        return world, world.bus

    # --- The use cases -----------------------------------------------------------------------------------------

    @property
    def refresher(self) -> RefreshService:
        """The service of the refresh function, with the longest pauses instead of random ones."""
        return RefreshService(
            Rotations(self.store, self.escrow, self.sleep),
            self._registry_with_events,
            self.providers,
            CircuitBreakers(self.circuits, TIMING.schedule_period, self.clock),
            self.alerting,
            self.publishing,
            Pace(TIMING, self.clock, lambda: 1.0, self.sleep),
        )

    @property
    def providers(self) -> FakeProviders:
        """The one provider of all credentials."""
        return FakeProviders(self.authority, self.ads_api, AUTHORITY_URL, self.provider_entry)

    @property
    def _registry_with_events(self) -> Registry:
        return SendingRegistry(self.registry, self.bus, self.clock) if self.bus else self.registry

    @property
    def dispatcher(self) -> DispatchService:
        """The service of the dispatch function, in a new process."""
        discovery = Discovery(self.store, self.registry, TIMING.schedule_period)
        return DispatchService(
            discovery, Backlog(TIMING.schedule_period), self.escrow, self.registry, self.queue, self.clock
        )

    @property
    def completion(self) -> ConsentCompletion:
        """The part of the consent service that stores the tokens."""
        return ConsentCompletion(
            self.store, self._registry_with_events, self.alerting, self.publishing, TIMING, self.clock
        )

    @property
    def consent(self) -> ConsentService:
        """The service of the callback function."""
        redirect_uri, check = f"{self.public_url}/callback", GrantCheck(self.providers, self.clock)
        return ConsentService(
            Rotations(self.store, self.escrow, self.sleep),
            self.consents,
            CodeExchange(self.providers, check, self.completion, redirect_uri),
            self.completion,
            self.links,
            self.providers,
            redirect_uri,
            self.clock,
        )

    def sleep(self, seconds: float) -> None:
        """Move the clock instead of waiting."""
        self.clock.advance(timedelta(seconds=seconds))

    def time_left(self, limit: timedelta) -> Callable[[], timedelta]:
        """Return the time-left function of an invocation that begins now."""
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
        """Deliver one message to the refresh function."""
        return self.refresher.refresh(name, self.time_left(time_left), escrowed=escrowed, request_id=request_id)

    def discover(self, name: str = NAME) -> None:
        """Write the first entry of a new secret, as its first attempt does."""
        self.registry.save(RegistryEntry.of_secret(self.store.describe(name), self.clock()))

    def attempt_all(self) -> TickResult:
        """Run a tick, and let refresh work off the queue."""
        result = self.dispatcher.tick()
        for message in self.queue.messages:
            self.refresh(message.credential, escrowed=message.escrowed)
        self.queue.messages.clear()
        return result

    def complete(self, arrival: AuthorizationResponse, time_left: timedelta = timedelta(seconds=30)) -> ConsentResult:
        """Deliver the redirect from Microsoft to the callback function."""
        return self.consent.complete(arrival, self.time_left(time_left))

    # --- Secrets and entries -----------------------------------------------------------------------------------

    def manage(self, name: str = NAME, *, age: timedelta = DUE_AGE, is_tagged: bool = True, **fields: Any) -> str:
        """Create the secret of a credential with a token of this age, and its entry; return its refresh token."""
        token = self.authority.open_family()
        version_id = self.store.create(name, self.document(age=age, refresh_token=token, **fields))
        self.registry.entries[name] = self._entry(name, version_id, age)
        if is_tagged:
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
            **self._provider_keys(),
            "refreshed_at": to_rfc3339(refreshed_at),
            "refresh_token_issued_at": to_rfc3339(refreshed_at),
            "expires_at": to_rfc3339(refreshed_at + LIFETIME),
            **fields,
        }
        return json.dumps({key: value for key, value in whole.items() if value is not None})

    def _provider_keys(self) -> dict[str, str]:
        """Return the keys of a document that name another provider than Microsoft Advertising, and what it needs."""
        entry = self.provider_entry
        if entry is None:
            return {}
        read = "https://ads.microsoft.com/msads.manage" if entry.dialect is Dialect.MICROSOFT else "read"
        scope = entry.scope.default or " ".join(filter(None, (read, entry.scope.refresh_token)))
        return {"provider": entry.name, "scope": scope, "granted_scope": scope}

    def _entry(self, name: str, version_id: str, age: timedelta) -> RegistryEntry:
        refreshed_at = self.clock() - age
        next_action_at = TIMING.next_action_at(refreshed_at, refreshed_at + LIFETIME, spread=1)
        credential = Credential.parse(self.store.current_text(name))
        entry = RegistryEntry.discovered(name, version_id, self.clock()).fresh(version_id, credential, next_action_at)
        return replace(entry, revision=1, issuer=Issuer.of(self.providers.of(credential)))

    def current(self, name: str = NAME) -> Credential:
        """Return the credential in the current version, as consumers read it."""
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
        """Return the registry entry."""
        return self.registry.entries[name]

    def set_entry(self, **changes: Any) -> None:
        """Change the registry entry, as another process does."""
        self.registry.entries[NAME] = replace(self.entry(), **changes, revision=self.entry().revision + 1)

    # --- What operators and users do ---------------------------------------------------------------------------

    def edit(self, name: str = NAME, **changes: Any) -> str:
        """Change keys of the current document, as an operator at the console does; ``None`` removes a key."""
        fields = {**json.loads(self.store.current_text(name)), **changes}
        kept = {key: value for key, value in fields.items() if value is not None}
        return self.store.edit(name, json.dumps(kept))

    def never_connect(self, document: str = "", name: str = NAME) -> None:
        """Replace the secret by one that never had a refresh token, with this document or its own."""
        fields = json.loads(document or self.store.current_text(name))
        tags = self.store.tags(name)
        self.store.purge(name)
        self.store.create(name, json.dumps({key: value for key, value in fields.items() if key != "refresh_token"}))
        self.store.tag(name, **tags)

    def editing(self, **changes: Any) -> Callable[[], str]:
        """Return an action for `Calls.at`: an operator edits the text that is current now."""
        text = json.dumps({**json.loads(self.store.current_text(NAME)), **changes})
        return lambda: self.store.edit(NAME, text)

    def consenting(self, **sign_in: Any) -> Callable[[], object]:
        """Return an action for `Calls.at`: a user consents, from the link to the stored tokens."""
        return lambda: self.complete(self.go_and_return(**sign_in))

    def invite(self, name: str = NAME) -> str:
        """Return a fresh invite."""
        return self.links.sign(self.links.invite(name, self.current(name).consent_generation))

    def go_and_return(self, wish: SignInOptions = _NO_WISH, invite: str = "", **sign_in: Any) -> AuthorizationResponse:
        """Press the button and sign in at Microsoft; return the authorization response of the browser."""
        departure = self.consent.start(NAME, invite or self.invite(), wish)
        state, code = self.authority.sign_in(departure.authorize_url, **sign_in)
        return arrival(state, departure.cookie, code)


def arrival(
    state: str, cookie: Sensitive, code: str | None, failure: ProviderFailure | None = None
) -> AuthorizationResponse:
    """Return the authorization response that a browser brings."""
    nothing = ProviderFailure(FailureKind.REFUSED, 400)
    return AuthorizationResponse(Sensitive(state), cookie, Sensitive(code) if code else None, failure or nothing)


def with_pace(service: RefreshService, **changes: Any) -> RefreshService:
    """Return a service that acts at another pace."""
    pace = replace(service.pace, **changes)
    return replace(service, pace=pace, rotations=replace(service.rotations, sleep=pace.sleep))
