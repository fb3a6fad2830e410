"""The check before the write: is a consent's grant whole, whose is it, and does it reach the account?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from token_refresher.ads_api import AccountAccess, AdsApi
from token_refresher.clock import Clock, to_rfc3339
from token_refresher.consent_result import ConsentEndedError, ConsentResult, Ending
from token_refresher.consents import StartedConsent
from token_refresher.credential import Credential
from token_refresher.grant import Grant, Identity
from token_refresher.id_token import InvalidIdTokenError, identify

_NO_RESOURCE_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes that are about the sign-in: the answer's ``scope`` need not repeat them."""


_WRITES_RESERVE = timedelta(seconds=4)
"""Two writes to Secrets Manager and one to the registry, as a rule within one second."""


@dataclass(frozen=True)
class AccountCheck:
    """Checks a grant before anything of it is written."""

    ads_api: AdsApi
    clock: Clock

    def check(
        self, started: StartedConsent, credential: Credential, grant: Grant, time_left: Callable[[], timedelta]
    ) -> tuple[Identity, bool]:
        """Return who consented, and whether Microsoft Advertising confirmed their access to the account.

        Args:
            started: The consent under way.
            credential: What it is for.
            grant: What came of it.
            time_left: Returns how long this invocation may still run: a good consent is not lost over this check.

        Raises:
            ConsentEndedError: The grant is not to be stored.
        """
        name, invite = started.credential, started.invite
        if grant.refresh_token is None:
            raise ConsentEndedError(ConsentResult(Ending.NO_REFRESH_TOKEN, name, invite))
        if _lacks_scope(credential, grant):
            raise ConsentEndedError(ConsentResult(Ending.MISSING_SCOPE, name, invite))
        identity = self._same_person(started, credential, grant)
        return identity, self._reaches_account(started, credential, grant, identity, time_left)

    def _same_person(self, started: StartedConsent, credential: Credential, grant: Grant) -> Identity:
        name, invite = started.credential, started.invite
        try:
            identity = identify(grant.id_token, credential.client_id, started.nonce, self.clock())
        except InvalidIdTokenError:
            raise ConsentEndedError(ConsentResult(Ending.UNKNOWN_PERSON, name, invite)) from None
        last = credential.identity
        if last is None or last.is_same_person(identity) or started.accepted_person == identity.person:
            return identity
        raise ConsentEndedError(
            ConsentResult(
                Ending.OTHER_PERSON,
                name,
                invite,
                username=identity.username,
                person=identity.person,
                previous_username=last.username,
                at=to_rfc3339(last.consented_at),
            )
        )

    def _reaches_account(
        self,
        started: StartedConsent,
        credential: Credential,
        grant: Grant,
        identity: Identity,
        time_left: Callable[[], timedelta],
    ) -> bool:
        if grant.access_token is None or credential.developer_token is None or credential.account_id is None:
            return True  # Nothing to ask with, or nothing to ask about.
        if time_left() < self.ads_api.deadline + _WRITES_RESERVE:
            return False
        answer = self.ads_api.access(grant.access_token, credential.developer_token, credential.account_id)
        if answer.access is AccountAccess.REFUSED:
            why = answer.diagnosis
            raise ConsentEndedError(
                ConsentResult(
                    Ending.NO_ACCOUNT_ACCESS,
                    started.credential,
                    started.invite,
                    username=identity.username,
                    account_id=credential.account_id,
                    cause=why.cause if why else "",
                    action=why.action if why else "",
                    code=why.code if why else "",
                )
            )
        return answer.access is AccountAccess.REACHABLE


def _lacks_scope(credential: Credential, grant: Grant) -> bool:
    """Microsoft grants what was accepted, which may be less than what was asked for."""
    return not set(credential.scope.split()) - _NO_RESOURCE_SCOPES <= set(grant.scope.split())
