"""The check before a grant is stored: is it complete, who consented, and do they reach the account?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from token_refresher.base import identifiers
from token_refresher.base.clock import Clock, to_rfc3339
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.pending import PendingConsent
from token_refresher.consent.result import ConsentEndedError, ConsentOutcome, ConsentResult
from token_refresher.credential.account import AccountAccess, AccountAnswer
from token_refresher.credential.document import Credential
from token_refresher.credential.grant import Grant
from token_refresher.credential.identity import Identity
from token_refresher.providers.id_token import InvalidIdTokenError
from token_refresher.providers.provider import Providers
from token_refresher.rotation.rotation import TOKENS_RESERVE


@dataclass(frozen=True)
class CheckedGrant:
    """The facts of a grant that may be stored.

    Attributes:
        identity: The person who consented.
        answer: What the provider says about their access to the account; ``None`` if it was not asked.
    """

    identity: Identity
    answer: AccountAnswer | None

    def described(self, result: ConsentResult, credential: Credential) -> ConsentResult:
        """Return a result with the facts of the account for its page.

        An account that is not active, or belongs to another customer, is no reason to refuse a consent: it may be
        activated, and agencies work with their own customer id. The page says so.
        """
        answer = self.answer
        if answer is None:
            return result
        why, customer_id = answer.diagnosis, identifiers.number(answer.customer_id)
        is_elsewhere = credential.customer_id not in {None, customer_id}
        return replace(
            result,
            account_name=answer.name or result.account_name,
            account_status=answer.trouble,
            customer_id=customer_id if is_elsewhere else "",
            verified=answer.access is AccountAccess.REACHABLE,
            cause=why.cause if why else "",
            # Only Microsoft's API answers.
            action=why.next_step(MICROSOFT) if why else "",
            code=why.code if why else "",
        )


@dataclass(frozen=True)
class GrantCheck:
    """Checks a grant before anything of it is stored."""

    providers: Providers
    clock: Clock

    def check(
        self,
        pending: PendingConsent,
        credential: Credential,
        grant: Grant,
        time_left: Callable[[], timedelta],
        account_name: str = "",
    ) -> CheckedGrant:
        """Return who consented, and what the provider says about their access to the account.

        Args:
            pending: The pending consent.
            credential: The credential that it is for.
            grant: The grant that the code was exchanged for.
            time_left: Returns how long this invocation may still run. If the time is short, the account is not checked:
                a good consent must not be lost over that.
            account_name: The name of the account, if it is known from before.

        Raises:
            ConsentEndedError: The grant must not be stored.
            InvalidIdTokenError: The ID token is wrong, and another sign-in would not help: the operator has to act.
        """
        provider, invalid = self.providers.of(credential), None
        try:
            identity = provider.identify(credential, grant, pending.nonce, self.clock())
        except InvalidIdTokenError as error:
            identity, invalid = None, error
        username = identity.username if identity else ""
        if grant.refresh_token is None:
            raise ConsentEndedError(_result(ConsentOutcome.NO_REFRESH_TOKEN, pending, username))
        if provider.missing_scopes(credential, grant.scope):
            raise ConsentEndedError(_result(ConsentOutcome.MISSING_SCOPE, pending, username))
        if invalid is not None and invalid.fault is not None:
            raise invalid
        if identity is None:
            raise ConsentEndedError(_result(ConsentOutcome.UNKNOWN_PERSON, pending, ""))
        _check_person(pending, credential, identity)
        identity = identity.following(credential.identity)
        answer = provider.verify_account(credential, grant.access_token, time_left() - TOKENS_RESERVE)
        if answer is None or answer.access is not AccountAccess.REFUSED:
            return CheckedGrant(identity, answer)
        refused = replace(_result(ConsentOutcome.NO_ACCOUNT_ACCESS, pending, username), account_name=account_name)
        raise ConsentEndedError(CheckedGrant(identity, answer).described(refused, credential))


def _check_person(pending: PendingConsent, credential: Credential, identity: Identity) -> None:
    """Refuse another person than the last one, unless that person has confirmed to take over."""
    last = credential.identity
    if last is None or last.is_same_person(identity) or pending.accepted_person == identity.person:
        return
    raise ConsentEndedError(
        replace(
            _result(ConsentOutcome.OTHER_PERSON, pending, identity.username),
            person=identity.person,
            previous_username=last.username,
            at=to_rfc3339(last.consented_at),
        )
    )


def _result(ending: ConsentOutcome, pending: PendingConsent, username: str) -> ConsentResult:
    """Return a result that offers a new start of the same consent."""
    return ConsentResult(ending, pending.credential, pending.invite, username=username)
