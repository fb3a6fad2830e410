"""Look at one credential: finish what was left unfinished, refresh it when it is due, record it, tell who must know.

The steps are those of "A refresh, step by step" in docs/architecture.md, in their order.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from token_refresher.alerting import Alerting
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.diagnosis import (
    Actor,
    Diagnosis,
    after_unclean_end,
    diagnose,
    diagnose_malformed,
    first_consent,
    tokens_kept,
    too_many_versions,
    unusable_answer,
)
from token_refresher.errors import (
    CredentialNotFoundError,
    GrantKeptError,
    MalformedCredentialError,
    NotEnoughTimeError,
    ProviderError,
    StaleObservationError,
)
from token_refresher.escrow import Escrow
from token_refresher.failure import ProviderFailure
from token_refresher.intent import Base, End, Intent
from token_refresher.labels import Labels
from token_refresher.lineage import Lineage
from token_refresher.outcome import Outcome, Result
from token_refresher.patience import Patience
from token_refresher.recovery import Recovery
from token_refresher.registry import Registry, RegistryEntry, Status, status_for
from token_refresher.retry import retry_delay
from token_refresher.rotation import Rotation, Version
from token_refresher.secret_store import NO_VERSION, SecretState, SecretStore
from token_refresher.sensitive import Sensitive
from token_refresher.timing import Timing
from token_refresher.token_endpoint import TokenEndpoint
from token_refresher.version_budget import VersionBudget

CONFIRMATIONS = 3
"""How many times in a row an uncertain refusal must come before a person is told (BingAds-Python-SDK issue 279)."""

_spread = random.SystemRandom().random


@dataclass(frozen=True)
class RefreshService:
    """Everything that a refresh needs.

    Attributes:
        store: Where the credentials are.
        escrow: Where tokens wait while the store is down.
        registry: Where what is known of them is.
        endpoint: Where tokens come from.
        alerting: Whom to tell.
        timing: When to act.
        clock: What time it is.
        spread: Draws a number from 0 to 1, so that not everything happens at the same time.
        sleep: Waits for so many seconds.
    """

    store: SecretStore
    escrow: Escrow
    registry: Registry
    endpoint: TokenEndpoint
    alerting: Alerting
    timing: Timing
    clock: Clock
    spread: Callable[[], float] = _spread
    sleep: Callable[[float], None] = time.sleep

    @property
    def budget(self) -> VersionBudget:
        """How many versions a secret may get."""
        return VersionBudget(self.timing.minimum_interval)

    def refresh(self, name: str, time_left: Callable[[], timedelta], *, escrowed: bool = False) -> Outcome:
        """Look at one credential and do what is due.

        Args:
            name: The credential's name.
            time_left: Returns how long this invocation may still run.
            escrowed: Whether tokens of it were seen in escrow.

        Raises:
            NotEnoughTimeError: Nothing was begun; the message is to be delivered again.
            ServiceUnavailableError: AWS did not answer; the message is to be delivered again.
        """
        entry = self.registry.get(name)
        if entry is not None and entry.is_paused:
            return Outcome(name, Result.PAUSED)
        rotation = Rotation(self.store, self.escrow, Patience(time_left, self.sleep))
        try:
            state = rotation.describe(name, self.timing.exchange)
            discovered = RegistryEntry.discovered(name, state.current or NO_VERSION, self.clock())
            return _Attempt(self, rotation, entry or discovered, time_left, escrowed=escrowed).run(state)
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
        rotation: Rotation,
        entry: RegistryEntry,
        time_left: Callable[[], timedelta],
        *,
        escrowed: bool,
    ) -> None:
        self._service = service
        self._rotation = rotation
        self._recovery = Recovery(service.store, service.escrow, rotation, service.timing.exchange)
        self._entry = entry
        self._time_left = time_left
        self._escrowed = escrowed

    def run(self, state: SecretState) -> Outcome:
        try:
            outcome = self._look(state)
        except MalformedCredentialError as error:
            outcome = self._malformed(state, diagnose_malformed(error))
        return replace(outcome, is_shown=Labels(self._service.store, self._rotation.patience).show(state, self._entry))

    def _malformed(self, state: SecretState, diagnosis: Diagnosis) -> Outcome:
        if self._entry.waits(state.current or NO_VERSION, self._service.clock()):
            return Outcome(state.name, Result.NOT_DUE)
        return self._needs_a_person(state.current or NO_VERSION, diagnosis, None)

    def _look(self, state: SecretState) -> Outcome:
        now, lease = self._service.clock(), self._service.timing.lease
        # 1. What an unclean end left: a stored successor, or tokens in escrow, are made current. No second exchange.
        intent = self._entry.intent
        in_doubt = intent is not None and not intent.is_settled
        state, version, recovered = self._recovery.recover(
            state, intent, self._entry.lineage, look_into_escrow=self._escrowed or in_doubt
        )
        # 2. What is current.
        credential = version.credential
        if recovered:
            self._entry = self._entry.settled(credential)
        elif intent is not None and intent.has_spent(credential, self._entry.spent, now, lease):
            return Outcome(state.name, Result.OVERTAKEN, None, credential.expires_at)
        if self._entry.version_id != version.version_id:
            self._entry = self._entry.changed(version.version_id, now)
        if self._entry.waits(version.version_id, now):
            return Outcome(state.name, Result.NOT_DUE, None, credential.expires_at)
        if credential.refresh_token is None:
            return self._needs_a_person(version.version_id, first_consent(), credential)
        if not self._is_due(version, recovered=recovered):
            return self._fresh(version, Result.RECOVERED if recovered else Result.NOT_DUE)
        return self._exchange(state, version, credential.refresh_token)

    def _exchange(self, state: SecretState, version: Version, refresh_token: Sensitive) -> Outcome:
        # 3. Never start what somebody else may be at, what would cost one version too many, what cannot be finished.
        service, before, now = self._service, self._entry.intent, self._service.clock()
        if before is not None and before.may_be_under_way(now, service.timing.lease):
            return Outcome(state.name, Result.UNDER_WAY, None, version.credential.expires_at)
        allowed_at = service.budget.allowed_at(self._entry.versions_spent_until, now)
        if allowed_at > now:
            return self._too_often(version, allowed_at)
        if self._time_left() < service.timing.exchange:
            raise NotEnoughTimeError(state.name)
        # 4. The intent: where to look after an unclean end, and the proof that the registry can be written.
        looked_at, base = self._entry, Base.of(version.credential)
        intent = Intent.begin(version.version_id, base, now, before)
        spent = service.budget.spend(self._entry.versions_spent_until, now)
        self._entry = service.registry.save(self._entry.intending(intent).spending(spent))
        # 5. The exchange.
        try:
            grant = service.endpoint.refresh(version.credential, refresh_token)
        except ProviderError as error:
            return self._failed(version, error.failure, intent, looked_at)
        # 6 and 7. Store under the one successor id, then compare-and-swap; into escrow while the store is down.
        try:
            stored = self._rotation.keep(grant, Lineage.of_refresh(base.presented), state, version, intent)
        except GrantKeptError:
            self._entry = self._entry.ended(intent.ended(End.KEPT))
            return self._retry_later(version, tokens_kept(), None, base.presented, Result.KEPT)
        # 8. Record it.
        is_ours = stored.credential.holds(grant)
        self._entry = self._entry.settled(stored.credential) if is_ours else self._entry
        if grant.access_token is None:
            return self._retry_later(stored, unusable_answer(), None, base.presented)
        issued = grant.refresh_token.fingerprint if grant.refresh_token else base.presented
        result = Result.REFRESHED if is_ours else Result.OVERTAKEN
        return self._fresh(stored, result, base.presented, issued)

    def _too_often(self, version: Version, allowed_at: datetime) -> Outcome:
        diagnosis = too_many_versions(allowed_at)
        after = self._observing(version.credential).held_back(version.version_id, diagnosis, allowed_at)
        # An incident that is open already is the one to be told of.
        self._save(self._service.alerting.tell(after, diagnosis, None) if after.is_held_back else after)
        return Outcome(self._entry.name, Result.TOO_OFTEN, diagnosis, version.credential.expires_at)

    def _is_due(self, version: Version, *, recovered: bool) -> bool:
        credential, timing, now = version.credential, self._service.timing, self._service.clock()
        if credential.access_token is None or credential.expires_at is None or credential.refreshed_at is None:
            return True
        intent = self._entry.intent
        in_doubt = intent is not None and not intent.is_settled
        if recovered or (in_doubt and intent is not None and credential.refreshed_at >= intent.at):
            # That exchange came to a good end, and only the record of it is missing.
            return timing.is_due(credential.refreshed_at, credential.expires_at, now)
        if self._entry.status not in {Status.HEALTHY, Status.AWAITING_CONSENT}:
            # Something was wrong. Whether the secret changed or a reminder is due: only an attempt tells.
            return True
        return timing.is_due(credential.refreshed_at, credential.expires_at, now)

    def _fresh(self, version: Version, result: Result, presented: str = "", issued: str = "") -> Outcome:
        credential, before = version.credential, self._entry
        now = self._service.clock()
        issued_at, expires_at = credential.refreshed_at or now, credential.expires_at or now
        next_action_at = self._service.timing.next_action_at(issued_at, expires_at, self._service.spread())
        after = before.fresh(version.version_id, credential, next_action_at)
        if before.is_held_back and self._service.budget.is_untouched(before.versions_spent_until, now):
            after = after.pardoned()
        self._service.alerting.tell_over(before, after)
        self._save(after)
        return Outcome(before.name, result, None, credential.expires_at, presented, issued)

    def _failed(self, version: Version, failure: ProviderFailure, intent: Intent, looked_at: RegistryEntry) -> Outcome:
        # After a clear refusal the token is as it was before; otherwise it may be spent.
        before = looked_at.intent
        end = intent.ended(End.UNANSWERED) if failure.may_have_been_granted else before
        # Saved before anything else can fail; and no version was written.
        self._save(replace(self._entry.ended(end), versions_spent_until=looked_at.versions_spent_until))
        if self._rotation.describe(self._entry.name).current != version.version_id:
            # Somebody consented or edited meanwhile: the failure is about a token that counts no more.
            raise StaleObservationError(self._entry.name)
        diagnosis, presented = diagnose(failure), intent.base.presented
        if diagnosis.actor is Actor.USER and before and not before.is_settled and before.base.presented == presented:
            diagnosis = after_unclean_end(diagnosis, before.at)
        unconfirmed = not diagnosis.certain and self._entry.failures_with(diagnosis) < CONFIRMATIONS
        if diagnosis.actor is Actor.NOBODY or unconfirmed:
            return self._retry_later(version, diagnosis, failure.retry_after, presented)
        return self._needs_a_person(version.version_id, diagnosis, version.credential, presented)

    def _retry_later(
        self,
        version: Version,
        diagnosis: Diagnosis,
        retry_after: timedelta | None,
        presented: str,
        result: Result = Result.RETRY_LATER,
    ) -> Outcome:
        delay = retry_delay(self._entry.failures_with(diagnosis), retry_after, self._service.spread())
        next_action_at = self._service.clock() + delay
        self._entry = self._observing(version.credential)
        after = self._entry.retrying(version.version_id, diagnosis, next_action_at)
        expires_at = version.credential.expires_at
        if expires_at is not None and self._next_tick(next_action_at) >= expires_at:
            after = self._service.alerting.warn_of_risk(after, diagnosis)
        self._save(after)
        return Outcome(self._entry.name, result, diagnosis, expires_at, presented)

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
        ours = self._entry.intent
        try:
            self._entry = self._service.registry.save(entry)
        except StaleObservationError:
            stored = self._service.registry.get(entry.name)
            theirs = stored.intent if stored and not stored.is_paused else None
            if stored is None or theirs is None or ours is None or theirs.attempt != ours.attempt:
                raise
            # A tick has noticed what this exchange did, and nobody else has begun one: what is known here is more.
            self._entry = self._service.registry.save(replace(entry, revision=stored.revision))
