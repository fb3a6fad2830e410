"""Look at one credential: finish what was left unfinished, refresh it when it is due, record it, tell who must know.

The steps are those of "A refresh, step by step" in docs/architecture.md, in their order.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from token_refresher.account_check import AccountCheck
from token_refresher.account_verification import AccountVerification
from token_refresher.aftermath import Aftermath
from token_refresher.alerting import Alerting
from token_refresher.answer import Answer
from token_refresher.bookkeeping import Bookkeeping, record_answer
from token_refresher.breaker import Breaker
from token_refresher.circuit import hold
from token_refresher.clock import Clock
from token_refresher.diagnosis import (
    Actor,
    Diagnosis,
    after_unclean_end,
    diagnose,
    diagnose_malformed,
    first_consent,
    held_back,
    tokens_kept,
    unusable_answer,
)
from token_refresher.discovery import discovered
from token_refresher.due import is_due
from token_refresher.errors import (
    CredentialNotFoundError,
    GrantKeptError,
    MalformedCredentialError,
    NotEnoughTimeError,
    ProviderError,
    StaleObservationError,
)
from token_refresher.escrow import Escrow
from token_refresher.exchange import A_MOMENT, Exchange
from token_refresher.failure import ProviderFailure
from token_refresher.intent import Base, End, Intent
from token_refresher.labels import Labels
from token_refresher.lineage import Lineage
from token_refresher.outcome import Outcome, Result
from token_refresher.patience import Patience
from token_refresher.recovery import Recovery
from token_refresher.registry import Registry
from token_refresher.registry_entry import RegistryEntry
from token_refresher.rotation import Rotation, Version
from token_refresher.secret_store import NO_VERSION, SecretState, SecretStore
from token_refresher.sensitive import Sensitive
from token_refresher.timing import Timing
from token_refresher.token_endpoint import TokenEndpoint
from token_refresher.version_budget import VersionBudget

_spread = random.SystemRandom().random


@dataclass(frozen=True)
class RefreshService:
    """Everything that a refresh needs.

    Attributes:
        store: Where the credentials are.
        escrow: Where tokens wait while the store is down.
        registry: Where what is known of them is.
        endpoint: Where tokens come from.
        breaker: Holds attempts back while the authority is down for everybody.
        alerting: Whom to tell.
        check: Asks for the account that a consent left unverified.
        timing: When to act.
        clock: What time it is.
        spread: Draws a number from 0 to 1, so that not everything happens at the same time.
        sleep: Waits for so many seconds.
    """

    store: SecretStore
    escrow: Escrow
    registry: Registry
    endpoint: TokenEndpoint
    breaker: Breaker
    alerting: Alerting
    check: AccountCheck
    timing: Timing
    clock: Clock
    spread: Callable[[], float] = _spread
    sleep: Callable[[float], None] = time.sleep

    def refresh(
        self, name: str, time_left: Callable[[], timedelta], *, escrowed: bool = False, request_id: str = ""
    ) -> Outcome:
        """Look at one credential and do what is due, or what somebody asked for, who is answered in the registry.

        Args:
            name: The credential's name.
            time_left: Returns how long this invocation may still run.
            escrowed: Whether tokens of it were seen in escrow.
            request_id: Of a refresh on demand: the refresh token is exchanged even if it is not due, waits for its next
                attempt, or is known to be dead. A request that has its answer is not carried out again.

        Raises:
            NotEnoughTimeError: Nothing was begun; the message is to be delivered again.
            ServiceUnavailableError: AWS did not answer; the message is to be delivered again.
        """
        entry = self.registry.get(name)
        if request_id and entry and entry.answer and entry.answer.request_id == request_id:
            return entry.answer.outcome(name)
        outcome = self._looked(entry, name, time_left, escrowed=escrowed, on_demand=bool(request_id))
        if request_id:
            outcome = replace(outcome, request_id=request_id)
            record_answer(self.registry, name, Answer.of(outcome, self.clock()))
        return outcome

    def _looked(
        self,
        entry: RegistryEntry | None,
        name: str,
        time_left: Callable[[], timedelta],
        *,
        escrowed: bool,
        on_demand: bool,
    ) -> Outcome:
        rotation = Rotation(self.store, self.escrow, Patience(time_left, self.sleep))
        try:
            if entry is not None and entry.is_paused:
                return Outcome(name, Result.PAUSED)
            state = rotation.describe(name, self.timing.exchange)
            entry = entry or discovered(state, self.clock())
            if entry.is_paused:  # The registry was lost, and the secret tells.
                self.registry.save(entry)
                return Outcome(name, Result.PAUSED)
            return _Attempt(self, rotation, entry, time_left, escrowed=escrowed, on_demand=on_demand).run(state)
        except CredentialNotFoundError:
            if entry is not None:
                self.alerting.forget(entry)
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
        on_demand: bool,
    ) -> None:
        self._service = service
        self._rotation = rotation
        self._recovery = Recovery(service.store, service.escrow, rotation, service.timing.exchange)
        self._books = Bookkeeping(service.registry, entry)
        self._budget = VersionBudget(service.timing.minimum_interval)
        self._aftermath = Aftermath(
            self._books, service.alerting, service.timing, self._budget, service.clock, service.spread, on_demand
        )
        self._verification = AccountVerification(
            service.check, service.alerting, service.timing.writes_reserve, service.clock
        )
        self._time_left = time_left
        self._escrowed = escrowed
        self._on_demand = on_demand
        self._calls = Exchange(service.endpoint, service.timing, time_left)

    def run(self, state: SecretState) -> Outcome:
        try:
            outcome = self._look(state)
        except MalformedCredentialError as error:
            outcome = self._malformed(state, diagnose_malformed(error))
        labels = Labels(self._service.store, self._rotation.patience)
        outcome = replace(outcome, used_previous_client_secret=self._calls.used_previous_client_secret)
        return replace(outcome, is_shown=labels.show(state, self._books.entry))

    def _malformed(self, state: SecretState, diagnosis: Diagnosis) -> Outcome:
        version_id = state.current or NO_VERSION
        if self._waits(version_id):
            return Outcome(state.name, Result.NOT_DUE)
        return self._aftermath.needs_a_person(version_id, diagnosis, None)

    def _look(self, state: SecretState) -> Outcome:
        service, books, now = self._service, self._books, self._service.clock()
        # 1. What an unclean end left: a stored successor, or tokens in escrow, are made current. No second exchange.
        intent = books.entry.intent
        in_doubt = intent is not None and not intent.is_settled
        state, version, recovered = self._recovery.recover(
            state, intent, books.entry.lineage, look_into_escrow=self._escrowed or in_doubt
        )
        # 2. What is current.
        credential = version.credential
        if recovered:
            books.entry = books.entry.settled(credential)
        elif intent is not None and intent.has_spent(credential, books.entry.spent, now, service.timing.lease):
            return Outcome(state.name, Result.OVERTAKEN, None, credential.expires_at)
        books.entry = books.entry.changed(version.version_id, now, is_edit=not recovered)
        if self._waits(version.version_id):
            return Outcome(state.name, Result.NOT_DUE, None, credential.expires_at)
        if credential.refresh_token is None:
            return self._aftermath.needs_a_person(version.version_id, first_consent(), credential)
        if books.entry.untold and books.entry.diagnosis is not None and not self._on_demand:
            return self._aftermath.tell_again(books.entry.diagnosis, credential)
        if not self._on_demand and not is_due(credential, books.entry, service.timing, now, recovered=recovered):
            return self._aftermath.fresh(version, Result.RECOVERED if recovered else Result.NOT_DUE)
        return self._hindered(state, version) or self._asked(state, version, credential.refresh_token)

    def _waits(self, version_id: str) -> bool:
        return not self._on_demand and self._books.entry.waits(version_id, self._service.clock())

    def _hindered(self, state: SecretState, version: Version) -> Outcome | None:
        # 3. Never start what somebody else may be at, what would cost one version too many, what cannot be finished,
        # and what is known to fail for everybody.
        service, entry, now = self._service, self._books.entry, self._service.clock()
        if entry.intent is not None and entry.intent.may_be_under_way(now, service.timing.lease):
            return Outcome(state.name, Result.UNDER_WAY, None, version.credential.expires_at)
        allowed_at = self._budget.allowed_at(entry.versions_spent_until, now)
        if allowed_at > now:
            return self._aftermath.too_often(version, allowed_at)
        if self._time_left() < service.timing.exchange:
            raise NotEnoughTimeError(state.name)
        if not service.breaker.admits(state.name, is_failing=entry.failing_since is not None):
            until = now + hold(service.timing.schedule_period, service.spread())
            return self._aftermath.held_back(version, held_back(), until)
        return None

    def _asked(self, state: SecretState, version: Version, refresh_token: Sensitive) -> Outcome:
        while (outcome := self._exchange(state, version, refresh_token)) is None:
            # An uncertain refusal may be gone a moment later.
            self._service.sleep(A_MOMENT.total_seconds())
        return outcome

    def _exchange(self, state: SecretState, version: Version, refresh_token: Sensitive) -> Outcome | None:
        """Exchange the refresh token; ``None`` if it is to be asked again."""
        service, books, before, now = self._service, self._books, self._books.entry.intent, self._service.clock()
        # 4. The intent: where to look after an unclean end, and the proof that the registry can be written.
        looked_at, base = books.entry, Base.of(version.credential)
        intent = Intent.begin(version.version_id, base, now, before)
        spent = self._budget.spend(books.entry.versions_spent_until, now)
        books.begin(books.entry.intending(intent).spending(spent))
        # 5. The exchange.
        try:
            grant = self._calls.refresh(version.credential, refresh_token)
        except ProviderError as error:
            return self._failed(version, error.failure, intent, looked_at)
        # 6 and 7. Store under the one successor id, then compare-and-swap; into escrow while the store is down.
        try:
            lineage = Lineage.of_refresh(base.presented, books.entry.lineage)
            stored = self._rotation.keep(grant, lineage, state, version, intent)
        except GrantKeptError:
            service.breaker.worked()
            books.entry = books.entry.ended(intent.ended(End.KEPT))
            return self._aftermath.retry_later(version, tokens_kept(), None, base.presented, result=Result.KEPT)
        # 8. Record it.
        service.breaker.worked()
        is_ours = stored.credential.holds(grant)
        books.entry = books.entry.settled(stored.credential) if is_ours else books.entry
        if grant.access_token is None:
            return self._aftermath.retry_later(stored, unusable_answer(), None, base.presented)
        issued = grant.refresh_token.fingerprint if grant.refresh_token else base.presented
        result = Result.REFRESHED if is_ours else Result.OVERTAKEN
        outcome = self._aftermath.fresh(stored, result, base.presented, issued)
        if not is_ours:
            return outcome
        # Afterwards, for nothing holds back the only live token: does it reach an account that is not verified yet?
        return replace(outcome, account=self._verification.verify(books, stored.credential, self._time_left))

    def _failed(
        self, version: Version, failure: ProviderFailure, intent: Intent, looked_at: RegistryEntry
    ) -> Outcome | None:
        # After a clear refusal the token is as it was before; otherwise it may be spent.
        books, before = self._books, looked_at.intent
        end = intent.ended(End.UNANSWERED) if failure.may_have_been_granted else before
        # Saved before anything else can fail; and no version was written.
        entry = books.entry.ended(end).challenged(failure.claims)
        books.save(replace(entry, versions_spent_until=looked_at.versions_spent_until))
        if self._rotation.describe(books.entry.name).current != version.version_id:
            # Somebody consented or edited meanwhile: the failure is about a token that counts no more.
            raise StaleObservationError(books.entry.name)
        diagnosis, presented = diagnose(failure), intent.base.presented
        if diagnosis.outage:
            self._service.breaker.failed(books.entry.name)
            down = self._service.breaker.is_open
            return self._aftermath.retry_later(version, diagnosis, self._calls.pause(failure), presented, is_down=down)
        self._service.breaker.worked()  # Whatever it says: the authority is there.
        may_pass = diagnosis.actor is Actor.USER and not diagnosis.certain and failure.retry_after is None
        if may_pass and self._calls.may_ask_again:
            return None
        if diagnosis.actor is Actor.USER and before and before.may_have_spent(presented):
            diagnosis = after_unclean_end(diagnosis, before.at)
        return self._aftermath.refused(version, diagnosis, self._calls.pause(failure), presented)
