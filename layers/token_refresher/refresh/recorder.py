"""Writes how an attempt ended into the registry entry, and notifies the people who have to know."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerts.alerting import Alerting
from token_refresher.alerts.expiry_warnings import ExpiryWarnings
from token_refresher.base.backoff import backoff, confirmation_delay
from token_refresher.base.errors import CANNOT_NOTIFY, MalformedCredentialError
from token_refresher.base.pace import Pace
from token_refresher.credential.document import Credential
from token_refresher.credential.scopes import less_scope
from token_refresher.credential.status import status_for
from token_refresher.diagnosis.diagnosis import Diagnosis, too_many_versions
from token_refresher.providers.catalogue.entry import RefreshTokenFacts
from token_refresher.providers.provider import Providers
from token_refresher.refresh.circuit import hold
from token_refresher.refresh.policy import (
    RefusalVerdict,
    before_expiry,
    expires_before,
    is_recovery,
    parted_action_at,
    refusal_verdict,
)
from token_refresher.refresh.unusable_name import diagnose_name
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.lasting import has_lasted, lasting
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.registry.publishing import Publishing
from token_refresher.registry.registry import Registry
from token_refresher.registry.saving import save_result
from token_refresher.rotation.rotation import Version
from token_refresher.rotation.version_budget import VersionBudget

NOTIFY_AGAIN: Final = timedelta(minutes=1)
"""When to notify people again whom this attempt could not notify: with the next tick."""

PUBLISH_AGAIN: Final = timedelta(minutes=1)
"""When to publish again what could not be published: with the next tick."""

PROBE_AGAIN: Final = timedelta(hours=1)
"""When to probe a credential again that waits for a person, after a probe without an answer."""


@dataclass(frozen=True)
class Recorded:
    """How an attempt ended.

    Attributes:
        entry: The registry entry as this attempt leaves it.
        outcome: What the handler logs and counts.
    """

    entry: RegistryEntry
    outcome: Outcome


@dataclass(frozen=True)
class OutcomeRecorder:
    """Writes how an attempt ended, and notifies people.

    People are notified before the entry says so: an alert may come twice, and is never lost. Each method takes the
    entry as the attempt knows it, and returns the entry as it is stored, with the outcome.

    Attributes:
        registry: Holds the entries.
        alerting: Notifies people.
        budget: How many versions a secret may get.
        pace: When to act.
        publishing: Gives consumers the tokens.
        providers: Finds the provider of a credential.
        on_demand: Whether an operator requested the attempt. If it is held back, the entry does not change.
    """

    registry: Registry
    alerting: Alerting
    budget: VersionBudget
    pace: Pace
    publishing: Publishing
    providers: Providers
    on_demand: bool = False

    def fresh(
        self, before: RegistryEntry, version: Version, result: Result, presented: str = "", issued: str = ""
    ) -> Recorded:
        """Write that the tokens are good, and notify people of a recovery, or of a scope that is too narrow."""
        credential = version.credential
        now = self.pace.clock()
        # Before the entry says that all is done: if this worker dies, the next one finds the attempt unfinished.
        published = self.publishing.publish(before, credential, now)
        before = published.entry
        issued_at, expires_at = credential.refreshed_at or now, credential.expires_at or now
        next_action_at = self.pace.timing.next_action_at(issued_at, expires_at, self.pace.spread())
        if result is Result.REFRESHED and is_recovery(before, issued_at):
            next_action_at = parted_action_at(before.name, credential, self.pace.timing) or next_action_at
        after = before.fresh(version.version_id, credential, next_action_at)
        if before.is_too_often and self.budget.is_untouched(before.versions_spent_until, now):
            after = after.pardoned()
        if published.missing and after.next_action_at is not None:
            after = after.reminded_at(min(after.next_action_at, now + PUBLISH_AGAIN))
        granted = credential.granted_scope
        missing = self.providers.of(credential).missing_scopes(credential, granted) if granted else ()
        # After an edit of ``scope``, only the next answer tells whether the scope is granted.
        if missing and (result is Result.REFRESHED or before.is_short_of_scope):
            after = self._notified_beside(
                after.short_of_scope(less_scope(missing, after.issuer.words), before.alert), credential
            )
        elif published.refused is not None:
            after = self._notified_beside(after.not_published(published.refused, before.alert), credential)
        else:
            try:
                after = self._notified_of_recovery(before, after)
            except CANNOT_NOTIFY:
                after = after.still_notifying(before.alert, now + NOTIFY_AGAIN)
        saved = self._save(before, self._warned(after, credential, works=True))
        return Recorded(saved, Outcome(before.name, result, None, credential.expires_at, presented, issued))

    def _notified_beside(self, after: RegistryEntry, credential: Credential) -> RegistryEntry:
        """Notify people of what is wrong beside good tokens: less scope than requested, or no secret for pipelines."""
        if after.diagnosis is not None and not after.is_paused:
            with suppress(*CANNOT_NOTIFY):  # The next refresh finds the same, and notifies them.
                return self.alerting.notify(after, after.diagnosis, credential)
        return after

    def _notified_of_recovery(self, before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
        """Notify people that an incident is over, or of a consent that they have not been notified of."""
        if not after.unannounced or after.identity is None:
            return self.alerting.notify_recovered(before, after)
        intent, lease = before.intent, self.pace.timing.lease
        if intent is not None and intent.is_consent and intent.may_be_under_way(self.pace.clock(), lease):
            # The worker that completes the consent notifies people. If it has died, its lease ends.
            return after.still_notifying(before.alert, intent.at + lease)
        self.alerting.notify_connected(before, after, after.identity)
        return after.announced(before.alert, self.pace.clock())

    def refused(
        self,
        entry: RegistryEntry,
        version: Version,
        diagnosis: Diagnosis,
        retry_after: timedelta | None,
        presented: str,
    ) -> Recorded:
        """Write that the provider refused the exchange, and what follows from that."""
        credential, now = version.credential, self.pace.clock()
        if self._is_too_early_to_confirm(entry, diagnosis, now):
            return self._not_now(entry, version, Result.RETRY_LATER, diagnosis)
        again_at = now + max(confirmation_delay(self.pace.spread()), retry_after or timedelta(0))
        # If the access token has expired already, a confirmation costs nothing, and spares people a false alert.
        is_valid = credential.expires_at is not None and now < credential.expires_at
        match refusal_verdict(
            entry, diagnosis, ends_soon=is_valid and expires_before(credential, again_at, self.pace.timing)
        ):
            case RefusalVerdict.PASSES:
                return self.retry_later(entry, version, diagnosis, retry_after, presented)
            case RefusalVerdict.UNCONFIRMED:
                return self._wait_until(entry, again_at, version, diagnosis, presented=presented, is_refusal=True)
            case RefusalVerdict.NEEDS_A_PERSON:
                return self.needs_a_person(entry, version.version_id, diagnosis, credential, presented)
            case RefusalVerdict.STILL_REJECTED:
                return self.needs_a_person(
                    entry, version.version_id, entry.diagnosis or diagnosis, credential, presented
                )

    def _is_too_early_to_confirm(self, entry: RegistryEntry, diagnosis: Diagnosis, now: datetime) -> bool:
        """Tell whether an operator requested this attempt before an uncertain refusal may be confirmed."""
        is_uncertain = diagnosis.actor.must_act and not diagnosis.certain and not entry.is_rejected
        is_early = entry.failures > 0 and entry.next_action_at is not None and now < entry.next_action_at
        return self.on_demand and is_uncertain and is_early

    def retry_later(
        self,
        entry: RegistryEntry,
        version: Version,
        diagnosis: Diagnosis,
        retry_after: timedelta | None,
        presented: str,
        *,
        result: Result = Result.RETRY_LATER,
        is_down: bool = False,
    ) -> Recorded:
        """Write a failure that may pass by itself; warn people once if the access token may expire before it does."""
        failures, now = entry.failures_with(diagnosis), self.pace.clock()
        first, drawn = (
            now + backoff(failures, retry_after, spread, diagnosis.pause) for spread in (0.0, self.pace.spread())
        )
        return self._wait_until(
            entry,
            before_expiry(version.credential, first, drawn, self.pace.timing, now),
            version,
            diagnosis,
            presented=presented,
            result=result,
            is_down=is_down,
        )

    def held_back(self, entry: RegistryEntry, version: Version, diagnosis: Diagnosis, until: datetime) -> Recorded:
        """Write that no exchange was tried, because the authority is down for all credentials."""
        if self.on_demand:
            return self._not_now(entry, version, Result.HELD_BACK, diagnosis)
        first = self.pace.clock() + hold(self.pace.timing.schedule_period, 0)
        return self._wait_until(
            entry,
            before_expiry(version.credential, first, until, self.pace.timing, self.pace.clock()),
            version,
            diagnosis,
            result=Result.HELD_BACK,
            is_down=True,
        )

    def _wait_until(
        self,
        entry: RegistryEntry,
        next_action_at: datetime,
        version: Version,
        diagnosis: Diagnosis,
        *,
        presented: str = "",
        result: Result = Result.RETRY_LATER,
        is_down: bool = False,
        is_refusal: bool = False,
    ) -> Recorded:
        entry = entry.observing(version.credential)
        if entry.is_rejected and not is_refusal:
            # A probe without an answer says nothing about the rejected grant.
            saved = self._save(entry, entry.reminded_at(self.pace.clock() + PROBE_AGAIN))
            return Recorded(saved, Outcome(entry.name, result, diagnosis, version.credential.expires_at, presented))
        entry = entry.failing_anew() if entry.is_rejected else entry
        # A credential that is held back has not failed, but its tokens are not renewed, either.
        now, was_tried = self.pace.clock(), result is not Result.HELD_BACK
        failed = entry.failing(now) if was_tried else entry.hindered(now)
        after = failed.retrying(version.version_id, diagnosis, next_action_at)
        # If people cannot be notified, the next attempt finds the same, and notifies them.
        if has_lasted(after, now):
            diagnosis = lasting(diagnosis, after)
            after = after.lasting(diagnosis)
            with suppress(*CANNOT_NOTIFY):
                after = self.alerting.notify(after, diagnosis, version.credential, is_down=is_down, was_tried=was_tried)
        elif expires_before(version.credential, next_action_at, self.pace.timing):
            with suppress(*CANNOT_NOTIFY):
                after = self.alerting.warn_of_risk(after, diagnosis, is_down=is_down)
        saved = self._save(entry, self._warned(after, version.credential))
        return Recorded(saved, Outcome(entry.name, result, diagnosis, version.credential.expires_at, presented))

    def needs_a_person(
        self,
        entry: RegistryEntry,
        version_id: str,
        diagnosis: Diagnosis,
        credential: Credential | None,
        presented: str = "",
    ) -> Recorded:
        """Write a failure that only a person can end, and notify them.

        Args:
            entry: The entry after the exchange, if there was one.
            version_id: The current version.
            diagnosis: What the failure means.
            credential: The document, or ``None`` if it is malformed.
            presented: The fingerprint of the refresh token that was used.
        """
        diagnosis = diagnose_name(entry.name, diagnosis)
        entry = (entry.observing(credential) if credential else entry).failing(self.pace.clock())
        after = entry.needing_a_person(version_id, diagnosis, status_for(diagnosis))
        if credential is not None:  # If that fails, consumers see it by the end of their token.
            after = self.publishing.publish(after, credential, self.pace.clock(), diagnosis).entry
        return self._save_and_notify(entry, after, diagnosis, credential, presented)

    def notify_again(self, entry: RegistryEntry, diagnosis: Diagnosis, credential: Credential) -> Recorded:
        """Notify people whom an earlier attempt could not notify, without another exchange: nothing has changed."""
        return self._save_and_notify(entry, entry, diagnosis, credential, "")

    def _save_and_notify(
        self,
        before: RegistryEntry,
        after: RegistryEntry,
        diagnosis: Diagnosis,
        credential: Credential | None,
        presented: str,
    ) -> Recorded:
        # Write first. If this worker dies then, the next attempt notifies people without another exchange. If another
        # worker has overtaken this one, the write fails, and this one notifies nobody.
        saved = self._save(before, after.not_notified(self.pace.clock() + NOTIFY_AGAIN))
        notified = self._notified(saved, diagnosis, credential)
        if notified is not None:
            saved = self._save(saved, self._warned(notified, credential))
        return Recorded(saved, Outcome(saved.name, Result.NEEDS_A_PERSON, diagnosis, after.expires_at, presented))

    def _notified(
        self, entry: RegistryEntry, diagnosis: Diagnosis, credential: Credential | None
    ) -> RegistryEntry | None:
        """Notify people, and return the entry that says so; ``None`` if they could not be notified."""
        try:
            notified = self.alerting.notify(entry, diagnosis, credential)
        except CANNOT_NOTIFY:
            # The grant stays rejected, so the next attempt only notifies them.
            return None
        remind_at = self.alerting.remind_at(notified)
        # The worker of another credential may be about to notify people for all credentials, but it may fail.
        is_notified = not notified.waits_for_others and remind_at > self.pace.clock()
        return (
            notified.reminded_at(remind_at) if is_notified else notified.not_notified(self.pace.clock() + NOTIFY_AGAIN)
        )

    def _warned(self, entry: RegistryEntry, credential: Credential | None, *, works: bool = False) -> RegistryEntry:
        """Give the expiry warnings that are due, also if the credential fails or waits."""
        if credential is None:
            return entry
        try:
            facts = self.providers.of(credential).entry.refresh_token
        except MalformedCredentialError:
            facts = RefreshTokenFacts()  # Nothing is known of the provider, perhaps because of what is wrong.
        return ExpiryWarnings(self.alerting).give(entry, credential, facts, works=works)

    def too_often(self, entry: RegistryEntry, version: Version, allowed_at: datetime) -> Recorded:
        """Write that the secret has no version left for an exchange, and notify the operator."""
        diagnosis = too_many_versions(allowed_at)
        if self.on_demand:
            return self._not_now(entry, version, Result.TOO_OFTEN, diagnosis)
        entry = entry.observing(version.credential)
        after = entry.too_often(version.version_id, diagnosis, allowed_at)
        # If another incident is open, people are notified of that one only.
        if after.is_too_often:
            with suppress(*CANNOT_NOTIFY):  # The next attempt is held back as well, and notifies them.
                after = self.alerting.notify(after, diagnosis, version.credential)
        saved = self._save(entry, after)
        return Recorded(saved, Outcome(after.name, Result.TOO_OFTEN, diagnosis, version.credential.expires_at))

    def _save(self, before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
        return save_result(self.registry, before, after)

    def _not_now(self, entry: RegistryEntry, version: Version, result: Result, diagnosis: Diagnosis) -> Recorded:
        """Return that a request was not carried out. Nothing is wrong, so write nothing, and notify nobody."""
        return Recorded(entry, Outcome(entry.name, result, diagnosis, version.credential.expires_at))
