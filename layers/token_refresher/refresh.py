"""Look at one credential: finish what was left unfinished, refresh it when it is due, record it, tell who must know.

The steps are those of "A refresh, step by step" in docs/architecture.md, in their order.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from token_refresher.alerting import Alerting
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.diagnosis import Actor, Diagnosis, diagnose, diagnose_malformed, first_consent
from token_refresher.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    NotEnoughTimeError,
    ProviderError,
    StaleObservationError,
)
from token_refresher.failure import ProviderFailure
from token_refresher.outcome import Outcome, Result
from token_refresher.registry import Registry, RegistryEntry, Status, status_for
from token_refresher.retry import retry_delay
from token_refresher.rotation import Lineage, Rotation, Version
from token_refresher.secret_store import NO_VERSION, SecretState, SecretStore
from token_refresher.sensitive import Sensitive
from token_refresher.timing import Timing
from token_refresher.token_endpoint import TokenEndpoint

CONFIRMATIONS = 3
"""How many times in a row an uncertain refusal must come before a person is told (BingAds-Python-SDK issue 279)."""

_spread = random.SystemRandom().random


@dataclass(frozen=True)
class RefreshService:
    """Everything that a refresh needs.

    Attributes:
        store: Where the credentials are.
        registry: Where what is known of them is.
        endpoint: Where tokens come from.
        alerting: Whom to tell.
        timing: When to act.
        clock: What time it is.
        spread: Draws a number from 0 to 1, so that not everything happens at the same time.
    """

    store: SecretStore
    registry: Registry
    endpoint: TokenEndpoint
    alerting: Alerting
    timing: Timing
    clock: Clock
    spread: Callable[[], float] = _spread

    def refresh(self, name: str, time_left: Callable[[], timedelta]) -> Outcome:
        """Look at one credential and do what is due.

        Args:
            name: The credential's name.
            time_left: Returns how long this invocation may still run.

        Raises:
            NotEnoughTimeError: Nothing was begun; the message is to be delivered again.
        """
        entry = self.registry.get(name)
        if entry is not None and entry.status is Status.PAUSED:
            return Outcome(name, Result.PAUSED)
        try:
            state = self.store.describe(name)
            discovered = RegistryEntry.discovered(name, state.current or NO_VERSION, self.clock())
            return _Attempt(self, entry or discovered, entry, time_left).run(state)
        except CredentialNotFoundError:
            self.registry.forget(name)
            return Outcome(name, Result.FORGOTTEN)
        except StaleObservationError:
            # A consent or an edit moved the registry on while we worked: what it says is newer.
            return Outcome(name, Result.OVERTAKEN)


class _Attempt:
    """One look at one credential."""

    def __init__(
        self,
        service: RefreshService,
        entry: RegistryEntry,
        stored: RegistryEntry | None,
        time_left: Callable[[], timedelta],
    ) -> None:
        self._service = service
        self._rotation = Rotation(service.store)
        self._entry = entry
        self._observed = stored.version_id if stored else None
        self._time_left = time_left

    def run(self, state: SecretState) -> Outcome:
        try:
            return self._look(state)
        except MalformedCredentialError as error:
            malformed = error
        version_id = state.current or NO_VERSION
        if self._entry.waits(version_id, self._service.clock()):
            return Outcome(state.name, Result.NOT_DUE)
        return self._needs_a_person(version_id, diagnose_malformed(malformed), None)

    def _look(self, state: SecretState) -> Outcome:
        # 1. A stored successor that was never promoted is a refresh that is nearly done: no second exchange.
        if self._rotation.finish_pending(state):
            return self._fresh(self._rotation.current(state.name)[1], Result.RECOVERED_PENDING)
        # 2. What is current. An edit may have come between the two writes of an interrupted refresh.
        version = self._rotation.read(state)
        if (intent := self._entry.intent) is not None:
            adopted = self._rotation.adopt_orphan(state, version, intent)
            if adopted is not None:
                return self._fresh(adopted, Result.RECOVERED_PENDING)
        credential = version.credential
        if self._entry.version_id != version.version_id:
            self._entry = self._entry.changed(version.version_id, self._service.clock())
        if self._entry.waits(version.version_id, self._service.clock()):
            return Outcome(state.name, Result.NOT_DUE, None, credential.expires_at)
        if credential.refresh_token is None:
            return self._needs_a_person(version.version_id, first_consent(), credential)
        if not self._is_due(version):
            return self._fresh(version, Result.NOT_DUE)
        return self._exchange(state, version, credential.refresh_token)

    def _exchange(self, state: SecretState, version: Version, refresh_token: Sensitive) -> Outcome:
        # 3. Never start what cannot be finished.
        if self._time_left() < self._service.timing.exchange:
            raise NotEnoughTimeError(state.name)
        # 4. The intent: where to look after an unclean end, and the proof that the registry can be written.
        presented = refresh_token.fingerprint
        self._save(self._entry.intending(version.version_id, presented, self._service.clock()))
        # 5. The exchange.
        try:
            grant = self._service.endpoint.refresh(version.credential, refresh_token)
        except ProviderError as error:
            return self._failed(version, error.failure, presented)
        # 6 and 7. Store under the one successor id, then compare-and-swap.
        stored = self._rotation.place(grant, version, state, Lineage.of_refresh(presented))
        # 8. Record it.
        issued = grant.refresh_token.fingerprint if grant.refresh_token else presented
        ours = stored.credential.access_token == grant.access_token
        return self._fresh(stored, Result.REFRESHED if ours else Result.OVERTAKEN, presented, issued)

    def _is_due(self, version: Version) -> bool:
        credential = version.credential
        if credential.access_token is None or credential.expires_at is None or credential.refreshed_at is None:
            return True
        intent = self._entry.intent
        if intent and intent.version_id != version.version_id and credential.refreshed_at >= intent.at:
            return False  # That exchange came to a good end, and only the record of it is missing.
        if self._entry.status not in {Status.HEALTHY, Status.AWAITING_CONSENT}:
            # Something was wrong. Whether the secret changed or a reminder is due: only an attempt tells.
            return True
        return self._service.timing.is_due(credential.refreshed_at, credential.expires_at, self._service.clock())

    def _fresh(self, version: Version, result: Result, presented: str = "", issued: str = "") -> Outcome:
        credential, before = version.credential, self._entry
        now = self._service.clock()
        issued_at, expires_at = credential.refreshed_at or now, credential.expires_at or now
        next_action_at = self._service.timing.next_action_at(issued_at, expires_at, self._service.spread())
        after = before.fresh(version.version_id, credential, next_action_at)
        self._service.alerting.tell_over(before, after)
        self._save(after)
        return Outcome(before.name, result, None, credential.expires_at, presented, issued)

    def _failed(self, version: Version, failure: ProviderFailure, presented: str) -> Outcome:
        if self._service.store.describe(self._entry.name).current != version.version_id:
            # Somebody consented or edited meanwhile: the failure is about a token that counts no more.
            raise StaleObservationError(self._entry.name)
        diagnosis = diagnose(failure)
        unconfirmed = not diagnosis.certain and self._entry.failures_with(diagnosis) < CONFIRMATIONS
        if diagnosis.actor is Actor.NOBODY or unconfirmed:
            return self._retry_later(version, diagnosis, failure.retry_after, presented)
        return self._needs_a_person(version.version_id, diagnosis, version.credential, presented)

    def _retry_later(
        self, version: Version, diagnosis: Diagnosis, retry_after: timedelta | None, presented: str
    ) -> Outcome:
        delay = retry_delay(self._entry.failures_with(diagnosis), retry_after, self._service.spread())
        next_action_at = self._service.clock() + delay
        self._entry = self._observing(version.credential)
        after = self._entry.retrying(version.version_id, diagnosis, next_action_at)
        expires_at = version.credential.expires_at
        if expires_at is not None and self._next_tick(next_action_at) >= expires_at:
            after = self._service.alerting.warn_of_risk(after, diagnosis)
        self._save(after)
        return Outcome(self._entry.name, Result.RETRY_LATER, diagnosis, expires_at, presented)

    def _needs_a_person(
        self, version_id: str, diagnosis: Diagnosis, credential: Credential | None, presented: str = ""
    ) -> Outcome:
        self._entry = self._observing(credential)
        remind_at = self._service.clock() + self._service.alerting.reminder
        after = self._entry.needing_a_person(version_id, diagnosis, status_for(diagnosis), remind_at)
        generation = credential.consent_generation if credential else None
        self._save(self._service.alerting.tell(after, diagnosis, generation))
        return Outcome(self._entry.name, Result.NEEDS_A_PERSON, diagnosis, after.expires_at, presented)

    def _observing(self, credential: Credential | None) -> RegistryEntry:
        return self._entry.observing(credential) if credential else self._entry

    def _next_tick(self, moment: datetime) -> datetime:
        return moment + self._service.timing.schedule_period

    def _save(self, entry: RegistryEntry) -> None:
        self._service.registry.save(entry, observed=self._observed)
        self._entry, self._observed = entry, entry.version_id
