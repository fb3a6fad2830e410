"""The faults of the Microsoft Advertising API as data.

Codes: tag ADSOP. Shapes: `adapifaultdetail.md` and `apifault.md` of tag CM.
Microsoft does not document which HTTP status goes with which code. These follow the meaning of the status, among
those for which the SDK expects a fault: 400, 401, 403 and 500. Only the outage has another one, 503.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AdsFault:
    """One row of the table of operation errors. Those of only the Customer services have no symbol."""

    code: int
    symbol: str | None
    message: str
    status: int


INVALID_CREDENTIALS = AdsFault(
    105,
    "InvalidCredentials",
    "Authentication failed. Either supplied credentials are invalid or the account is inactive",
    401,
)
TOKEN_EXPIRED = AdsFault(
    109,
    "AuthenticationTokenExpired",
    "Authentication token expired. Please renew the token or obtain a new one.",
    401,
)
NOT_AUTHORIZED = AdsFault(106, "UserIsNotAuthorized", "The user does not represent an authorized developer.", 403)
MISSING_HEADERS = AdsFault(116, "RequestMissingHeaders", "The request message is missing required headers.", 400)
NULL_REQUEST = AdsFault(100, "NullRequest", "The request message is null.", 400)
UNAVAILABLE = AdsFault(0, "InternalError", "An internal error has occurred. The operation may be retried.", 503)

ON_DEMAND = {
    fault.code: fault
    for fault in (
        INVALID_CREDENTIALS,
        NOT_AUTHORIZED,
        AdsFault(108, "UserCompromised", "Suspicious activity was seen; the user has to set a new password.", 403),
        TOKEN_EXPIRED,
        AdsFault(117, "CallRateExceeded", "Too many calls were made within a minute.", 400),
        AdsFault(120, "UserLoginAccessDenied", "The user's logins were merged; use the primary one.", 403),
        AdsFault(122, "PersonalIdentityNotAvailable", "The user has a work account only.", 403),
        AdsFault(123, "WorkIdentityNotAvailable", "The user has a personal account only.", 403),
        AdsFault(124, "PersonalIdentityMigratedToWork", "The user has moved to a work account.", 403),
        AdsFault(125, "PersonalIdentityNotAllowedByCustomer", "The customer asks for a work account.", 403),
        AdsFault(126, "IdentityTypeMismatch", "WorkAccountIsRequired", 403),
        AdsFault(1001, None, "The user is not authorized to perform this action.", 403),
    )
}
"""The faults that `ads_error` can answer with, by code."""


class AdsError(Exception):
    """A call that the API answers with a fault; `detail` says why this stand-in refuses."""

    def __init__(self, fault: AdsFault, detail: str) -> None:
        super().__init__(f"{fault.code}: {detail}")
        self.fault = fault
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """Return an AdApiFaultDetail, or an ApiFault if the code has no symbol."""
        if self.fault.symbol is None:
            return {
                "TrackingId": str(uuid.uuid4()),
                "Type": "ApiFault",
                "OperationErrors": [{"Code": self.fault.code, "Details": self.detail, "Message": self.fault.message}],
            }
        return {
            "TrackingId": str(uuid.uuid4()),
            "Type": "AdApiFaultDetail",
            "Errors": [
                {
                    "Code": self.fault.code,
                    "ErrorCode": self.fault.symbol,
                    "Message": self.fault.message,
                    "Detail": self.detail,
                }
            ],
        }
