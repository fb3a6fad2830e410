"""How what is known of one credential follows from what happens to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from token_refresher.alert import Event
from token_refresher.answer import Answer
from token_refresher.credential import Credential
from token_refresher.diagnosis import Diagnosis
from token_refresher.intent import Intent
from token_refresher.open_alert import OpenAlert
from token_refresher.registry_record import RegistryRecord
from token_refresher.status import Status

_REMEMBERED: Final = 16
"""Half a day of refreshes: an editor is rarely open for longer."""


@dataclass(frozen=True)
class RegistryEntry(RegistryRecord):
    """What is known of one credential; what happens to it makes of one entry the next."""

    @classmethod
    def discovered(cls, name: str, version_id: str, now: datetime, *, is_paused: bool = False) -> Self:
        """Return the entry of a secret that was not known: to be looked at now, unless its secret shows a pause.

        The registry can be lost. What an operator set aside must not come back by that.
        """
        entry = cls(name, version_id, Status.AWAITING_CONSENT, next_action_at=now)
        return entry.paused() if is_paused else entry

    def paused(self) -> Self:
        """Return the entry of a credential that an operator sets aside: it is not looked at before it is resumed.

        What people know of this credential alone ends with it, and nobody is told so: whoever set it aside knows, and
        an end that is announced after a pause of weeks would count these as trouble. If it still fails after that, it
        is news. What it shares with others is theirs too: a paused credential counts for nothing in their incident
        (`SharedAlerting`), and it takes leave of it, or joins it again, with the first look after it was resumed.
        """
        if self.is_paused:
            return self
        alert = self.alert if self.alert and self.alert.incident else None
        return replace(self, status=Status.PAUSED, next_action_at=None, alert=alert, untold=False)

    def resumed(self, now: datetime) -> Self:
        """Return the entry of a credential that is at work again: to be looked at now.

        What failed when it was paused is tried, for only an attempt tells whether it still does. Good tokens that are
        not due yet cost no exchange.
        """
        if not self.is_paused:
            return self
        good = Status.HEALTHY if self.refreshed_at else Status.AWAITING_CONSENT
        return replace(self, status=Status.RETRYING if self.diagnosis else good, next_action_at=now)

    def answered(self, answer: Answer) -> Self:
        """Return the entry with how the last refresh ended that somebody asked for."""
        return replace(self, answer=answer)

    def changed(self, version_id: str, now: datetime, *, is_edit: bool = True) -> Self:
        """Return the entry once the secret was seen: to be looked at now if it was written, unless it is paused.

        What was wrong beside good refreshes may be mended by an edit, and is reported again if it is not. An attempt of
        ours that did not come to its end is no edit (``is_edit``).
        """
        if version_id == self.version_id:
            return self
        due = None if self.is_paused else now
        diagnosis = None if self.status is Status.HEALTHY and not self.is_too_often else self.diagnosis
        # What stopped nothing is told to be over with the next good look, or told anew.
        alert = self.alert
        if alert is not None and alert.beside and not self.is_too_often:
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
            untold=False,
            account=account,
        )

    def observing(self, credential: Credential) -> Self:
        """Return the entry with what the document says about tokens and consent, whatever else is wrong."""
        return replace(
            self,
            expires_at=credential.expires_at,
            refreshed_at=credential.refreshed_at,
            refresh_token_issued_at=credential.refresh_token_issued_at,
            identity=credential.identity,
            client_id=credential.client_id,
        )

    def intending(self, intent: Intent) -> Self:
        """Return the entry with an exchange about to begin."""
        return replace(self, version_id=intent.version_id, intent=intent)

    def challenged(self, claims: str) -> Self:
        """Return the entry with what the next sign-in has to prove; a refusal without claims takes nothing back."""
        return replace(self, claims=claims or self.claims)

    def taken_back(self, intent: Intent, before: Self, noted: Self) -> Self:
        """Return the entry after an exchange of a code that brought nothing, as if it had not begun.

        Args:
            intent: Of that exchange; where another one has begun since, nothing is taken back.
            before: The entry before it.
            noted: The entry that recorded its beginning; what has changed since stays.
        """
        if self.intent is None or self.intent.attempt != intent.attempt:
            return self
        kept = replace(self, intent=before.intent.as_another_left_it() if before.intent else None)
        return (
            replace(kept, next_action_at=before.next_action_at) if self.next_action_at == noted.next_action_at else kept
        )

    def announced(self, known: OpenAlert | None, now: datetime) -> Self:
        """Return the entry once people were told of a consent, which ends what they knew of.

        Args:
            known: What they knew of.
            now: The time.
        """
        was_risk = known is not None and known.event is Event.REFRESH_AT_RISK
        return replace(
            self,
            unannounced=False,
            alert=self.alert if self.diagnosis else None,
            account=self.account.closed() if self.account else None,
            risk_over_at=now if was_risk else self.risk_over_at,
        )

    def ended(self, intent: Intent | None) -> Self:
        """Return the entry with what is to be remembered of the exchange."""
        return replace(self, intent=intent)

    def settled(self, credential: Credential) -> Self:
        """Return the entry once the tokens of its exchange are current."""
        if self.intent is None:
            return self
        intent, presented = self.intent.settled_by(credential), self.intent.base.presented
        lineage = self.lineage
        if self.intent.is_consent:
            lineage = (credential.fingerprint,)  # What was before it belongs to another sign-in.
        elif intent is not None and credential.fingerprint not in lineage:
            before = lineage if lineage[-1:] == (presented,) else (presented,)
            lineage = (*before, credential.fingerprint)[-_REMEMBERED:]
        unannounced = self.unannounced or self.intent.is_ended_by_consent(credential)
        return replace(self, intent=intent, lineage=lineage, unannounced=unannounced)

    def spending(self, versions_spent_until: datetime) -> Self:
        """Return the entry after one more version was decided on."""
        return replace(self, versions_spent_until=versions_spent_until)

    def fresh(self, version_id: str, credential: Credential, next_action_at: datetime) -> Self:
        """Return the entry of a credential whose tokens are good: whatever was wrong with its refreshes is over.

        What is wrong beside them (`diagnosed`) is not, and one that is paused is the operator's to resume.
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
            untold=False,
            diagnosis=self.diagnosis if self.status is Status.HEALTHY else None,
            alert=alert,
            unannounced=self.unannounced or (self.intent is not None and self.intent.is_ended_by_consent(credential)),
            intent=self.intent.settled_by(credential) if self.intent else None,
        )

    def connected(self, version_id: str, credential: Credential, next_action_at: datetime) -> Self:
        """Return the entry after a consent: whatever was wrong is over."""
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
        """Return the entry after a failure that a person has to end; looked at again to remind, or when it changes."""
        return replace(
            self,
            version_id=version_id,
            status=status,
            failures=self.failures_with(diagnosis),
            diagnosis=diagnosis,
        )

    def reminded_at(self, moment: datetime) -> Self:
        """Return the entry of a credential that is looked at again only when people are to be reminded of it."""
        return replace(self, next_action_at=moment)

    def failing(self, now: datetime) -> Self:
        """Return the entry after one more failed attempt, the first of which was maybe long ago."""
        alert = self.alert.failing() if self.alert else None
        return replace(self, failing_since=self.failing_since or now, alert=alert)

    def alerted(self, alert: OpenAlert) -> Self:
        """Return the entry after people were told."""
        return replace(self, alert=alert, untold=False)

    def not_told(self, again_at: datetime) -> Self:
        """Return the entry when people could not be told: they are to be, and without another attempt before."""
        return replace(self, untold=True, next_action_at=again_at)

    def diagnosed(self, diagnosis: Diagnosis) -> Self:
        """Return the entry with what is wrong beside the refreshes, which go on."""
        return replace(self, diagnosis=diagnosis)

    def too_often(self, version_id: str, diagnosis: Diagnosis, allowed_at: datetime) -> Self:
        """Return the entry of a credential that is due more often than its secret allows."""
        told = diagnosis if self.status is Status.HEALTHY else self.diagnosis
        return replace(self, version_id=version_id, next_action_at=allowed_at, diagnosis=told)

    def pardoned(self) -> Self:
        """Return the entry once what was wrong beside its refreshes is over."""
        return replace(self, diagnosis=None, alert=None)

    def still_telling(self, alert: OpenAlert | None, again_at: datetime | None) -> Self:
        """Return the entry with an incident left open, because people could not be told that it is over."""
        return replace(self, alert=alert, next_action_at=None if self.is_paused else again_at)
