"""Asking again about an account that is not known to be reached: promote first, verify later."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from token_refresher.account import AccountAccess, AccountAnswer, KnownAccount
from token_refresher.account_check import AccountCheck
from token_refresher.alerting import Alerting
from token_refresher.bookkeeping import Bookkeeping
from token_refresher.clock import Clock
from token_refresher.credential import Credential
from token_refresher.errors import CANNOT_TELL, StaleObservationError
from token_refresher.registry_entry import RegistryEntry


@dataclass(frozen=True)
class AccountVerification:
    """Verifies an account with the access token of a refresh that is promoted and recorded already.

    It stops nothing and changes no status: whoever does not reach the account is a matter between them and Microsoft
    Advertising, and the token is the only one there is.

    Attributes:
        check: Asks.
        alerting: Whom to tell.
        reserve: What has to be left of an invocation after the answer.
        clock: What time it is.
    """

    check: AccountCheck
    alerting: Alerting
    reserve: timedelta
    clock: Clock

    def verify(
        self, books: Bookkeeping, credential: Credential, time_left: Callable[[], timedelta]
    ) -> AccountAccess | None:
        """Ask while the account is not reached, record what was said, and tell whoever has to act, once.

        That goes for an account that was refused, too: who was refused may have been given access meanwhile.

        Args:
            books: The entry, written after the refresh.
            credential: What is current.
            time_left: Returns how long this invocation may still run.

        Returns:
            What was said, or ``None`` where nothing was asked.
        """
        known, account_id = books.entry.account, credential.account_id
        if known is None or account_id is None or known.of(account_id).access is AccountAccess.REACHABLE:
            return None
        answer = self.check.ask(credential, credential.access_token, time_left, self.reserve)
        if answer is None:
            return None
        # Where people cannot be told, or somebody has written the entry meanwhile, nothing of it is recorded: the next
        # refresh asks again.
        with suppress(StaleObservationError, *CANNOT_TELL):
            after = self._told(books.entry, known.of(account_id).answered(answer), answer, credential)
            if after != books.entry:
                books.save(after)
        return answer.access

    def _told(
        self, entry: RegistryEntry, account: KnownAccount, answer: AccountAnswer, credential: Credential
    ) -> RegistryEntry:
        """Tell people what is new to them, and return the entry that says so."""
        after, why = replace(entry, account=account), answer.diagnosis
        if answer.access is AccountAccess.REACHABLE:
            self.alerting.tell_account_reached(entry, after)
            return after
        if why is None or not why.actor.is_somebody:
            return entry  # It says nothing of the account.
        if account.told is why.actor:
            return after
        since = account.told_at or self.clock()
        self.alerting.tell_of_account(after, why, credential, since)
        return replace(after, account=replace(account, told=why.actor, told_at=since))
