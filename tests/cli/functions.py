"""The real use cases of the functions behind the queue, on this machine's AWS; Microsoft alone is a stand-in."""

from datetime import timedelta

import pytest

from tests.cli.desk import Desk
from tests.cli.rotating import store_of_another_process
from tests.cli.worker import Worker
from tests.fakes.failures import refused
from tests.fakes.fake_ads_api import FakeAdsApi
from tests.fakes.fake_authority import FakeAuthority
from tests.fakes.fake_providers import FakeProviders
from tests.fakes.fake_topic import FakeTopic
from tests.fakes.memory_circuits import MemoryCircuits
from tests.fakes.memory_consumer_secrets import MemoryConsumerSecrets
from tests.fakes.memory_escrow import MemoryEscrow
from tests.fakes.memory_incidents import MemoryIncidents
from tests.fakes.world import AUTHORITY_URL, CONSUMER_PREFIX, REMINDERS, RUNBOOK_URL, TIMING
from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.messages import Messages
from token_refresher.alerts.shared import SharedAlerting
from token_refresher.aws.refresh_queue import SqsRefreshQueue
from token_refresher.base.errors import ProviderError
from token_refresher.base.pace import Pace
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.dispatch.backlog import Backlog
from token_refresher.dispatch.discovery import Discovery
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.dispatch.service import DispatchService
from token_refresher.refresh.circuit_breaker import CircuitBreakers
from token_refresher.refresh.service import RefreshService
from token_refresher.registry.publishing import Publishing
from token_refresher.rotation.publisher import Publisher
from token_refresher.rotation.rotations import Rotations


class Microsoft(FakeAuthority):
    """Refuses an application before it looks at the refresh token, unless its client secret is one of the good ones."""

    good_secrets: frozenset[str] = frozenset()

    def refresh(self, credential: Credential, refresh_token: Sensitive) -> Grant:
        """See `TokenEndpoint.refresh`."""
        if credential.client_secret is None or credential.client_secret.reveal() not in self.good_secrets:
            raise ProviderError(refused(7000215, "invalid_client"))
        return super().refresh(credential, refresh_token)

    def newest_of(self, token: str) -> str:
        """Return the newest refresh token of the sign-in that one came from."""
        return self._families[self.family_of(token)].current


class Functions(Worker):
    """Refreshes what is asked for, and ticks when it is told to."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(desk, monkeypatch)
        self.microsoft = Microsoft(lambda: self.now)
        self.topic = FakeTopic()
        self.consumers = MemoryConsumerSecrets()
        self._store, self._escrow = store_of_another_process(desk), MemoryEscrow()
        self._incidents, self._circuits = MemoryIncidents(), MemoryCircuits()
        self._queue = SqsRefreshQueue(self._sqs, self._queue_url)

    def tick(self) -> None:
        """Dispatch what is due, and refresh it."""
        discovery = Discovery(self._store, self.registry, TIMING.schedule_period)
        DispatchService(
            discovery, Backlog(TIMING.schedule_period), self._escrow, self.registry, self._queue, lambda: self.now
        ).tick()
        self.work()

    def _handle(self, request: RefreshRequest) -> None:
        self.asked.append(request.credential)
        self._service().refresh(
            request.credential, lambda: TIMING.longest_run, escrowed=request.escrowed, request_id=request.request_id
        )

    def _service(self) -> RefreshService:
        clock, links = (lambda: self.now), self._desk.installation.links
        shared = SharedAlerting(self.topic, self._incidents, self.registry, REMINDERS, clock)
        messages = Messages(links, RUNBOOK_URL, clock)
        return RefreshService(
            Rotations(self._store, self._escrow, self._passes),
            self.registry,
            FakeProviders(self.microsoft, FakeAdsApi(), AUTHORITY_URL),
            CircuitBreakers(self._circuits, TIMING.schedule_period, clock),
            Alerting(self.topic, messages, shared, self.registry, REMINDERS, AUTHORITY_URL, clock),
            Publishing(Publisher(self.consumers), CONSUMER_PREFIX, "token-refresher"),
            Pace(TIMING, clock, lambda: 1.0, self._passes),
        )

    def _passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
