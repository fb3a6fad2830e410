"""The package's own rules for one simulated credential: when it is due, how it is retried, whom its failure alerts.

A credential that works is three numbers, planned by `Timing`. As soon as it fails or recovers it has a real registry
entry, and the real `OutcomeRecorder`, `CircuitBreaker` and `Alerting` decide, on stores in memory.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from tests.fakes.calls import Calls
from tests.fakes.failures import NO_ANSWER
from tests.fakes.fake_ads_api import FakeAdsApi
from tests.fakes.fake_authority import FakeAuthority
from tests.fakes.fake_providers import FakeProviders
from tests.fakes.manual_clock import START
from tests.fakes.memory_circuits import MemoryCircuits
from tests.fakes.memory_consumer_secrets import MemoryConsumerSecrets
from tests.fakes.memory_incidents import MemoryIncidents
from tests.fakes.memory_registry import MemoryRegistry
from tests.fakes.world import AUTHORITY_URL, REMINDERS, RUNBOOK_URL, TIMING
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.messages import Messages
from token_refresher.alerts.shared import SharedAlerting
from token_refresher.base.pace import Pace
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.timing import Timing
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import diagnose, held_back
from token_refresher.invites.links import ConnectLinks
from token_refresher.refresh.circuit import hold
from token_refresher.refresh.circuit_breaker import CircuitBreaker
from token_refresher.refresh.policy import is_due
from token_refresher.refresh.recorder import OutcomeRecorder
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import Result
from token_refresher.registry.publishing import Publishing
from token_refresher.rotation.publisher import Publisher
from token_refresher.rotation.rotation import Version
from token_refresher.rotation.version_budget import VersionBudget


def moment(seconds: float) -> datetime:
    """Return the time so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def since_start(at: datetime) -> float:
    """Return how many seconds after the start a time is."""
    return (at - START).total_seconds()


class CountingTopic:
    """An `AlertTopic` that keeps what it gets. What the texts say is tested elsewhere."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def publish(self, alert: Alert) -> None:
        """See `AlertTopic.publish`."""
        self.alerts.append(alert)


@dataclass(slots=True)
class Member:
    """One credential of a fleet.

    Attributes:
        name: Its name.
        issued_at: When its access token was issued; ``None`` before the first.
        expires_at: When it expires.
        next_action_at: When the next attempt is due.
        entry: Its registry entry while something is to be remembered of it.
        parted: Whether the next refresh was planned apart from others after a recovery.
    """

    name: str
    issued_at: datetime | None
    expires_at: datetime | None
    next_action_at: datetime
    entry: RegistryEntry | None = None
    parted: bool = False


@cache
def _document() -> Credential:
    return Credential.parse(
        json.dumps(
            {
                "client_id": "client-of-the-operator",
                "access_token": "access",
                "refresh_token": "refresh",
                "granted_scope": "https://ads.microsoft.com/msads.manage",
                "refreshed_at": "2026-01-01T00:00:00Z",
                "expires_at": "2026-01-01T01:00:00Z",
            }
        )
    )


@dataclass(frozen=True)
class Rules:
    """The rules that a simulation compares.

    Attributes:
        timing: The durations.
        parts: Whether refreshes part after a recovery. ``False`` shows what was before decision 56.
        resends: Whether a tick sends all again that no worker has finished. ``True`` shows what was before decision 58.
    """

    timing: Timing = TIMING
    parts: bool = True
    resends: bool = False


AS_DEPLOYED = Rules()


class Stack:
    """The rules of one stack, on stores in memory.

    Args:
        clock: Returns the simulated time.
        rng: Draws every spread.
        rules: The rules.
    """

    def __init__(self, clock: Callable[[], datetime], rng: random.Random, rules: Rules) -> None:
        self._rules = rules
        self._calls = Calls()
        self._rng = rng
        self._clock = clock
        self.registry = MemoryRegistry(self._calls)
        self.topic = CountingTopic()
        self._circuits = MemoryCircuits(self._calls)
        links = ConnectLinks(
            lambda: [Sensitive("planted-signing-key")], "https://connect.example.com", timedelta(days=7), clock
        )
        shared = SharedAlerting(self.topic, MemoryIncidents(self._calls), self.registry, REMINDERS, clock)
        messages = Messages(links, RUNBOOK_URL, clock)
        alerting = Alerting(self.topic, messages, shared, self.registry, REMINDERS, AUTHORITY_URL, clock)
        budget = VersionBudget(rules.timing.minimum_interval)
        publishing = Publishing(Publisher(MemoryConsumerSecrets(self._calls)), "consumers", "token-refresher")
        pace = Pace(rules.timing, clock, rng.random)
        providers = FakeProviders(FakeAuthority(clock), FakeAdsApi(), AUTHORITY_URL)
        self._recorder = OutcomeRecorder(self.registry, alerting, budget, pace, publishing, providers)

    def breaker(self) -> CircuitBreaker:
        """Return the breaker of one attempt."""
        return CircuitBreaker(self._circuits, AUTHORITY_URL, self._rules.timing.schedule_period, self._clock)

    def admits(self, member: Member, breaker: CircuitBreaker, *, answers: bool) -> bool:
        """Tell whether an attempt may call Microsoft; if not, plan the next one.

        Args:
            member: The member.
            breaker: The breaker of this attempt.
            answers: Whether Microsoft will answer. Then a breaker without a failure has nothing to remember.
        """
        circuit = self._circuits.circuits.get(AUTHORITY_URL)
        if answers and (circuit is None or not circuit.failing):
            return True
        entry = self._entry(member)
        if breaker.admits(member.name, is_failing=entry.attempts > 0):
            return True
        period, spread = self._rules.timing.schedule_period, self._rng.random()
        until = self._clock() + (hold(period, spread) if self._rules.parts else period / 2 + 2 * period * spread)
        self._keep(member, self._recorder.held_back(entry, self._version(member), held_back(), until).entry)
        return False

    def is_due(self, member: Member) -> bool:
        """Tell whether a message of the member leads to an exchange."""
        now = self._clock()
        if now < member.next_action_at:
            return False
        if member.entry is None and not member.parted:
            return True  # `Timing` has planned it, and nothing has happened since.
        return is_due(self._version(member).credential, self._entry(member), self._rules.timing, now, recovered=False)

    def refreshed(self, member: Member, lifetime: timedelta, breaker: CircuitBreaker) -> None:
        """Give a member new tokens, and plan its next refresh."""
        breaker.worked()
        now, timing = self._clock(), self._rules.timing
        before = self._entry(member) if member.entry is not None or member.issued_at is None else None
        member.issued_at, member.expires_at, member.parted = now, now + lifetime, False
        planned = timing.next_action_at(now, now + lifetime, self._rng.random())
        if before is None:
            member.next_action_at = planned
            return
        after = self._recorder.fresh(before, self._version(member), Result.REFRESHED).entry
        self._keep(member, after if self._rules.parts else replace(after, next_action_at=planned))
        member.parted = self._rules.parts
        if after.status is Status.HEALTHY and after.alert is None and after.diagnosis is None:
            member.entry = None
            self.registry.entries.pop(member.name, None)

    def failed(self, member: Member, breaker: CircuitBreaker) -> None:
        """Plan the next attempt of a member after Microsoft gave no answer."""
        breaker.failed(member.name)
        recorded = self._recorder.retry_later(
            self._entry(member), self._version(member), diagnose(NO_ANSWER), None, "", is_down=breaker.is_down
        )
        self._keep(member, recorded.entry)

    def forget_calls(self) -> None:
        """Drop the log of calls, which nobody reads."""
        self._calls.log.clear()

    def _keep(self, member: Member, entry: RegistryEntry) -> None:
        member.entry = entry
        assert entry.next_action_at is not None
        member.next_action_at = entry.next_action_at

    def _entry(self, member: Member) -> RegistryEntry:
        if member.entry is not None:
            return member.entry
        status = Status.HEALTHY if member.issued_at else Status.AWAITING_CONSENT
        return RegistryEntry(
            member.name,
            "version",
            status,
            member.next_action_at,
            member.expires_at,
            member.issued_at,
            client_id="client-of-the-operator",
        )

    @staticmethod
    def _version(member: Member) -> Version:
        known = replace(_document(), refreshed_at=member.issued_at, expires_at=member.expires_at)
        return Version("version", known if member.issued_at else replace(known, access_token=None))
