"""The client of the Microsoft Advertising API, which checks whether a person has access to an account.

Sources: https://learn.microsoft.com/advertising/customer-management-service/getuser and
https://learn.microsoft.com/advertising/customer-management-service/getaccount
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import requests

from token_refresher.base import identifiers
from token_refresher.base.errors import ProviderError
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.sensitive import Sensitive
from token_refresher.base.text import readable
from token_refresher.credential.account import AccountAccess, AccountAnswer
from token_refresher.credential.document import Credential
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis, diagnose_ads
from token_refresher.providers.http import HttpAnswer, HttpClient

NO_HEADERS: Final[Mapping[str, str]] = {}

_CALLS: Final = 2

_LONGEST_NAME: Final = 100
"""Microsoft's limit for the name of an account. A longer name is cut."""

_CODE = re.compile(r"[0-9]{1,9}")
_TRACKING_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")
_ID = re.compile(r"[0-9]{1,19}")
_STATUS = re.compile(r"[A-Za-z]{1,32}")


class AdsApi:
    """A client of the REST API of the Customer Management service, version 13.

    Production and the sandbox are separate services with separate tokens and accounts.
    """

    def __init__(self, http: HttpClient, url: str, sandbox_url: str) -> None:
        self._http = http
        self._url, self._sandbox_url = (f"{host.rstrip('/')}/CustomerManagement/v13" for host in (url, sandbox_url))

    @property
    def deadline(self) -> timedelta:
        """The longest time of one check, which is two calls."""
        return _CALLS * self._http.deadline

    def verify_account(
        self,
        credential: Credential,
        access_token: Sensitive | None,
        time_left: timedelta,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> AccountAnswer | None:
        """Check whether the owner of an access token has access to the account of a credential.

        Args:
            credential: The credential, with the id of the account and the developer token.
            access_token: The access token of the person's consent.
            time_left: How long the check may take.
            headers: The headers that the API needs with a token of this provider.

        Returns:
            The answer, or ``None`` if there is no access token, no developer token or no account id.
        """
        if access_token is None or credential.developer_token is None or credential.account_id is None:
            return None
        if time_left < self.deadline:
            return AccountAnswer(AccountAccess.UNVERIFIED)
        return self.access(
            access_token,
            credential.developer_token,
            credential.account_id,
            is_sandbox=credential.is_sandbox,
            headers=headers,
        )

    def access(
        self,
        access_token: Sensitive,
        developer_token: Sensitive,
        account_id: str,
        *,
        is_sandbox: bool = False,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> AccountAnswer:
        """Check whether the owner of an access token has access to an account.

        Args:
            access_token: The access token of the consent.
            developer_token: The developer token of the operator.
            account_id: The id of the account, in digits.
            is_sandbox: Whether the account is one of the sandbox.
            headers: The headers that the API needs with a token of this provider.
        """
        url = self._sandbox_url if is_sandbox else self._url
        sent = {
            **headers,
            "Authorization": f"Bearer {access_token.reveal()}",
            "DeveloperToken": developer_token.reveal(),
        }
        try:
            # The first call proves both tokens, so that the answer of the second one is only about the account.
            for path, document in (("User/Query", {"UserId": None}), ("Account/Query", {"AccountId": account_id})):
                answer = self._http.post_json(f"{url}/{path}", document, sent)
                refusal = _refusal(answer)
                if refusal is not None:
                    return _refused(diagnose_ads(refusal))
        except ProviderError as error:
            return AccountAnswer(AccountAccess.UNVERIFIED, diagnose_ads(error.failure))
        return _found(answer, account_id)


def _found(answer: HttpAnswer, account_id: str) -> AccountAnswer:
    """Read the account. Its name, status and customer are shown and stored, so they are cleaned."""
    account = (answer.json_object() or {}).get("Account")
    if not isinstance(account, dict) or identifiers.number(str(account.get("Id"))) != identifiers.number(account_id):
        unusable = ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status)
        return AccountAnswer(AccountAccess.UNVERIFIED, diagnose_ads(unusable))
    name, status, customer_id = (
        str(account.get(key) or "") for key in ("Name", "AccountLifeCycleStatus", "ParentCustomerId")
    )
    return AccountAnswer(
        AccountAccess.REACHABLE,
        name=readable(name)[:_LONGEST_NAME].rstrip(),
        status=status if _STATUS.fullmatch(status) else "",
        customer_id=customer_id if _ID.fullmatch(customer_id) else "",
    )


def _refused(diagnosis: Diagnosis) -> AccountAnswer:
    """Return the answer for a refusal. Only a refusal about the person is a reason to reject the consent."""
    person = diagnosis.actor is Actor.USER
    return AccountAnswer(AccountAccess.REFUSED if person else AccountAccess.UNVERIFIED, diagnosis)


def _refusal(answer: HttpAnswer) -> ProviderFailure | None:
    """Return the allow-listed facts of a fault, or ``None`` if the answer is no fault.

    A fault may have status 200 (BingAds-Python-SDK#190).
    """
    fault = answer.json_object()
    codes = _codes(fault or {})
    if answer.status == requests.codes.ok and not codes:
        return None
    kind = FailureKind.UNUSABLE_ANSWER if fault is None else FailureKind.REFUSED
    tracking_id = str((fault or {}).get("TrackingId"))
    return ProviderFailure(
        kind,
        answer.status,
        codes=codes,
        correlation_id=tracking_id if _TRACKING_ID.fullmatch(tracking_id) else "",
    )


def _codes(fault: dict[str, Any]) -> tuple[int, ...]:
    """Return the codes of an AdApiFaultDetail or an ApiFault, which may be numbers or texts."""
    lists = [fault.get(key) for key in ("Errors", "OperationErrors")]
    errors = [error for errors in lists if isinstance(errors, list) for error in errors]
    codes = [str(error.get("Code")) for error in errors if isinstance(error, dict)]
    return tuple(int(code) for code in codes if _CODE.fullmatch(code))
