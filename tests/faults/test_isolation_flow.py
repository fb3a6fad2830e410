"""A failing credential delays no other one: measured from the tick through the queue to the secret."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from statistics import median

import pytest

from local.soak.credentials import Fleet, ManagedCredential
from local.stack.poller import Delivery, Poller, polling
from local.stack.toolchain import ROOT
from local.stack.waiting import eventually

CONCURRENCY = 5
"""Half of the template's default, so that an occupied worker makes a difference."""

HEALTHY = 15
HANG_SECONDS = 9
"""Longer than an exchange waits for an answer."""

REPORT = ROOT / "build" / "isolation.md"


@dataclass(frozen=True)
class Round:
    """One tick and all deliveries that followed from it."""

    credentials: dict[str, ManagedCredential]
    deliveries: dict[str, Delivery]

    @property
    def healthy(self) -> list[Delivery]:
        return [delivery for name, delivery in self.deliveries.items() if "healthy" in name]

    def row(self, title: str) -> str:
        delays = [delivery.delay_seconds for delivery in self.healthy]
        return f"| {title} | {len(delays)} | {median(delays):.2f} s | {max(delays):.2f} s |"


@pytest.fixture(scope="module")
def poller(fleet: Fleet) -> Iterator[Poller]:
    with polling(fleet.stack, CONCURRENCY) as running:
        yield running


def run(fleet: Fleet, poller: Poller, credentials: list[ManagedCredential]) -> Round:
    """Tick once, and wait until each credential was delivered."""
    seen = len(poller.deliveries())
    names = {credential.name for credential in credentials}

    def delivered() -> dict[str, Delivery] | None:
        found = {delivery.credential: delivery for delivery in poller.deliveries()[seen:]}
        return found if names <= found.keys() else None

    fleet.tick()
    deliveries = eventually(delivered)
    assert deliveries
    return Round(
        {credential.name: credential for credential in credentials}, {name: deliveries[name] for name in names}
    )


@pytest.fixture(scope="module")
def without(fleet: Fleet, poller: Poller) -> Round:
    """The healthy credentials without failing ones, after a first round in which the functions start."""
    numbers = count()
    rounds = [
        run(fleet, poller, [fleet.put(f"healthy-alone-{next(numbers)}", rotation="strict") for _ in range(HEALTHY)])
        for _ in range(2)
    ]
    return rounds[-1]


@pytest.fixture(scope="module")
def beside(fleet: Fleet, poller: Poller, without: Round) -> Round:
    provider = fleet.stack.identity_provider
    # Dispatch sends what has been due for equally long in the order of names, so these come first.
    hanging = fleet.put("a-hanging", rotation="microsoft")
    provider.fault(hanging.client_id, "hang", seconds=HANG_SECONDS)
    throttled = fleet.put("a-throttled", rotation="microsoft")
    provider.fault(throttled.client_id, "throttle", seconds=120)
    malformed = fleet.put("a-malformed", rotation="microsoft", tenant="../../elsewhere")
    healthy = [fleet.put(f"healthy-beside-{number}", rotation="strict") for number in range(HEALTHY)]
    return run(fleet, poller, [hanging, throttled, malformed, *healthy])


def test_every_healthy_credential_is_refreshed_before_the_hanging_one_is_given_up(fleet: Fleet, beside: Round) -> None:
    hanging = beside.deliveries["a-hanging"]
    assert len(beside.healthy) == HEALTHY
    assert all(delivery.handled for delivery in beside.healthy)
    assert max(delivery.ended_at for delivery in beside.healthy) < hanging.ended_at
    for delivery in beside.healthy:
        assert fleet.outcomes(beside.credentials[delivery.credential]) == ["issued", "issued"]
        assert fleet.keeps_the_newest_token(beside.credentials[delivery.credential])


def test_the_failing_ones_did_fail_beside_the_healthy_ones(fleet: Fleet, beside: Round) -> None:
    """Most healthy ones were still to be done when they began, so they could have delayed them.

    Not all: workers that take messages at the same time begin in an order that nobody promises.
    """
    failing = {name: credential for name, credential in beside.credentials.items() if name.startswith("a-")}
    statuses = {name: fleet.entry(credential)["status"] for name, credential in failing.items()}
    assert statuses == {"a-hanging": "retrying", "a-throttled": "retrying", "a-malformed": "needs_operator"}
    hanging = beside.deliveries["a-hanging"]
    assert hanging.ended_at - hanging.began_at > HANG_SECONDS - 2
    for name in failing:
        undone = [healthy for healthy in beside.healthy if healthy.ended_at > beside.deliveries[name].began_at]
        assert len(undone) > HEALTHY / 2, f"{name} began when only {len(undone)} healthy ones were to be done"


def test_the_delay_of_the_healthy_ones_is_small_and_reported(without: Round, beside: Round) -> None:
    """One worker of five is occupied; the other four need only the time of a few refreshes more."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(
        "# From the queue to the secret\n\n"
        f"{HEALTHY} healthy credentials, {CONCURRENCY} deliveries at the same time; beside them one whose provider\n"
        "hangs, one that is throttled and one that is malformed.\n\n"
        "| | healthy credentials | median delay | longest delay |\n|---|---|---|---|\n"
        f"{without.row('without failing ones')}\n{beside.row('beside failing ones')}\n",
        "utf-8",
    )
    slowest = max(delivery.delay_seconds for delivery in beside.healthy)
    assert slowest < 3 * max(delivery.delay_seconds for delivery in without.healthy) + 2
