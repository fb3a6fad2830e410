"""A worker is killed in the middle of a refresh, on the deployed stack: how soon has another worker done it?

Ticks come as often as the schedule has them, and the queue deduplicates messages as in production.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pytest

from local.soak.credentials import NOTE, Fleet, ManagedCredential
from local.stack.poller import Delivery, Poller, polling
from local.stack.waiting import eventually
from token_refresher.base.timing import SETTLING, schedule_period

pytestmark = pytest.mark.exhaustive  # It waits for a lease and a tick.

HANG_SECONDS = 9
"""Longer than an exchange waits for an answer, so that the worker is killed while it waits."""

TRIES = 5

SLACK_SECONDS = 60
"""For everything beside the waiting: a cold start, a busy machine, the refresh itself."""


@dataclass(frozen=True)
class Seen:
    """The end of a refresh whose first worker was killed."""

    recovered_after_seconds: float
    presented_again_after_seconds: float
    lease_seconds: float
    period_seconds: float
    outcomes: list[str]
    newest_is_current: bool
    note: str
    status: str


def _kill_the_workers(fleet: Fleet) -> None:
    """End the running workers: the local AWS does so if the timeout of a function is set, even to the same value."""
    functions, name = fleet.stack.aws.client("lambda"), fleet.stack.outputs["RefreshFunctionName"]
    timeout = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=timeout)


def _killed_in_mid_refresh(fleet: Fleet, poller: Poller) -> tuple[ManagedCredential, str]:
    """Kill a worker while it waits for Microsoft; if it has ended before that, try with another one.

    Returns:
        The credential, and when the killed worker's exchange began.
    """
    for number in range(TRIES):
        # With Microsoft's rotation the old token stays valid, so only the waiting is measured.
        credential = fleet.put(f"killed-worker-{number}", rotation="microsoft")
        fleet.stack.identity_provider.fault(credential.client_id, "hang", times=1, seconds=HANG_SECONDS)
        began_at = eventually(partial(_began_at, fleet, credential))
        assert began_at is not None
        _kill_the_workers(fleet)
        delivery = eventually(partial(_first_delivery, poller, credential))
        assert delivery is not None
        if not delivery.handled:
            return credential, began_at
    raise AssertionError("each worker had ended before it was killed")


def _began_at(fleet: Fleet, credential: ManagedCredential) -> str | None:
    """Return when the exchange that is under way began, or None if none is under way."""
    intent = fleet.entry(credential).get("intent", {})
    return intent["at"] if intent.get("end") == "open" else None


def _first_delivery(poller: Poller, credential: ManagedCredential) -> Delivery | None:
    return next((one for one in poller.deliveries() if one.credential == credential.name), None)


def _time(rfc3339: str) -> datetime:
    return datetime.fromisoformat(rfc3339)


@pytest.fixture(scope="module")
def seen(fleet: Fleet) -> Seen:
    parameters = fleet.stack.parameters
    period_seconds = schedule_period(parameters["RefreshSchedule"]).total_seconds()
    lease_seconds = int(parameters["RefreshTimeoutSeconds"]) + SETTLING.total_seconds()

    def is_healthy() -> bool:
        return bool(fleet.entry(credential)["status"] == "healthy")

    with polling(fleet.stack, 2) as poller, fleet.ticking(period_seconds):
        credential, began_at = _killed_in_mid_refresh(fleet, poller)
        killed_at = time.monotonic()
        assert eventually(is_healthy)
        recovered_after_seconds = time.monotonic() - killed_at
    presented_again = fleet.stack.identity_provider.journal(credential.client_id)[-1]
    return Seen(
        recovered_after_seconds,
        (_time(presented_again["at"]) - _time(began_at)).total_seconds(),
        lease_seconds,
        period_seconds,
        fleet.outcomes(credential),
        fleet.keeps_the_newest_token(credential),
        fleet.document(credential)["note"],
        fleet.entry(credential)["status"],
    )


def test_the_next_worker_does_it_within_the_lease_and_one_tick(seen: Seen) -> None:
    assert seen.recovered_after_seconds <= seen.lease_seconds + seen.period_seconds + SLACK_SECONDS


def test_the_next_worker_waits_until_the_lease_is_over(seen: Seen) -> None:
    """The killed worker may have been about to store its tokens, so no other may present the old one before that."""
    assert seen.presented_again_after_seconds >= seen.lease_seconds


def test_nothing_is_lost(seen: Seen) -> None:
    assert (seen.newest_is_current, seen.note, seen.status) == (True, NOTE, "healthy")
    assert (seen.outcomes[0], seen.outcomes[-1]) == ("issued", "issued")
