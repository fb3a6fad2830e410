"""The Microsoft Advertising API, as far as a consent needs it: may this person reach that account?

Source: https://learn.microsoft.com/advertising/customer-management-service/searchaccounts
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import requests

from token_refresher.errors import ProviderError
from token_refresher.http_client import HttpAnswer, HttpClient
from token_refresher.sensitive import Sensitive

_CALLS: Final = 2

_NO_ACCESS: Final = frozenset({106, 108, 120, 122, 123, 124, 125, 126, 1001})
"""The codes that are about the person: not authorized, or signed in with the wrong kind of account."""


class AccountAccess(StrEnum):
    """What the API says about a person and an account."""

    REACHABLE = "reachable"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    """No answer, or one that is not about the person: a good consent is not lost for that."""


class AdsApi:
    """Asks the Customer Management service, version 13, in its REST form."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/CustomerManagement/v13"

    @property
    def deadline(self) -> timedelta:
        """The longest that one answer can take."""
        return _CALLS * self._http.deadline

    def access(self, access_token: Sensitive, developer_token: Sensitive, account_id: str) -> AccountAccess:
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
                if answer.status != requests.codes.ok:
                    return _refusal(answer)
        except ProviderError:
            return AccountAccess.UNVERIFIED
        return _found(answer, account_id)


def _found(answer: HttpAnswer, account_id: str) -> AccountAccess:
    accounts = (answer.json_object() or {}).get("Accounts")
    if not isinstance(accounts, list):
        return AccountAccess.UNVERIFIED
    reached = any(isinstance(account, dict) and str(account.get("Id")) == account_id for account in accounts)
    return AccountAccess.REACHABLE if reached else AccountAccess.REFUSED


def _refusal(answer: HttpAnswer) -> AccountAccess:
    return AccountAccess.REFUSED if _NO_ACCESS & set(_codes(answer.json_object() or {})) else AccountAccess.UNVERIFIED


def _codes(fault: dict[str, Any]) -> list[int]:
    """Return the codes of an AdApiFaultDetail or an ApiFault."""
    lists = [fault.get(key) for key in ("Errors", "OperationErrors")]
    errors = [error for errors in lists if isinstance(errors, list) for error in errors]
    return [error["Code"] for error in errors if isinstance(error, dict) and isinstance(error.get("Code"), int)]
