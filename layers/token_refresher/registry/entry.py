"""The registry entry of a credential, and how each event changes it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Diagnosis
from token_refresher.registry.open_alert import OpenAlert
from token_refresher.registry.outcome import LastRequest, kept_with
from token_refresher.registry.record import RegistryRecord
from token_refresher.rotation.intent import ExchangeIntent
from token_refresher.rotation.publication import Publication
from token_refresher.rotation.secret_store import NO_VERSION, SecretState

_LINEAGE_LENGTH: Final = 16
"""Half a day of refreshes: an operator rarely keeps an old copy open in an editor for longer."""


@dataclass(frozen=True)
class RegistryEntry(RegistryRecord):
    """The registry entry of one credential. Each method takes an event and returns the next entry."""

    @classmethod
    def discovered(cls, name: str, version_id: str, now: datetime, *, is_paused: bool = False) -> Self:
        """Return the first entry of a secret: an attempt is due now, unless the credential is paused.

        The registry can be lost, and a paused credential must stay paused after that.
        """
        entry = cls(name, version_id, Status.AWAITING_CONSENT, next_action_at=now)
        return entry.paused() if is_paused else entry

    @classmethod
    def of_secret(cls, state: SecretState, now: datetime) -> Self:
        """Return the first entry of a credential, from its secret's staging labels and status tags."""
        return cls.discovered(state.name, state.current or NO_VERSION, now, is_paused=state.shows_paused)

    def paused(self) -> Self:
        """Return the entry of a credential that an operator pauses: no attempt is made before it is resumed.

        An open alert of this credential alone ends, without a message: the operator knows, and a message after a pause
        of weeks would count the pause as time of failure. If it still fails when it is resumed, that is a new incident.
        An incident that it shares with other credentials goes on. A paused credential does not count in it
        (`SharedAlerting`), and leaves it or joins it again in the first attempt after it is resumed.
        """
        if self.is_paused:
            return self
        alert = self.alert if self.alert and self.alert.incident else None
        return replace(
            self._with_another_status(),
            status=Status.PAUSED,
            next_action_at=None,
            alert=alert,
            notification_pending=False,
        )

    def resumed(self, now: datetime) -> Self:
        """Return the entry of a credential that an operator resumes: an attempt is due now.

        If it was failing before the pause, only an attempt tells whether it still is. If its tokens are good and not
        due, the attempt makes no exchange.
        """
        if not self.is_paused:
            return self
        good = Status.HEALTHY if self.refreshed_at else Status.AWAITING_CONSENT
        after = self._with_another_status()
        return replace(after, status=Status.RETRYING if self.diagnosis else good, next_action_at=now)

    def _with_another_status(self) -> Self:
        return replace(self, publications=tuple(one.outdated() for one in self.publications))

    def answered(self, answer: LastRequest) -> Self:
        """Return the entry with the answer to a request, beside the answers to other requests."""
        return replace(self, answers=kept_with(answer, self.answers))

    def changed(self, version_id: str, now: datetime, *, is_edit: bool = True) -> Self:
        """Return the entry with the current version: if it is new, an attempt is due now, unless it is paused.

        An edit may end a problem that does not stop refreshes. If it does not, people are notified again.

        Args:
            version_id: The current version of the secret.
            now: The time.
            is_edit: Whether a person wrote the version, and not an attempt that was interrupted.
        """
        if version_id == self.version_id:
            return self
        due = None if self.is_paused else now
        outlasts_edits = self.is_too_often or self.is_unshown
        diagnosis = None if self.status is Status.HEALTHY and not outlasts_edits else self.diagnosis
        # After the next attempt, people are notified that a problem beside good refreshes is over, or that it lasts.
        alert = self.alert
        if alert is not None and alert.beside and not outlasts_edits:
            alert = replace(alert, beside=False)
        account = self.account.edited() if self.account and is_edit else self.account
        return replace(
            self,
            version_id=version_id,
            next_action_at=due,
            failures=0,
            claims="",
            diagnosis=diagnosis,
            alert=alert,
            notification_pending=False,
            account=account,
        )

    def observing(self, credential: Credential) -> Self:
        """Return the entry with the tokens' times, the consent and the application that the document has."""
        return replace(
            self,
            expires_at=credential.expires_at,
            refreshed_at=credential.refreshed_at,
            refresh_token_issued_at=credential.refresh_token_issued_at,
            refresh_token_expires_at=credential.refresh_token_expires_at,
            identity=credential.identity,
            client_id=credential.client_id,
        )

    def intending(self, intent: ExchangeIntent) -> Self:
        """Return the entry with the intent of an exchange that is about to begin."""
        return replace(self, version_id=intent.version_id, intent=intent)

    def challenged(self, claims: str) -> Self:
        """Return the entry with the claims that the next sign-in needs; without new claims the former ones stay."""
        return replace(self, claims=claims or self.claims)

    def taken_back(self, intent: ExchangeIntent, before: Self, noted: Self) -> Self:
        """Return the entry after a code exchange that brought no tokens, as if it had not begun.

        Args:
            intent: The intent of that exchange. If another exchange has begun since, the entry stays as it is.
            before: The entry before the exchange.
            noted: The entry with the intent. What has changed since then stays.
        """
        if self.intent is None or self.intent.attempt != intent.attempt:
            return self
        kept = replace(self, intent=before.intent.as_another_left_it() if before.intent else None)
        return (
            replace(kept, next_action_at=before.next_action_at) if self.next_action_at == noted.next_action_at else kept
        )

    def announced(self, known: OpenAlert | None, now: datetime) -> Self:
        """Return the entry after people were notified of a consent, which ends their open alert.

        Args:
            known: The open alert before the consent.
            now: The time.
        """
        may_come_back = known is not None and known.is_of_what_passes
        return replace(
            self,
            unannounced=False,
            alert=self.alert if self.diagnosis else None,
            account=self.account.closed() if self.account else None,
            risk_over_at=now if may_come_back else self.risk_over_at,
        )

    def ended(self, intent: ExchangeIntent | None) -> Self:
        """Return the entry with the intent as the exchange left it, or without one."""
        return replace(self, intent=intent)

    def settled(self, credential: Credential) -> Self:
        """Return the entry after the tokens of its exchange have become current."""
        if self.intent is None:
            return self
        intent, presented = self.intent.settled_by(credential), self.intent.base.presented
        lineage = self.lineage
        if self.intent.is_consent:
            lineage = (credential.fingerprint,)  # Earlier tokens belong to another sign-in.
        elif intent is not None and credential.fingerprint not in lineage:
            before = lineage if lineage[-1:] == (presented,) else (presented,)
            lineage = (*before, credential.fingerprint)[-_LINEAGE_LENGTH:]
        lineage = lineage or (credential.fingerprint,)  # The provider does not rotate.
        unannounced = self.unannounced or self.intent.is_ended_by_consent(credential)
        return replace(self, intent=intent, lineage=lineage, unannounced=unannounced)

    def led_by(self, lineage: tuple[str, ...]) -> Self:
        """Return the entry with the order of refresh tokens that the versions of the secret tell."""
        return replace(self, lineage=lineage[-_LINEAGE_LENGTH:])

    def spending(self, versions_spent_until: datetime | None) -> Self:
        """Return the entry with the version budget that one more version spends."""
        return replace(self, versions_spent_until=versions_spent_until)

    def fresh(self, version_id: str, credential: Credential, next_action_at: datetime) -> Self:
        """Return the entry of a credential whose tokens are good: its refreshes do not fail any more.

        A problem that does not stop refreshes (`diagnosed`) goes on. A paused credential stays paused.
        """
        paused = self.is_paused
        alert = self.alert if self.alert and self.alert.beside else None
        return replace(
            self.observing(credential),
            version_id=version_id,
            status=Status.PAUSED if paused else Status.HEALTHY,
            next_action_at=None if paused else next_action_at,
            failures=0,
            claims="",
            failing_since=None,
            attempts=0,
            notification_pending=False,
            diagnosis=self.diagnosis if self.status is Status.HEALTHY else None,
            alert=alert,
            unannounced=self.unannounced or (self.intent is not None and self.intent.is_ended_by_consent(credential)),
            intent=self.intent.settled_by(credential) if self.intent else None,
        )

    def connected(self, version_id: str, credential: Credential, next_action_at: datetime) -> Self:
        """Return the entry after a consent, which ends every problem."""
        return replace(
            self.settled(credential).fresh(version_id, credential, next_action_at), diagnosis=None, alert=None
        )

    def retrying(self, version_id: str, diagnosis: Diagnosis, next_action_at: datetime) -> Self:
        """Return the entry after a failure that may pass by itself."""
        return replace(
            self,
            version_id=version_id,
            status=Status.RETRYING,
            next_action_at=next_action_at,
            failures=self.failures_with(diagnosis),
            diagnosis=diagnosis,
        )

    def needing_a_person(self, version_id: str, diagnosis: Diagnosis, status: Status) -> Self:
        """Return the entry after a failure that a person has to resolve."""
        return replace(
            self,
            version_id=version_id,
            status=status,
            failures=self.failures_with(diagnosis),
            diagnosis=diagnosis,
        )

    def reminded_at(self, moment: datetime) -> Self:
        """Return the entry of a credential whose next attempt is due when people are to be reminded."""
        return replace(self, next_action_at=moment)

    def failing(self, now: datetime) -> Self:
        """Return the entry after one more failed attempt."""
        alert = self.alert.failing() if self.alert else None
        hindered = self.hindered(now)
        return replace(hindered, attempts=hindered.attempts + 1, alert=alert)

    def hindered(self, now: datetime) -> Self:
        """Return the entry of a credential that could not be refreshed, with or without an exchange.

        If a person has acted since the last failure, the time of failure begins now: it was not tried while it waited.
        """
        before = self.failing_anew() if self.is_acted_on else self
        return replace(before, failing_since=before.failing_since or now)

    def failing_anew(self) -> Self:
        """Return the entry before a failure of another kind, whose time begins now."""
        return replace(self, failing_since=None, attempts=0)

    def lasting(self, diagnosis: Diagnosis) -> Self:
        """Return the entry after a passing failure has lasted: an operator has to act, and attempts go on."""
        return replace(self, status=Status.NEEDS_OPERATOR, diagnosis=diagnosis)

    def short_of_scope(self, diagnosis: Diagnosis, alert: OpenAlert | None) -> Self:
        """Return the entry of good tokens with less scope than requested; its open alert goes on.

        A person has to sign in again. Meanwhile refreshes go on.
        """
        if self.is_paused:
            return self
        return replace(self, status=Status.NEEDS_CONSENT, diagnosis=diagnosis, alert=alert)

    def publishing(self, publications: tuple[Publication, ...]) -> Self:
        """Return the entry with the secrets for consumers as they are now."""
        return replace(self, publications=publications)

    def not_published(self, diagnosis: Diagnosis, alert: OpenAlert | None) -> Self:
        """Return the entry of good tokens that may not be published; its open alert goes on.

        The operator has to act. Meanwhile refreshes go on.
        """
        if self.is_paused:
            return self
        return replace(self, status=Status.NEEDS_OPERATOR, diagnosis=diagnosis, alert=alert)

    def alerted(self, alert: OpenAlert) -> Self:
        """Return the entry after people were notified."""
        return replace(self, alert=alert, notification_pending=False)

    def not_notified(self, again_at: datetime) -> Self:
        """Return the entry after people could not be notified: the next attempt does that, and no exchange."""
        return replace(self, notification_pending=True, next_action_at=again_at)

    def diagnosed(self, diagnosis: Diagnosis) -> Self:
        """Return the entry with a problem that does not stop refreshes."""
        return replace(self, diagnosis=diagnosis)

    def too_often(self, version_id: str, diagnosis: Diagnosis, allowed_at: datetime) -> Self:
        """Return the entry of a credential that is due more often than its version budget allows."""
        notified = diagnosis if self.status is Status.HEALTHY else self.diagnosis
        return replace(self, version_id=version_id, next_action_at=allowed_at, diagnosis=notified)

    def pardoned(self) -> Self:
        """Return the entry after a problem that did not stop refreshes is over."""
        return replace(self, diagnosis=None, alert=None)

    def still_notifying(self, alert: OpenAlert | None, again_at: datetime | None) -> Self:
        """Return the entry with its alert still open, because people could not be notified that it is over."""
        return replace(self, alert=alert, next_action_at=None if self.is_paused else again_at)
