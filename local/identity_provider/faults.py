"""Faults on demand, per app: one queue each, the head is used until its count is up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum

DEFAULT_SECONDS = 30


class FaultKind(StrEnum):
    """What can go wrong."""

    # Instead of the grant: nothing is redeemed, rotated or issued.
    THROTTLE = "throttle"
    SERVER_ERROR = "server_error"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    EMPTY = "empty"
    NO_ACCESS_TOKEN = "no_access_token"
    INVALID_CLIENT_SECRET_ID = "invalid_client_secret_id"
    CLIENT_SECRET_EXPIRED = "client_secret_expired"
    # In the grant.
    OMIT_REFRESH_TOKEN = "omit_refresh_token"
    NARROW_SCOPE = "narrow_scope"
    # After the grant: what it issued is real, whether or not the caller learns of it.
    HANG = "hang"
    DROP_AFTER_ROTATING = "drop_after_rotating"
    # At the Ads API.
    ADS_UNAVAILABLE = "ads_unavailable"


@dataclass(frozen=True)
class Fault:
    """One order to misbehave: `times` requests long, or until it is cleared when `times` is None.

    `seconds` is the Retry-After of `throttle` and the delay of `hang`.
    """

    kind: FaultKind
    times: int | None = 1
    seconds: int = DEFAULT_SECONDS


class FaultQueues:
    """The faults that each app has coming."""

    def __init__(self) -> None:
        self._queues: dict[str, list[Fault]] = defaultdict(list)

    def add(self, client_id: str, fault: Fault) -> None:
        """Queue a fault behind those already there."""
        self._queues[client_id].append(fault)

    def clear(self, client_id: str) -> int:
        """Drop everything queued for an app, and return how many faults that were."""
        return len(self._queues.pop(client_id, []))

    def take(self, client_id: str, *, at_ads_api: bool = False) -> Fault | None:
        """Return the fault for one request to the token endpoint or to the Ads API, and count it down."""
        queue = self._queues[client_id]
        for position, fault in enumerate(queue):
            if (fault.kind is FaultKind.ADS_UNAVAILABLE) is at_ads_api:
                _count_down(queue, position)
                return fault
        return None


def _count_down(queue: list[Fault], position: int) -> None:
    fault = queue[position]
    if fault.times is None:
        return
    if fault.times > 1:
        queue[position] = replace(fault, times=fault.times - 1)
    else:
        del queue[position]
