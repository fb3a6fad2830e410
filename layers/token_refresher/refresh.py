"""Look at one credential: finish what was left unfinished, refresh it when it is due, record it, tell who must know.

The steps are those of "A refresh, step by step" in docs/architecture.md, in their order.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from token_refresher.account_check import AccountCheck
from token_refresher.account_verification import AccountVerification
from token_refresher.aftermath import Aftermath
from token_refresher.alerting import Alerting
from token_refresher.bookkeeping import Bookkeeping
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
from token_refresher.registry import Registry
from token_refresher.registry_entry import RegistryEntry
from token_refresher.retry import ASKS, CONFIRMATION
from token_refresher.rotation import Rotation, Version
from token_refresher.secret_store import NO_VERSION, SecretState, SecretStore
from token_refresher.sensitive import Sensitive
from token_refresher.status import Status
from token_refresher.timing import Timing
from token_refresher.token_endpoint import TokenEndpoint
from token_refresher.version_budget import VersionBudget

_A_MOMENT: Final = 2.0
"""Seconds after which an uncertain refusal is asked about again (BingAds-Python-SDK issue 279: "rerun" helps)."""

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
    ) -> None:
        self._service = service
        self._rotation = rotation
        self._recovery = Recovery(service.store, service.escrow, rotation, service.timing.exchange)
        self._books = Bookkeeping(service.registry, entry)
        self._aftermath = Aftermath(
            self._books, service.alerting, service.timing, service.budget, service.clock, service.spread
        )
        self._verification = AccountVerification(
            service.check, service.alerting, service.timing.writes_reserve, service.clock
        )
        self._time_left = time_left
        self._escrowed = escrowed
        self._asks = 0

    def run(self, state: SecretState) -> Outcome:
        try:
            outcome = self._look(state)
        except MalformedCredentialError as error:
            outcome = self._malformed(state, diagnose_malformed(error))
        labels = Labels(self._service.store, self._rotation.patience)
        return replace(outcome, is_shown=labels.show(state, self._books.entry))

    def _malformed(self, state: SecretState, diagnosis: Diagnosis) -> Outcome:
        version_id = state.current or NO_VERSION
        if self._books.entry.waits(version_id, self._service.clock()):
            return Outcome(state.name, Result.NOT_DUE)
        return self._aftermath.needs_a_person(version_id, diagnosis, None)

    def _look(self, state: SecretState) -> Outcome:
        books, now, lease = self._books, self._service.clock(), self._service.timing.lease
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
        elif intent is not None and intent.has_spent(credential, books.entry.spent, now, lease):
            return Outcome(state.name, Result.OVERTAKEN, None, credential.expires_at)
        books.entry = books.entry.changed(version.version_id, now, is_edit=not recovered)
        if books.entry.waits(version.version_id, now):
            return Outcome(state.name, Result.NOT_DUE, None, credential.expires_at)
        if credential.refresh_token is None:
            return self._aftermath.needs_a_person(version.version_id, first_consent(), credential)
        if books.entry.untold and books.entry.diagnosis is not None:
            return self._aftermath.tell_again(books.entry.diagnosis, credential)
        if not self._is_due(version, recovered=recovered):
            return self._aftermath.fresh(version, Result.RECOVERED if recovered else Result.NOT_DUE)
        return self._hindered(state, version) or self._asked(state, version, credential.refresh_token)

    def _hindered(self, state: SecretState, version: Version) -> Outcome | None:
        # 3. Never start what somebody else may be at, what would cost one version too many, what cannot be finished,
        # and what is known to fail for everybody.
        service, entry, now = self._service, self._books.entry, self._service.clock()
        if entry.intent is not None and entry.intent.may_be_under_way(now, service.timing.lease):
            return Outcome(state.name, Result.UNDER_WAY, None, version.credential.expires_at)
        allowed_at = service.budget.allowed_at(entry.versions_spent_until, now)
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
            self._service.sleep(_A_MOMENT)
        return outcome

    def _exchange(self, state: SecretState, version: Version, refresh_token: Sensitive) -> Outcome | None:
        """Exchange the refresh token; ``None`` if it is to be asked again."""
        service, books, before, now = self._service, self._books, self._books.entry.intent, self._service.clock()
        # 4. The intent: where to look after an unclean end, and the proof that the registry can be written.
        looked_at, base = books.entry, Base.of(version.credential)
        intent = Intent.begin(version.version_id, base, now, before)
        spent = service.budget.spend(books.entry.versions_spent_until, now)
        books.begin(books.entry.intending(intent).spending(spent))
        # 5. The exchange.
        self._asks += 1
        try:
            grant = service.endpoint.refresh(version.credential, refresh_token)
        except ProviderError as error:
            return self._failed(version, error.failure, intent, looked_at)
        # 6 and 7. Store under the one successor id, then compare-and-swap; into escrow while the store is down.
        try:
            stored = self._rotation.keep(grant, Lineage.of_refresh(base.presented), state, version, intent)
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

    def _is_due(self, version: Version, *, recovered: bool) -> bool:
        credential, timing, now = version.credential, self._service.timing, self._service.clock()
        if credential.access_token is None or credential.expires_at is None or credential.refreshed_at is None:
            return True
        intent = self._books.entry.intent
        in_doubt = intent is not None and not intent.is_settled
        if recovered or (in_doubt and intent is not None and credential.refreshed_at >= intent.at):
            # That exchange came to a good end, and only the record of it is missing.
            return timing.is_due(credential.refreshed_at, credential.expires_at, now)
        if self._books.entry.status not in {Status.HEALTHY, Status.AWAITING_CONSENT}:
            # Something was wrong. Whether the secret changed or a reminder is due: only an attempt tells.
            return True
        return timing.is_due(credential.refreshed_at, credential.expires_at, now)

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
            return self._aftermath.retry_later(version, diagnosis, self._pause(failure), presented, is_down=down)
        self._service.breaker.worked()  # Whatever it says: the authority is there.
        may_pass = diagnosis.actor is Actor.USER and not diagnosis.certain and failure.retry_after is None
        if may_pass and self._may_ask_again:
            return None
        if diagnosis.actor is Actor.USER and before and before.may_have_spent(presented):
            diagnosis = after_unclean_end(diagnosis, before.at)
        return self._aftermath.refused(version, diagnosis, self._pause(failure), presented)

    def _pause(self, failure: ProviderFailure) -> timedelta | None:
        """Return how long to leave the provider alone: after several calls for a while, whatever the last answer."""
        return failure.retry_after if self._asks == 1 else max(failure.retry_after or CONFIRMATION, CONFIRMATION)

    @property
    def _may_ask_again(self) -> bool:
        return self._asks < ASKS and self._time_left() >= self._service.timing.exchange + timedelta(seconds=_A_MOMENT)
