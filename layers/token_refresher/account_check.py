"""The check before the write: is a consent's grant whole, whose is it, and does it reach the account?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from token_refresher.account import AccountAccess, AccountAnswer
from token_refresher.ads_api import AdsApi
from token_refresher.clock import Clock, to_rfc3339
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending
from token_refresher.consents import StartedConsent
from token_refresher.credential import Credential
from token_refresher.grant import Grant, Identity
from token_refresher.id_token import InvalidIdTokenError, identify
from token_refresher.rotation import TOKENS_RESERVE
from token_refresher.sensitive import Sensitive

_NO_RESOURCE_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes that are about the sign-in: the answer's ``scope`` need not repeat them."""


@dataclass(frozen=True)
class Checked:
    """A grant that may be stored.

    Attributes:
        identity: Who consented.
        answer: What Microsoft Advertising says of them and the account; ``None`` where there is nothing to ask.
    """

    identity: Identity
    answer: AccountAnswer | None

    def described(self, result: ConsentResult, credential: Credential) -> ConsentResult:
        """Return a result with what its page has to say of the account.

        An account that is not active, or of another customer, is no reason to refuse a consent: it may be activated,
        and agencies work with their own customer id. The page names it.
        """
        answer = self.answer
        if answer is None:
            return result
        why, is_elsewhere = answer.diagnosis, credential.customer_id not in {None, answer.customer_id}
        return replace(
            result,
            account_name=answer.name or result.account_name,
            account_status=answer.trouble,
            customer_id=answer.customer_id if is_elsewhere else "",
            verified=answer.access is AccountAccess.REACHABLE,
            cause=why.cause if why else "",
            action=why.next_step if why else "",
            code=why.code if why else "",
        )


@dataclass(frozen=True)
class AccountCheck:
    """Checks a grant before anything of it is written."""

    ads_api: AdsApi
    clock: Clock

    def check(
        self,
        started: StartedConsent,
        credential: Credential,
        grant: Grant,
        time_left: Callable[[], timedelta],
        account_name: str = "",
    ) -> Checked:
        """Return who consented, and what Microsoft Advertising says of their access to the account.

        Args:
            started: The consent under way.
            credential: What it is for.
            grant: What came of it.
            time_left: Returns how long this invocation may still run: a good consent is not lost over this check.
            account_name: What the account is called, where that is known from before.

        Raises:
            ConsentEndedError: The grant is not to be stored.
        """
        try:
            identity = identify(grant.id_token, credential.client_id, started.nonce, self.clock())
        except InvalidIdTokenError:
            identity = None
        username = identity.username if identity else ""
        if grant.refresh_token is None:
            raise ConsentEndedError(_result(Ending.NO_REFRESH_TOKEN, started, username))
        if _lacks_scope(credential, grant):
            raise ConsentEndedError(_result(Ending.MISSING_SCOPE, started, username))
        if identity is None:
            raise ConsentEndedError(_result(Ending.UNKNOWN_PERSON, started, ""))
        _check_person(started, credential, identity)
        identity = identity.following(credential.identity)
        answer = self.ask(credential, grant.access_token, time_left, TOKENS_RESERVE)
        if answer is None or answer.access is not AccountAccess.REFUSED:
            return Checked(identity, answer)
        refused = replace(_result(Ending.NO_ACCOUNT_ACCESS, started, username), account_name=account_name)
        raise ConsentEndedError(Checked(identity, answer).described(refused, credential))

    def ask(
        self,
        credential: Credential,
        access_token: Sensitive | None,
        time_left: Callable[[], timedelta],
        reserve: timedelta,
    ) -> AccountAnswer | None:
        """Ask Microsoft Advertising whether the person behind a token reaches the account of a credential.

        Args:
            credential: Names the account, and holds the developer token.
            access_token: What came of the person's consent.
            time_left: Returns how long this invocation may still run.
            reserve: What has to be left of it after the answer.

        Returns:
            The answer, or ``None`` where there is nothing to ask with or nothing to ask about.
        """
        if access_token is None or credential.developer_token is None or credential.account_id is None:
            return None
        if time_left() < self.ads_api.deadline + reserve:
            return AccountAnswer(AccountAccess.UNVERIFIED)
        return self.ads_api.access(
            access_token, credential.developer_token, credential.account_id, is_sandbox=credential.is_sandbox
        )


def _check_person(started: StartedConsent, credential: Credential, identity: Identity) -> None:
    """Refuse another person than the last one, unless it was agreed that they take over."""
    last = credential.identity
    if last is None or last.is_same_person(identity) or started.accepted_person == identity.person:
        return
    raise ConsentEndedError(
        replace(
            _result(Ending.OTHER_PERSON, started, identity.username),
            person=identity.person,
            previous_username=last.username,
            at=to_rfc3339(last.consented_at),
        )
    )


def _result(ending: Ending, started: StartedConsent, username: str) -> ConsentResult:
    """Return a result that offers a fresh start of the same consent."""
    return ConsentResult(ending, started.credential, started.invite, username=username)


def _lacks_scope(credential: Credential, grant: Grant) -> bool:
    """Microsoft grants what was accepted, which may be less than what was asked for.

    Each scope is compared whole, with its host: the permission of one environment is none in the other.
    """
    return not set(credential.scope.split()) - _NO_RESOURCE_SCOPES <= set(grant.scope.split())
