"""The Microsoft Advertising API, as far as a consent needs it: may this person reach that account?

Sources: https://learn.microsoft.com/advertising/customer-management-service/getuser and
https://learn.microsoft.com/advertising/customer-management-service/getaccount
"""

import re
from datetime import timedelta
from typing import Any, Final

import requests

from token_refresher.account import AccountAccess, AccountAnswer
from token_refresher.diagnosis import Actor, Diagnosis, diagnose_ads
from token_refresher.errors import ProviderError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.http_client import HttpAnswer, HttpClient
from token_refresher.readable import readable
from token_refresher.sensitive import Sensitive

_CALLS: Final = 2

_LONGEST_NAME: Final = 100
"""Microsoft's own limit for the name of an account; whatever is longer is cut."""

_CODE = re.compile(r"[0-9]{1,9}")
_TRACKING_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")
_ID = re.compile(r"[0-9]{1,19}")
_STATUS = re.compile(r"[A-Za-z]{1,32}")


class AdsApi:
    """Asks the Customer Management service, version 13, in its REST form.

    The sandbox is a service of its own: neither knows the other's tokens and accounts.
    """

    def __init__(self, http: HttpClient, url: str, sandbox_url: str) -> None:
        self._http = http
        self._url, self._sandbox_url = (f"{host.rstrip('/')}/CustomerManagement/v13" for host in (url, sandbox_url))

    @property
    def deadline(self) -> timedelta:
        """The longest that one answer can take."""
        return _CALLS * self._http.deadline

    def access(
        self, access_token: Sensitive, developer_token: Sensitive, account_id: str, *, is_sandbox: bool = False
    ) -> AccountAnswer:
        """Tell whether the person behind a token reaches an account.

        Args:
            access_token: Of the consent to be checked.
            developer_token: Of the operator.
            account_id: The account's id, in digits.
            is_sandbox: Whether it is an account of the sandbox.
        """
        url = self._sandbox_url if is_sandbox else self._url
        headers = {
            "Authorization": f"Bearer {access_token.reveal()}",
            "DeveloperToken": developer_token.reveal(),
        }
        try:
            # The first call proves both tokens, so that the second one's answer is about the account alone.
            for path, document in (("User/Query", {"UserId": None}), ("Account/Query", {"AccountId": account_id})):
                answer = self._http.post_json(f"{url}/{path}", document, headers)
                refusal = _refusal(answer)
                if refusal is not None:
                    return _refused(diagnose_ads(refusal))
        except ProviderError as error:
            return AccountAnswer(AccountAccess.UNVERIFIED, diagnose_ads(error.failure))
        return _found(answer, account_id)


def _found(answer: HttpAnswer, account_id: str) -> AccountAnswer:
    """Read the account; what comes beside its id is shown and stored, so that it is made fit for that."""
    account = (answer.json_object() or {}).get("Account")
    if not isinstance(account, dict) or str(account.get("Id")) != account_id:
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
    """Return the answer to a refusal: only one that is about the person is a reason to turn them away."""
    person = diagnosis.actor is Actor.USER
    return AccountAnswer(AccountAccess.REFUSED if person else AccountAccess.UNVERIFIED, diagnosis)


def _refusal(answer: HttpAnswer) -> ProviderFailure | None:
    """Return the allow-listed facts of a fault, or nothing for an answer that is none.

    A fault may come with a 200 (BingAds-Python-SDK#190).
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
    """Return the codes of an AdApiFaultDetail or an ApiFault, numbers or texts as they may be."""
    lists = [fault.get(key) for key in ("Errors", "OperationErrors")]
    errors = [error for errors in lists if isinstance(errors, list) for error in errors]
    codes = [str(error.get("Code")) for error in errors if isinstance(error, dict)]
    return tuple(int(code) for code in codes if _CODE.fullmatch(code))
