"""One attempt for one credential: the steps of "A refresh, step by step" (docs/architecture.md), in their order."""

from dataclasses import dataclass, replace

from token_refresher.base.errors import (
    GrantKeptError,
    MalformedCredentialError,
    NotEnoughTimeError,
    ProviderError,
    StaleObservationError,
)
from token_refresher.base.failure import ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.words import NAMELESS
from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.grant import Grant
from token_refresher.diagnosis.diagnosis import (
    Actor,
    Diagnosis,
    after_unclean_end,
    diagnose_malformed,
    held_back,
    no_access_token,
    tokens_kept,
)
from token_refresher.providers.provider import Providers
from token_refresher.refresh.account_verification import AccountVerification
from token_refresher.refresh.circuit import hold
from token_refresher.refresh.circuit_breaker import CircuitBreaker, CircuitBreakers
from token_refresher.refresh.exchange_recorder import ExchangeRecorder
from token_refresher.refresh.observation import Observation, Observer
from token_refresher.refresh.policy import is_due
from token_refresher.refresh.recorder import OutcomeRecorder, Recorded
from token_refresher.refresh.token_client import ASK_AGAIN_AFTER, TokenClient
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.issuer import THE_DEFAULT, Issuer
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.rotation.intent import Base, End, ExchangeIntent
from token_refresher.rotation.rotation import Rotation
from token_refresher.rotation.secret_store import NO_VERSION, SecretState
from token_refresher.rotation.token_family import TokenFamily


@dataclass(frozen=True)
class Attempt:
    """One attempt for one credential. Each step takes the registry entry, and returns the next one.

    Attributes:
        rotation: Stores tokens, and makes them current.
        observer: Finishes an interrupted attempt, and reads the current version.
        client: Calls the token endpoint.
        providers: Finds the provider of the credential.
        breakers: Hold attempts back while an authority is down for all its credentials.
        exchanges: Writes the beginning of an exchange, and an end without a grant.
        recorder: Writes how the attempt ended, and notifies people.
        verification: Verifies an account that the consent could not verify.
    """

    rotation: Rotation
    observer: Observer
    client: TokenClient
    providers: Providers
    breakers: CircuitBreakers
    exchanges: ExchangeRecorder
    recorder: OutcomeRecorder
    verification: AccountVerification

    def run(self, state: SecretState, entry: RegistryEntry, *, escrowed: bool) -> Recorded:
        """Refresh the credential if it is due; on demand, refresh it in any case.

        Args:
            state: The staging labels and the tags of the secret.
            entry: The registry entry.
            escrowed: Whether dispatch saw tokens of the credential in escrow.

        Raises:
            CredentialNotFoundError: The secret does not exist any more.
            NotEnoughTimeError: No exchange was begun; SQS has to deliver the message again.
            ServiceUnavailableError: AWS did not answer; SQS has to deliver the message again.
            StaleObservationError: Another worker has written the entry or the secret since this one read it.
        """
        try:
            recorded = self._refreshed_if_due(state, entry, escrowed=escrowed)
        except MalformedCredentialError as error:
            recorded = self._malformed(state, _of_named(entry, error), diagnose_malformed(error))
        previous, foreign = self.client.used_previous_client_secret, state.foreign_pending or ""
        outcome = replace(recorded.outcome, used_previous_client_secret=previous, foreign_pending=foreign)
        return Recorded(recorded.entry, outcome)

    def _malformed(self, state: SecretState, entry: RegistryEntry, diagnosis: Diagnosis) -> Recorded:
        version_id = state.current or NO_VERSION
        if self._waits(entry, version_id):
            return Recorded(entry, Outcome(state.name, Result.NOT_DUE))
        return self.recorder.needs_a_person(entry, version_id, diagnosis, None)

    def _refreshed_if_due(self, state: SecretState, entry: RegistryEntry, *, escrowed: bool) -> Recorded:
        # 1. Make tokens current that an earlier attempt stored or put into escrow, without a second exchange.
        # 2. Read the current version. If a person put older tokens there, put the newest ones of that sign-in on top.
        seen = self._of_its_issuer(self.observer.observe(state, entry, escrowed=escrowed))
        entry, version, credential = seen.entry, seen.version, seen.version.credential
        if seen.may_be_old:
            return Recorded(entry, Outcome(state.name, Result.OVERTAKEN, None, credential.expires_at))
        if self._waits(entry, version.version_id):
            return Recorded(entry, Outcome(state.name, Result.NOT_DUE, None, credential.expires_at))
        entry = self.recorder.publishing.publish_status(entry, credential, self.recorder.pace.clock())
        if credential.refresh_token is None:
            why = self.observer.copies.without_refresh_token(seen.state, version, entry)
            return self.recorder.needs_a_person(entry, version.version_id, why, credential)
        on_demand = self.recorder.on_demand
        if entry.notification_pending and entry.diagnosis is not None and not on_demand:
            return self.recorder.notify_again(entry, entry.diagnosis, credential)
        now, recovered = self.recorder.pace.clock(), seen.is_recovered
        if not on_demand and not is_due(credential, entry, self.recorder.pace.timing, now, recovered=recovered):
            return self.recorder.fresh(entry, version, Result.RECOVERED if seen.is_found else Result.NOT_DUE)
        return self._hindered(seen) or self._exchanged(seen, credential.refresh_token)

    def _of_its_issuer(self, seen: Observation) -> Observation:
        """Return what was observed, with who issues the tokens in the entry."""
        credential = seen.version.credential
        try:
            issuer = Issuer.of(self.providers.of(credential))
        except MalformedCredentialError as error:
            error.provider = credential.provider
            raise
        return seen if seen.entry.issuer == issuer else replace(seen, entry=replace(seen.entry, issuer=issuer))

    def _breaker(self, seen: Observation) -> CircuitBreaker:
        return self.breakers.of(self.providers.of(seen.version.credential).authority)

    def _waits(self, entry: RegistryEntry, version_id: str) -> bool:
        return not self.recorder.on_demand and entry.waits(version_id, self.recorder.pace.clock())

    def _hindered(self, seen: Observation) -> Recorded | None:
        # 3. Begin no exchange while another one may be under way, if the secret has too many versions, if the time is
        #    too short to finish it, or if the authority is down for all credentials.
        entry, version, now, timing = seen.entry, seen.version, self.recorder.pace.clock(), self.recorder.pace.timing
        if entry.intent is not None and entry.intent.may_be_under_way(now, timing.lease):
            return Recorded(entry, Outcome(entry.name, Result.UNDER_WAY, None, version.credential.expires_at))
        allowed_at = self.recorder.budget.allowed_at(entry.versions_spent_until, now)
        if allowed_at > now:
            return self.recorder.too_often(entry, version, allowed_at)
        if self.rotation.patience.time_left() < timing.exchange:
            raise NotEnoughTimeError(entry.name)
        if not self._breaker(seen).admits(entry.name, is_failing=entry.attempts > 0):
            until = now + hold(timing.schedule_period, self.recorder.pace.spread())
            return self.recorder.held_back(entry, version, held_back(entry.issuer.words), until)
        # Last, because KMS charges a signature: what is wrong with the proof must show before the exchange begins.
        self.providers.of(version.credential).prepare(version.credential)
        return None

    def _exchanged(self, seen: Observation, refresh_token: Sensitive) -> Recorded:
        entry, version, base = seen.entry, seen.version, Base.of(seen.version.credential)
        while True:
            # 4. Write the intent. If this worker dies, the next one searches for its tokens there; and the write
            #    proves that the registry works.
            before = entry
            intent = ExchangeIntent.begin(version.version_id, base, self.recorder.pace.clock(), before.intent)
            entry = self.exchanges.begin(before, intent)
            # 5. Exchange the refresh token.
            try:
                grant = self.client.refresh(version.credential, refresh_token)
            except ProviderError as error:
                entry = self.exchanges.ended(before, entry, error.failure, intent)
                refused = self._refused(seen, before, entry, error.failure)
                if refused is not None:
                    return refused
            else:
                return self._stored(seen, entry, intent, grant)
            # The token endpoint may accept the token a moment after an uncertain refusal.
            self.recorder.pace.sleep(ASK_AGAIN_AFTER.total_seconds())

    def _stored(self, seen: Observation, entry: RegistryEntry, intent: ExchangeIntent, grant: Grant) -> Recorded:
        # 6 and 7. Store the grant under the one successor id, then compare-and-swap; into escrow if that fails.
        presented = intent.base.presented
        family = TokenFamily.of_refresh(presented, entry.lineage)
        try:
            stored = self.rotation.keep(grant, family, seen.state, seen.version, intent, were_current=seen.were_current)
        except GrantKeptError:
            self._breaker(seen).worked()
            entry = entry.ended(intent.ended(End.KEPT))
            kept = tokens_kept(entry.issuer.words)
            return self.recorder.retry_later(entry, seen.version, kept, None, presented, result=Result.KEPT)
        # 8. Write the entry.
        self._breaker(seen).worked()
        is_ours = stored.credential.holds(grant)
        entry = entry.settled(stored.credential) if is_ours else entry
        if grant.access_token is None:
            return self.recorder.retry_later(entry, stored, no_access_token(entry.issuer.words), None, presented)
        issued = grant.refresh_token.fingerprint if grant.refresh_token else presented
        result = Result.REFRESHED if is_ours else Result.OVERTAKEN
        recorded = self.recorder.fresh(entry, stored, result, presented, issued)
        if not is_ours:
            return recorded
        # Verify the account last: nothing may hold back the only valid token.
        entry, access = self.verification.verify(recorded.entry, stored.credential, self.rotation.patience.time_left)
        return Recorded(entry, replace(recorded.outcome, account=access))

    def _refused(
        self, seen: Observation, before: RegistryEntry, entry: RegistryEntry, failure: ProviderFailure
    ) -> Recorded | None:
        """Write what follows from a refusal; return ``None`` if this attempt may call the token endpoint again.

        Args:
            seen: The current version before the exchange.
            before: The entry before the exchange.
            entry: The entry after it.
            failure: What the provider answered.
        """
        version, presented = seen.version, seen.version.credential.fingerprint
        if self.rotation.describe(entry.name).current != version.version_id:
            # A person consented or edited meanwhile, so the refused token is not the current one any more.
            raise StaleObservationError(entry.name)
        diagnosis, breaker = self.providers.of(version.credential).diagnose(failure), self._breaker(seen)
        if diagnosis.outage:
            breaker.failed(entry.name)
            pause, is_down = self.client.pause(failure), breaker.is_down
            return self.recorder.retry_later(entry, version, diagnosis, pause, presented, is_down=is_down)
        breaker.worked()  # The authority answered, even though it refused.
        if diagnosis.actor is Actor.USER and before.intent and before.intent.may_have_spent(presented):
            diagnosis = after_unclean_end(diagnosis, before.intent.at, entry.issuer.words)
        if diagnosis.may_pass_at_once and failure.retry_after is None and self.client.may_call_again:
            return None
        return self.recorder.refused(entry, version, diagnosis, self.client.pause(failure), presented)


def _of_named(entry: RegistryEntry, error: MalformedCredentialError) -> RegistryEntry:
    """Return an entry whose words are not those of another provider than the one that a malformed document names."""
    if error.provider in {"", entry.issuer.provider}:
        return entry
    is_default = error.provider == DEFAULT_PROVIDER
    return replace(entry, issuer=THE_DEFAULT if is_default else Issuer(error.provider, words=NAMELESS))
