"""What is recorded at the end of a look at a credential, and who is told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from token_refresher.alerting import Alerting
from token_refresher.bookkeeping import Bookkeeping
from token_refresher.circuit import hold
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.diagnosis import Diagnosis, too_many_versions, unknown_for_long
from token_refresher.errors import CANNOT_TELL
from token_refresher.outcome import Outcome, Result
from token_refresher.registry_entry import RegistryEntry
from token_refresher.retry import confirmation_delay, retry_delay
from token_refresher.rotation import Version
from token_refresher.status import status_for
from token_refresher.timing import Timing
from token_refresher.verdict import Verdict, verdict
from token_refresher.version_budget import VersionBudget
from token_refresher.warnings_ahead import WarningsAhead

TOLD_AGAIN: Final = timedelta(minutes=1)
"""When it is tried again to tell people what they could not be told; with the next tick, that is."""

PROBED_AGAIN: Final = timedelta(hours=1)
"""When a credential that waits for a person is probed again after a probe that got no answer."""


@dataclass(frozen=True)
class Aftermath:
    """Records how a look ended, tells whoever has to know, and says so.

    People are told before it is recorded that they were: an alert may come twice, and is never lost.
    """

    books: Bookkeeping
    alerting: Alerting
    timing: Timing
    budget: VersionBudget
    clock: Clock
    spread: Callable[[], float]
    on_demand: bool = False
    """Whether somebody asked for the attempt: what is held back then was not due, and stays as it is."""

    def fresh(self, version: Version, result: Result, presented: str = "", issued: str = "") -> Outcome:
        """Record that the tokens are good."""
        credential, before = version.credential, self.books.entry
        now = self.clock()
        issued_at, expires_at = credential.refreshed_at or now, credential.expires_at or now
        next_action_at = self.timing.next_action_at(issued_at, expires_at, self.spread())
        after = before.fresh(version.version_id, credential, next_action_at)
        if before.is_too_often and self.budget.is_untouched(before.versions_spent_until, now):
            after = after.pardoned()
        try:
            after = self._told_of_the_end(before, after)
        except CANNOT_TELL:
            after = after.still_telling(before.alert, now + TOLD_AGAIN)
        self.books.save(WarningsAhead(self.alerting).give(after, credential))
        return Outcome(before.name, result, None, credential.expires_at, presented, issued)

    def _told_of_the_end(self, before: RegistryEntry, after: RegistryEntry) -> RegistryEntry:
        """Tell people that what they knew of is over, or who connected the credential, if they have yet to hear it."""
        if not after.unannounced or after.identity is None:
            return self.alerting.tell_over(before, after)
        intent, lease = before.intent, self.timing.lease
        if intent is not None and intent.is_consent and intent.may_be_under_way(self.clock(), lease):
            # Whoever takes the consent is about to tell. If they died, the lease ends.
            return after.still_telling(before.alert, intent.at + lease)
        self.alerting.tell_connected(before, after, after.identity)
        return after.announced(before.alert, self.clock())

    def refused(self, version: Version, diagnosis: Diagnosis, retry_after: timedelta | None, presented: str) -> Outcome:
        """Record a refusal, and whatever follows from it."""
        entry, credential, now = self.books.entry, version.credential, self.clock()
        if self._is_too_early_to_confirm(entry, diagnosis, now):
            return self._not_now(version, Result.RETRY_LATER, diagnosis)
        again_at = now + max(confirmation_delay(self.spread()), retry_after or timedelta(0))
        # One whose token has ended loses nothing by being asked again: somebody who need not act is worse.
        lives = credential.expires_at is not None and now < credential.expires_at
        match verdict(entry, diagnosis, now, ends_soon=lives and self._ends_before(again_at, credential)):
            case Verdict.PASSES:
                return self.retry_later(version, diagnosis, retry_after, presented)
            case Verdict.LASTS:
                self._ask_why(diagnosis, credential)
                return self.retry_later(version, diagnosis, retry_after, presented)
            case Verdict.UNCONFIRMED:
                return self._wait_until(again_at, version, diagnosis, presented=presented, says_something=True)
            case Verdict.NEEDS_A_PERSON:
                return self.needs_a_person(version.version_id, diagnosis, credential, presented)
            case Verdict.STILL_DEAD:
                return self.needs_a_person(version.version_id, entry.diagnosis or diagnosis, credential, presented)

    def _is_too_early_to_confirm(self, entry: RegistryEntry, diagnosis: Diagnosis, now: datetime) -> bool:
        """Tell whether somebody asked before the look that is to confirm an uncertain refusal, which says no more."""
        is_uncertain = diagnosis.actor.is_somebody and not diagnosis.certain and not entry.is_known_dead
        is_early = entry.failures > 0 and entry.next_action_at is not None and now < entry.next_action_at
        return self.on_demand and is_uncertain and is_early

    def _ask_why(self, diagnosis: Diagnosis, credential: Credential) -> None:
        """Tell the operator of an unknown code that lasts; it may still pass by itself, so it is tried on as before."""
        entry = self.books.observe(credential)
        lasting = unknown_for_long(diagnosis, entry.failing_since or self.clock())
        with suppress(*CANNOT_TELL):  # It lasts, so that the next look tells them.
            self.books.entry = self.alerting.tell(entry, lasting, credential)

    def retry_later(
        self,
        version: Version,
        diagnosis: Diagnosis,
        retry_after: timedelta | None,
        presented: str,
        *,
        result: Result = Result.RETRY_LATER,
        is_down: bool = False,
    ) -> Outcome:
        """Record a failure that passes by itself; warn of it once where the token may end before."""
        failures, now = self.books.entry.failures_with(diagnosis), self.clock()
        first, drawn = (
            now + retry_delay(failures, retry_after, spread, diagnosis.pause) for spread in (0.0, self.spread())
        )
        return self._wait_until(
            self._before_its_end(version, first, drawn),
            version,
            diagnosis,
            presented=presented,
            result=result,
            is_down=is_down,
        )

    def held_back(self, version: Version, diagnosis: Diagnosis, until: datetime) -> Outcome:
        """Record that no attempt was made, because the authority is down for everybody."""
        if self.on_demand:
            return self._not_now(version, Result.HELD_BACK, diagnosis)
        first = self.clock() + hold(self.timing.schedule_period, 0)
        return self._wait_until(
            self._before_its_end(version, first, until),
            version,
            diagnosis,
            result=Result.HELD_BACK,
            is_down=True,
        )

    def _wait_until(
        self,
        next_action_at: datetime,
        version: Version,
        diagnosis: Diagnosis,
        *,
        presented: str = "",
        result: Result = Result.RETRY_LATER,
        is_down: bool = False,
        says_something: bool = False,
    ) -> Outcome:
        entry = self.books.observe(version.credential)
        if entry.is_known_dead and not says_something:
            # A probe got no answer: no more is known than before.
            self.books.save(entry.reminded_at(self.clock() + PROBED_AGAIN))
            return Outcome(entry.name, result, diagnosis, version.credential.expires_at, presented)
        # Who was held back has not failed.
        failed = entry if result is Result.HELD_BACK else entry.failing(self.clock())
        after = failed.retrying(version.version_id, diagnosis, next_action_at)
        if self._ends_before(next_action_at, version.credential):
            # Where people cannot be told, the next look finds the same, and tells them.
            with suppress(*CANNOT_TELL):
                after = self.alerting.warn_of_risk(after, diagnosis, is_down=is_down)
        self.books.save(self._warned(after, version.credential))
        return Outcome(entry.name, result, diagnosis, version.credential.expires_at, presented)

    def needs_a_person(
        self, version_id: str, diagnosis: Diagnosis, credential: Credential | None, presented: str = ""
    ) -> Outcome:
        """Record a failure that somebody has to end, and tell them."""
        entry = self.books.observe(credential).failing(self.clock())
        after = entry.needing_a_person(version_id, diagnosis, status_for(diagnosis))
        return self._parked(after, diagnosis, credential, presented)

    def tell_again(self, diagnosis: Diagnosis, credential: Credential) -> Outcome:
        """Tell people what they could not be told before, without another attempt: nothing has changed since."""
        return self._parked(self.books.entry, diagnosis, credential, "")

    def _parked(
        self, entry: RegistryEntry, diagnosis: Diagnosis, credential: Credential | None, presented: str
    ) -> Outcome:
        # What is to be told is recorded before: whoever dies here tells it with the next look and without another
        # attempt, and whom somebody has overtaken tells nothing.
        self.books.save(entry.not_told(self.clock() + TOLD_AGAIN))
        told = self._told(diagnosis, credential)
        if told is not None:
            self.books.save(self._warned(told, credential))
        return Outcome(entry.name, Result.NEEDS_A_PERSON, diagnosis, entry.expires_at, presented)

    def _told(self, diagnosis: Diagnosis, credential: Credential | None) -> RegistryEntry | None:
        """Tell people, and return the entry that says so; ``None`` where they could not be told."""
        try:
            told = self.alerting.tell(self.books.entry, diagnosis, credential)
        except CANNOT_TELL:
            # The grant is as dead as it was, so the next look does nothing but tell them.
            return None
        remind_at = self.alerting.remind_at(told)
        # Whoever is about to tell it for all may yet fail.
        is_told = not told.waits_for_others and remind_at > self.clock()
        return told.reminded_at(remind_at) if is_told else told.not_told(self.clock() + TOLD_AGAIN)

    def _warned(self, entry: RegistryEntry, credential: Credential | None) -> RegistryEntry:
        """Give the warnings whose day has come, also for what fails or waits."""
        return WarningsAhead(self.alerting).give(entry, credential, works=False) if credential else entry

    def too_often(self, version: Version, allowed_at: datetime) -> Outcome:
        """Record that one more version would be one too many."""
        diagnosis = too_many_versions(allowed_at)
        if self.on_demand:
            return self._not_now(version, Result.TOO_OFTEN, diagnosis)
        after = self.books.observe(version.credential).too_often(version.version_id, diagnosis, allowed_at)
        # An incident that is open already is the one to be told of.
        if after.is_too_often:
            with suppress(*CANNOT_TELL):  # It is held back again with the next look, and told.
                after = self.alerting.tell(after, diagnosis, version.credential)
        self.books.save(after)
        return Outcome(after.name, Result.TOO_OFTEN, diagnosis, version.credential.expires_at)

    def _not_now(self, version: Version, result: Result, diagnosis: Diagnosis) -> Outcome:
        """Answer that a request was not carried out: nothing is recorded, and nobody told, of what is not wrong."""
        return Outcome(self.books.entry.name, result, diagnosis, version.credential.expires_at)

    def _before_its_end(self, version: Version, first: datetime, drawn: datetime) -> datetime:
        """Return when to try again: as drawn, but while the token lives not so late that no tick comes before its end.

        Without this it is our own pause, and not the outage, that costs the token.

        Args:
            version: What is current.
            first: The earliest time that may be drawn.
            drawn: The time that was drawn.
        """
        expires_at = version.credential.expires_at
        if expires_at is None or self.clock() >= expires_at:
            return drawn
        # A second less, because a tick at the very end is too late.
        last = expires_at - self.timing.schedule_period - timedelta(seconds=1)
        return max(first, min(drawn, last))

    def _ends_before(self, next_action_at: datetime, credential: Credential) -> bool:
        """Tell whether the access token has ended when the tick comes that follows an action's time."""
        return (
            credential.expires_at is not None and next_action_at + self.timing.schedule_period >= credential.expires_at
        )
