"""The operations of the Microsoft Advertising API, v13, that say who signed in and which accounts they reach.

`User/Query`, `Accounts/Search` and `Account/Query` of the Customer Management service, in the JSON shapes of
its REST reference (tag CM), which writes long values as strings. The app serves them twice: for production, and
under `/sandbox` for the sandbox, which has its own host at Microsoft.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from local.identity_provider import ads_errors
from local.identity_provider.ads_errors import AdsError
from local.identity_provider.answers import as_json
from local.identity_provider.faults import FaultKind, Place
from local.identity_provider.people import LifeCycleStatus
from local.identity_provider.provider import current
from local.identity_provider.records import PRODUCTION_SCOPE, SANDBOX_SCOPE

if TYPE_CHECKING:
    from local.identity_provider.people import AdsAccount, Person
    from local.identity_provider.provider import Provider

blueprint = Blueprint("ads", __name__, url_prefix="/CustomerManagement/v13")

SANDBOX = "ads_sandbox"
"""The name under which the blueprint is registered for the sandbox."""

SANDBOX_PREFIX = "/sandbox/CustomerManagement/v13"

WRONG_DEVELOPER_TOKEN = "wrong"
"""Any other developer token is accepted."""

LAST_MODIFIED = "2026-01-31T09:00:00.117"
"""When each account was changed last: clients ask for what is newer than they have."""

SUPER_ADMIN = 41
"""The role of every person here; the number is from the sample in the reference."""


@dataclass(frozen=True)
class Caller:
    """The person and the app behind a call, and the access token that they sent."""

    person: Person
    client_id: str
    access_token: str = field(repr=False)


@blueprint.errorhandler(AdsError)
def fault(error: AdsError) -> Response:
    """Answer with a fault."""
    return as_json(error.body(), error.fault.status)


@blueprint.post("/User/Query")
def get_user() -> Response:
    """GetUser: return the caller; `UserId` is null or names them."""
    caller = _caller()
    user_id = _body().get("UserId")
    if user_id is not None and user_id != caller.person.user_id:
        raise AdsError(ads_errors.NOT_AUTHORIZED, "UserId names another user.")
    person = caller.person
    return as_json(
        {
            "User": {
                "Id": person.user_id,
                "UserName": person.username,
                "CustomerId": person.accounts[0].customer_id,
                "UserLifeCycleStatus": "Active",
                # The real API returns the access token here too, so a client must not log this answer.
                "AuthenticationToken": caller.access_token,
            },
            "CustomerRoles": [
                {
                    "RoleId": SUPER_ADMIN,
                    "CustomerId": account.customer_id,
                    "AccountIds": [account.account_id],
                    "LinkedAccountIds": None,
                    "CustomerLinkPermission": None,
                }
                for account in person.accounts
            ],
        }
    )


@blueprint.post("/Accounts/Search")
def search_accounts() -> Response:
    """SearchAccounts: return the caller's accounts that match one predicate, on `UserId` or `AccountId`."""
    caller = _caller()
    person = caller.person
    match _body():
        case {"Predicates": [{"Field": "UserId", "Operator": "Equals", "Value": str(user_id)}]}:
            found = person.accounts if user_id == person.user_id else ()
        case {"Predicates": [{"Field": "AccountId", "Operator": "Equals", "Value": str(account_id)}]}:
            found = tuple(filter(None, [person.account(account_id)]))
        case _:
            raise AdsError(
                ads_errors.NULL_REQUEST,
                "The stand-in knows one predicate: UserId or AccountId Equals a string.",
            )
    return as_json({"Accounts": [_account(caller, one) for one in found]})


@blueprint.post("/Account/Query")
def get_account() -> Response:
    """GetAccount: return an account that the caller reaches, or refuse."""
    caller, account_id = _caller(), _body().get("AccountId")
    account = caller.person.account(str(account_id))
    if account is None:
        raise AdsError(ads_errors.NOT_AUTHORIZED, "The user does not reach this account.")
    return as_json({"Account": _account(caller, account)})


def _caller() -> Caller:
    """Return the caller.

    Raises:
        AdsError: 105 or 109 for the access token, 116 for a missing header, or the fault that was queued.
    """
    provider = current()
    scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
    with provider.lock:
        known = provider.authority.bearer(access_token) if scheme == "Bearer" else None
        if known is None:
            raise AdsError(ads_errors.INVALID_CREDENTIALS, "The access token is missing or unknown.")
        _raise_queued_fault(provider, known.client_id)
        if provider.authority.now() >= known.expires_at:
            raise AdsError(ads_errors.TOKEN_EXPIRED, "The access token has expired.")
    # Since MFA enforcement the API requires this scope (tag ADSMFA), and each environment has its own.
    wanted = SANDBOX_SCOPE if request.blueprint == SANDBOX else PRODUCTION_SCOPE
    if wanted not in known.scope:
        raise AdsError(ads_errors.INVALID_CREDENTIALS, f"The scope of the access token lacks {wanted}.")
    _check_developer_token(request.headers.get("DeveloperToken", ""))
    return Caller(known.person, known.client_id, access_token)


def _raise_queued_fault(provider: Provider, client_id: str) -> None:
    fault = provider.faults.take(client_id, Place.ADS_API)
    if fault is None:
        return
    if fault.kind is FaultKind.ADS_ERROR and fault.ads_code is not None:
        raise AdsError(ads_errors.ON_DEMAND[fault.ads_code], "A queued fault answers with this code.")
    raise AdsError(ads_errors.UNAVAILABLE, "A queued fault makes the API unavailable.")


def _check_developer_token(developer_token: str) -> None:
    if not developer_token.strip():
        raise AdsError(ads_errors.MISSING_HEADERS, "The DeveloperToken header is missing.")
    if developer_token == WRONG_DEVELOPER_TOKEN:
        raise AdsError(ads_errors.INVALID_CREDENTIALS, "The developer token is not valid here.")


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise AdsError(ads_errors.NULL_REQUEST, "The body must be a JSON object.")
    return body


def _account(caller: Caller, account: AdsAccount) -> dict[str, str]:
    key = (caller.client_id, account.account_id)
    return {
        "Id": account.account_id,
        "Number": account.number,
        "Name": account.name,
        "ParentCustomerId": account.customer_id,
        "AccountLifeCycleStatus": current().life_cycles.get(key, LifeCycleStatus.ACTIVE),
        "AccountFinancialStatus": "ClearFinancialStatus",
        "LastModifiedTime": LAST_MODIFIED,
    }
