"""The Microsoft Advertising API, as far as a consent needs it: may this person reach that account?

Source: https://learn.microsoft.com/advertising/customer-management-service/searchaccounts
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import requests

from token_refresher.diagnosis import Actor, Diagnosis, ads_account_not_listed, diagnose_ads
from token_refresher.errors import ProviderError
from token_refresher.failure import FailureKind, ProviderFailure
from token_refresher.http_client import HttpAnswer, HttpClient
from token_refresher.sensitive import Sensitive

_CALLS: Final = 2

_CODE = re.compile(r"[0-9]{1,9}")
_TRACKING_ID = re.compile(r"[0-9A-Fa-f-]{8,64}")


class AccountAccess(StrEnum):
    """What the API says about a person and an account."""

    REACHABLE = "reachable"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    """No answer, or one that is not about the person: a good consent is not lost for that."""


@dataclass(frozen=True)
class AccountAnswer:
    """What the API says, and why.

    Attributes:
        access: Whether the person reaches the account.
        diagnosis: Why not, or why it is not known; ``None`` where they do.
    """

    access: AccountAccess
    diagnosis: Diagnosis | None = None


class AdsApi:
    """Asks the Customer Management service, version 13, in its REST form."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/CustomerManagement/v13"

    @property
    def deadline(self) -> timedelta:
        """The longest that one answer can take."""
        return _CALLS * self._http.deadline

    def access(self, access_token: Sensitive, developer_token: Sensitive, account_id: str) -> AccountAnswer:
        """Tell whether the person behind a token reaches an account.

        Args:
            access_token: Of the consent to be checked.
            developer_token: Of the operator.
            account_id: The account's id, in digits.
        """
        headers = {
            "Authorization": f"Bearer {access_token.reveal()}",
            "DeveloperToken": developer_token.reveal(),
        }
        search = {
            "Predicates": [{"Field": "AccountId", "Operator": "Equals", "Value": account_id}],
            "PageInfo": {"Index": 0, "Size": 10},
        }
        try:
            # The first call proves both tokens, so that the second one's answer is about the account alone.
            for path, document in (("User/Query", {"UserId": None}), ("Accounts/Search", search)):
                answer = self._http.post_json(f"{self._url}/{path}", document, headers)
                refusal = _refusal(answer)
                if refusal is not None:
                    return _refused(diagnose_ads(refusal))
        except ProviderError as error:
            return AccountAnswer(AccountAccess.UNVERIFIED, diagnose_ads(error.failure))
        return _found(answer, account_id)


def _found(answer: HttpAnswer, account_id: str) -> AccountAnswer:
    accounts = (answer.json_object() or {}).get("Accounts")
    if not isinstance(accounts, list):
        unusable = ProviderFailure(FailureKind.UNUSABLE_ANSWER, answer.status)
        return AccountAnswer(AccountAccess.UNVERIFIED, diagnose_ads(unusable))
    if any(isinstance(account, dict) and str(account.get("Id")) == account_id for account in accounts):
        return AccountAnswer(AccountAccess.REACHABLE)
    return AccountAnswer(AccountAccess.REFUSED, ads_account_not_listed())


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
