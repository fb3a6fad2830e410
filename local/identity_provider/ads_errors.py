"""The faults of the Microsoft Advertising API as data.

Codes: tag ADSOP. Shape: `adapifaultdetail.md` of tag CM.
Which HTTP status goes with which code is not documented; the ones here follow the meaning of the status.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AdsFault:
    """One row of the table of operation errors."""

    code: int
    symbol: str
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


class AdsError(Exception):
    """A call that the API answers with a fault; the detail says what this stand-in made of it."""

    def __init__(self, fault: AdsFault, detail: str) -> None:
        super().__init__(f"{fault.code} {fault.symbol}: {detail}")
        self.fault = fault
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """Return an AdApiFaultDetail."""
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
