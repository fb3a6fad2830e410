"""Refresh one credential, if it is due or if an operator asked for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from token_refresher.alerts.alerting import Alerting
from token_refresher.base.errors import (
    CredentialNotFoundError,
    MalformedCredentialError,
    StaleObservationError,
    VersionNotFoundError,
)
from token_refresher.base.pace import Pace
from token_refresher.providers.provider import Providers
from token_refresher.refresh.account_verification import AccountVerification
from token_refresher.refresh.attempt import Attempt
from token_refresher.refresh.aws_failures import AwsFailures
from token_refresher.refresh.circuit_breaker import CircuitBreakers
from token_refresher.refresh.exchange_recorder import ExchangeRecorder
from token_refresher.refresh.observation import Observer
from token_refresher.refresh.older_copies import OlderCopies
from token_refresher.refresh.recorder import OutcomeRecorder
from token_refresher.refresh.secret_reader import SecretReader
from token_refresher.refresh.tag_recorder import TagRecorder
from token_refresher.refresh.token_client import TokenClient
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import LastRequest, Outcome, Result
from token_refresher.registry.publishing import Publishing
from token_refresher.registry.registry import Registry
from token_refresher.registry.saving import save_answer
from token_refresher.registry.status_tags import StatusTagWriter
from token_refresher.rotation.recovery import Recovery
from token_refresher.rotation.rotation import Rotation
from token_refresher.rotation.rotations import Rotations
from token_refresher.rotation.secret_store import SecretState
from token_refresher.rotation.version_budget import VersionBudget


@dataclass(frozen=True)
class RefreshService:
    """Refreshes credentials.

    Attributes:
        rotations: Has the store of the credentials, and the escrow for while it is down.
        registry: Holds the entry of each credential.
        providers: Finds the provider of a credential.
        breakers: Hold attempts back while an authority is down for all its credentials.
        alerting: Notifies people.
        publishing: Gives consumers the tokens.
        pace: When to act.
    """

    rotations: Rotations
    registry: Registry
    providers: Providers
    breakers: CircuitBreakers
    alerting: Alerting
    publishing: Publishing
    pace: Pace

    def refresh(
        self, name: str, time_left: Callable[[], timedelta], *, escrowed: bool = False, request_id: str = ""
    ) -> Outcome:
        """Refresh one credential if it is due; the answer to a request goes into the registry.

        Args:
            name: The credential's name.
            time_left: Returns how long this invocation may still run.
            escrowed: Whether dispatch saw tokens of the credential in escrow.
            request_id: The id of a refresh on demand. Then the refresh token is exchanged even if it is not due, waits
                for its next attempt, or was rejected. A request that has an answer is not carried out again.

        Raises:
            NotEnoughTimeError: No exchange was begun; SQS has to deliver the message again.
            ServiceUnavailableError: AWS did not answer; SQS has to deliver the message again.
        """
        entry = self.registry.get(name)
        if entry and (known := entry.answer_to(request_id)):
            return known.outcome
        attempt = partial(self._attempted, entry, name, time_left, escrowed=escrowed, on_demand=bool(request_id))
        outcome = AwsFailures(self.registry, self.alerting, self.pace).watch(name, attempt)
        if request_id:
            outcome = replace(outcome, request_id=request_id)
            save_answer(self.registry, name, LastRequest.answered(outcome, self.pace.clock()))
        return outcome

    def _attempted(
        self,
        entry: RegistryEntry | None,
        name: str,
        time_left: Callable[[], timedelta],
        *,
        escrowed: bool,
        on_demand: bool,
    ) -> Outcome:
        rotation = self.rotations.within(time_left)
        try:
            needs_all = escrowed or on_demand
            state = SecretReader(rotation, self.pace).read(name, None if needs_all else entry)
            if entry is None:
                # The secret is new, or the registry was lost. Then the status tag of the secret says "paused".
                entry = self.registry.save(RegistryEntry.of_secret(state, self.pace.clock()))
            if entry.is_paused:
                self._publish_pause(rotation, state, entry)
                return Outcome(name, Result.PAUSED)
            recorded = self._attempt(rotation, on_demand=on_demand).run(state, entry, escrowed=escrowed)
            tags = TagRecorder(self.registry, self.alerting, StatusTagWriter(self.rotations.store, rotation.patience))
            return replace(recorded.outcome, is_shown=tags.write(state, recorded.entry))
        except CredentialNotFoundError:
            if entry is not None:
                self.alerting.forget(entry)
                self.publishing.remove(entry)
            self.registry.forget(name)
            return Outcome(name, Result.FORGOTTEN)
        except StaleObservationError:
            # A consent, an edit or another worker wrote the entry meanwhile, and that entry is newer.
            return Outcome(name, Result.OVERTAKEN)

    def _publish_pause(self, rotation: Rotation, state: SecretState, entry: RegistryEntry) -> None:
        """Let consumers read that a credential is paused. No later attempt repairs what fails here, but SQS does."""
        if not entry.publications:
            return  # Nobody needs to read the value of its secret.
        try:
            credential = rotation.read(state).credential
        except (MalformedCredentialError, VersionNotFoundError):
            return
        published = self.publishing.publish(entry, credential, self.pace.clock())
        if published.entry != entry:
            self.registry.save(published.entry)
        if published.missing:
            raise published.missing

    def _attempt(self, rotation: Rotation, *, on_demand: bool) -> Attempt:
        timing, deadline = self.pace.timing, rotation.patience
        budget = VersionBudget(timing.minimum_interval)
        recovery = Recovery(self.rotations.store, self.rotations.escrow, rotation, timing.exchange)
        return Attempt(
            rotation,
            Observer(recovery, OlderCopies(rotation, timing.exchange), budget, self.pace),
            TokenClient(self.providers, timing, deadline.time_left),
            self.providers,
            self.breakers,
            ExchangeRecorder(self.registry, budget, self.pace),
            OutcomeRecorder(
                self.registry, self.alerting, budget, self.pace, self.publishing, self.providers, on_demand
            ),
            AccountVerification(self.providers, self.alerting, self.registry, self.pace),
        )
