"""Faults on demand: each app has a queue, and a request meets the first fault in it that fits."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

DEFAULT_SECONDS = 30


class Place(Enum):
    """The endpoint or grant at which a fault happens. It waits for a request of that kind."""

    AUTHORIZE = auto()
    CODE_GRANT = auto()
    TOKEN_ENDPOINT = auto()
    """Any grant, of a code or of a refresh token."""
    ADS_API = auto()


class FaultKind(StrEnum):
    """The kinds of faults."""

    # At the authorize endpoint, after the person has chosen an account: the error is redirected to the app.
    AUTHORIZE_CONSENT_REQUIRED = "authorize_consent_required"
    AUTHORIZE_INTERACTION_REQUIRED = "authorize_interaction_required"
    AUTHORIZE_LOGIN_REQUIRED = "authorize_login_required"
    AUTHORIZE_ADMIN_CONSENT_REQUIRED = "authorize_admin_consent_required"
    AUTHORIZE_SERVER_ERROR = "authorize_server_error"
    AUTHORIZE_TEMPORARILY_UNAVAILABLE = "authorize_temporarily_unavailable"
    # Instead of the grant: nothing is redeemed, rotated or issued.
    THROTTLE = "throttle"
    SERVER_ERROR = "server_error"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    EMPTY = "empty"
    NO_ACCESS_TOKEN = "no_access_token"
    INVALID_CLIENT_SECRET_ID = "invalid_client_secret_id"
    CLIENT_SECRET_EXPIRED = "client_secret_expired"
    CLAIMS_CHALLENGE = "claims_challenge"
    # Instead of the grant of a code; a refresh does not meet them.
    CODE_EXPIRED = "code_expired"
    CODE_EXPIRED_PERSONAL = "code_expired_personal"
    # In the answer to a grant.
    OMIT_REFRESH_TOKEN = "omit_refresh_token"
    NARROW_SCOPE = "narrow_scope"
    # In the answer to a code; a refresh does not meet them.
    WRONG_NONCE = "wrong_nonce"
    NO_ID_TOKEN = "no_id_token"
    # After the grant: the tokens are real, whether or not the caller receives them.
    HANG = "hang"
    DROP_AFTER_ROTATING = "drop_after_rotating"
    # At the Ads API.
    ADS_UNAVAILABLE = "ads_unavailable"
    ADS_ERROR = "ads_error"

    @property
    def place(self) -> Place:
        """The place at which the fault happens."""
        return _PLACES.get(self, Place.TOKEN_ENDPOINT)


_PLACES = {
    **{kind: Place.AUTHORIZE for kind in FaultKind if kind.startswith("authorize_")},
    FaultKind.CODE_EXPIRED: Place.CODE_GRANT,
    FaultKind.CODE_EXPIRED_PERSONAL: Place.CODE_GRANT,
    FaultKind.WRONG_NONCE: Place.CODE_GRANT,
    FaultKind.NO_ID_TOKEN: Place.CODE_GRANT,
    FaultKind.ADS_UNAVAILABLE: Place.ADS_API,
    FaultKind.ADS_ERROR: Place.ADS_API,
}


@dataclass(frozen=True)
class Fault:
    """One queued fault.

    Attributes:
        kind: What goes wrong.
        times: For how many requests; None means until the fault is cleared or the claims challenge is met.
        seconds: The Retry-After of `throttle` and the delay of `hang`.
        ads_code: The operation error of `ads_error`.
        claims: The claims that a claims challenge requires of the next authorize request.
    """

    kind: FaultKind
    times: int | None = 1
    seconds: int = DEFAULT_SECONDS
    ads_code: int | None = None
    claims: str | None = None


def claims_challenge() -> Fault:
    """Return a unique challenge, in the JSON of the payload quoted in msal-js#5491."""
    policy = {"essential": True, "values": [str(uuid.uuid4())]}
    claims = json.dumps({"access_token": {"capolids": policy}}, separators=(",", ":"))
    return Fault(FaultKind.CLAIMS_CHALLENGE, times=None, claims=claims)


class FaultQueues:
    """The queued faults of each app."""

    def __init__(self) -> None:
        self._queues: dict[str, list[Fault]] = defaultdict(list)

    def add(self, client_id: str, fault: Fault) -> None:
        """Append a fault to an app's queue."""
        self._queues[client_id].append(fault)

    def clear(self, client_id: str) -> int:
        """Remove all faults of an app, and return how many there were."""
        return len(self._queues.pop(client_id, []))

    def take(self, client_id: str, *places: Place) -> Fault | None:
        """Return the first fault at one of these places, and count it down by one request."""
        queue = self._queues[client_id]
        for position, fault in enumerate(queue):
            if fault.kind.place in places:
                _count_down(queue, position)
                return fault
        return None

    def meet(self, client_id: str, claims: str | None) -> None:
        """Remove the claims challenge that requires exactly these claims."""
        if claims is not None:
            self._queues[client_id] = [one for one in self._queues[client_id] if one.claims != claims]


def _count_down(queue: list[Fault], position: int) -> None:
    fault = queue[position]
    if fault.times is None:
        return
    if fault.times > 1:
        queue[position] = replace(fault, times=fault.times - 1)
    else:
        del queue[position]
