"""Verify the advertising account with the new access token, after the refresh: promote first, verify later."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from token_refresher.alerts.alerting import Alerting
from token_refresher.base.errors import CANNOT_NOTIFY, StaleObservationError
from token_refresher.base.pace import Pace
from token_refresher.credential.account import AccountAccess, AccountAnswer, KnownAccount
from token_refresher.credential.document import Credential
from token_refresher.providers.provider import Providers
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.registry import Registry
from token_refresher.registry.saving import save_result


@dataclass(frozen=True)
class AccountVerification:
    """Verifies an account with a new access token that is already current and in the registry entry.

    A refusal stops no refresh and changes no status: the provider decides who may use the account, and there is no
    other token.

    Attributes:
        providers: Finds the provider, which is asked whether a token reaches the account.
        alerting: Notifies people.
        registry: Holds the entries.
        pace: When to act.
    """

    providers: Providers
    alerting: Alerting
    registry: Registry
    pace: Pace

    def verify(
        self, entry: RegistryEntry, credential: Credential, time_left: Callable[[], timedelta]
    ) -> tuple[RegistryEntry, AccountAccess | None]:
        """Ask about an account that is not verified yet, write the answer, and notify once the person who must act.

        It also asks about an account that was refused: an administrator may have given the user access meanwhile.

        Args:
            entry: The registry entry, as it is stored after the refresh.
            credential: The current credential document.
            time_left: Returns how long this invocation may still run.

        Returns:
            The stored entry, and the answer, or ``None`` if the API was not asked.
        """
        known, account_id = entry.account, credential.account_id
        if known is None or account_id is None or known.of(account_id).access is AccountAccess.REACHABLE:
            return entry, None
        reserve = self.pace.timing.writes_reserve
        provider = self.providers.of(credential)
        answer = provider.verify_account(credential, credential.access_token, time_left() - reserve)
        if answer is None:
            return entry, None
        # If people cannot be notified, or another worker has written the entry meanwhile, write nothing: the next
        # refresh asks again.
        with suppress(StaleObservationError, *CANNOT_NOTIFY):
            after = self._notified(entry, known.of(account_id).answered(answer), answer, credential)
            if after != entry:
                entry = save_result(self.registry, entry, after)
        return entry, answer.access

    def _notified(
        self, entry: RegistryEntry, account: KnownAccount, answer: AccountAnswer, credential: Credential
    ) -> RegistryEntry:
        """Notify people of a changed answer, and return the entry that says so."""
        after, why = replace(entry, account=account), answer.diagnosis
        if answer.access is AccountAccess.REACHABLE:
            self.alerting.notify_account_reached(entry, after)
            return after
        if why is None or not why.actor.must_act:
            return entry  # The answer says nothing about the account.
        if account.notified is why.actor:
            return after
        since = account.notified_at or self.pace.clock()
        self.alerting.notify_of_account(after, why, credential, since)
        return replace(after, account=replace(account, notified=why.actor, notified_at=since))
