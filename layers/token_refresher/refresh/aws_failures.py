"""Handle an attempt that failed at AWS: SQS delivers its message again, and a lasting failure notifies the operator."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from token_refresher.alerts.alerting import Alerting
from token_refresher.base.backoff import CONFIRMATION_PAUSE, backoff
from token_refresher.base.errors import CANNOT_NOTIFY, ServiceUnavailableError, StaleObservationError
from token_refresher.base.pace import Pace
from token_refresher.credential.status import Status, status_for
from token_refresher.diagnosis.aws_refusal import diagnose_refusal
from token_refresher.diagnosis.diagnosis import Diagnosis, our_own
from token_refresher.refresh.policy import CONFIRMATIONS
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.lasting import has_lasted, lasting
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.registry.registry import Registry
from token_refresher.rotation.secret_store import NO_VERSION


@dataclass(frozen=True)
class AwsFailures:
    """Writes into the registry entry that AWS failed an attempt.

    It does not change when the attempt is repeated. The alarm on the dead-letter queue fires once. If pipelines have no
    token, people are notified and reminded as of every other failure.
    """

    registry: Registry
    alerting: Alerting
    pace: Pace

    def watch(self, name: str, attempt: Callable[[], Outcome]) -> Outcome:
        """Run an attempt, and write into the entry if AWS fails it.

        Args:
            name: The credential's name.
            attempt: Runs the attempt.

        Returns:
            The outcome of the attempt. A call that AWS refuses ends in an outcome, too.

        Raises:
            ServiceUnavailableError: AWS did not answer. If the attempt was due, the entry counts it. SQS has to deliver
                the message again.
        """
        try:
            return attempt()
        except ServiceUnavailableError as error:
            if not error.passing:
                return self._refused(name, error)
            self._count_failure(name, error)
            raise

    def _refused(self, name: str, error: ServiceUnavailableError) -> Outcome:
        """Write that AWS refuses a call, and notify the operator once the refusal is confirmed.

        The attempts go on, because no change of the secret tells when the operator has given the permission. If AWS
        refused a call after an exchange, the tokens are stored or in escrow, and the intent says so.
        """
        now, diagnosis = self.pace.clock(), diagnose_refusal(error)
        before = self.registry.get(name) or RegistryEntry.discovered(name, NO_VERSION, now)
        if before.is_paused:
            return Outcome(name, Result.PAUSED)
        failures = before.failures_with(diagnosis)
        again_at = now + backoff(failures, None, self.pace.spread(), CONFIRMATION_PAUSE)
        ends_at = before.expires_at
        ends_soon = ends_at is not None and now < ends_at <= again_at + self.pace.timing.schedule_period
        is_known = before.status is Status.NEEDS_OPERATOR and before.is_refused
        if is_known or ends_soon or failures >= CONFIRMATIONS:
            result = Result.NEEDS_A_PERSON
            after = before.failing(now).needing_a_person(before.version_id, diagnosis, status_for(diagnosis))
            after = after.reminded_at(again_at)
            with suppress(*CANNOT_NOTIFY):  # The next attempt fails as well, and notifies them.
                after = self.alerting.notify(after, diagnosis, None)
        else:
            result = Result.RETRY_LATER
            after = before.failing(now).retrying(before.version_id, diagnosis, again_at)
        try:
            self.registry.save(after)
        except StaleObservationError:
            return Outcome(name, Result.OVERTAKEN)
        return Outcome(name, result, diagnosis, ends_at)

    def _count_failure(self, name: str, error: ServiceUnavailableError) -> None:
        # If the registry fails as well, the failure cannot be counted.
        now = self.pace.clock()
        with suppress(ServiceUnavailableError, StaleObservationError):
            entry = self.registry.get(name)
            is_due = entry is not None and entry.next_action_at is not None and entry.next_action_at <= now
            if entry is None or not is_due or entry.is_rejected:
                return
            after = entry.failing(now)
            if entry.status.needs_a_person and not entry.is_tried_on:
                # This attempt was due because the secret is new or has changed.
                after = after.retrying(entry.version_id, aws_failed(error), entry.next_action_at or now)
            if has_lasted(after, now):
                diagnosis = lasting(aws_failed(error), after)
                after = after.lasting(diagnosis)
                with suppress(*CANNOT_NOTIFY):  # The next attempt fails as well, and notifies them.
                    after = self.alerting.notify(after, diagnosis, None)
            self.registry.save(after)


def aws_failed(error: ServiceUnavailableError) -> Diagnosis:
    """Return the diagnosis of a failed AWS call, with the call and its error code to search for."""
    known = our_own("aws_failed")
    return replace(known, code=error.code, cause=f"{known.cause} The call was {error}.")
