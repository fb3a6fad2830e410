"""One sick credential delays no other: from the tick through the queue to the secret, with numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from statistics import median

import pytest

from local.estate import Estate, Holding
from local.patience import eventually
from local.poller import Delivery, Poller, polling
from local.toolchain import ROOT

CONCURRENCY = 5
"""Half of what the template allows, so that a place that is taken is felt."""

HEALTHY = 15
HANG_SECONDS = 9
"""Longer than an exchange waits for an answer."""

PATIENCE_SECONDS = 60
REPORT = ROOT / "build" / "isolation.md"


@dataclass(frozen=True)
class Round:
    """One tick and all deliveries that came of it."""

    holdings: dict[str, Holding]
    deliveries: dict[str, Delivery]

    @property
    def healthy(self) -> list[Delivery]:
        return [delivery for name, delivery in self.deliveries.items() if "healthy" in name]

    def row(self, title: str) -> str:
        delays = [delivery.delay_seconds for delivery in self.healthy]
        return f"| {title} | {len(delays)} | {median(delays):.2f} s | {max(delays):.2f} s |"


@pytest.fixture(scope="module")
def poller(estate: Estate) -> Iterator[Poller]:
    with polling(estate.stack, CONCURRENCY) as running:
        yield running


def run(estate: Estate, poller: Poller, holdings: list[Holding]) -> Round:
    """Let one tick find credentials, and wait until each was delivered."""
    seen = len(poller.deliveries())
    names = {holding.name for holding in holdings}

    def delivered() -> dict[str, Delivery] | None:
        found = {delivery.credential: delivery for delivery in poller.deliveries()[seen:]}
        return found if names <= found.keys() else None

    estate.tick()
    deliveries = eventually(delivered, PATIENCE_SECONDS)
    assert deliveries
    return Round({holding.name: holding for holding in holdings}, {name: deliveries[name] for name in names})


@pytest.fixture(scope="module")
def without(estate: Estate, poller: Poller) -> Round:
    """The same credentials without the sick ones, after a round in which the functions start."""
    numbers = count()
    rounds = [
        run(estate, poller, [estate.put(f"healthy-alone-{next(numbers)}", rotation="strict") for _ in range(HEALTHY)])
        for _ in range(2)
    ]
    return rounds[-1]


@pytest.fixture(scope="module")
def beside(estate: Estate, poller: Poller, without: Round) -> Round:
    provider = estate.stack.identity_provider
    # Their names come first, and of what has been due for equally long the names decide what is sent first.
    hanging = estate.put("a-hanging", rotation="microsoft")
    provider.fault(hanging.client_id, "hang", seconds=HANG_SECONDS)
    throttled = estate.put("a-throttled", rotation="microsoft")
    provider.fault(throttled.client_id, "throttle", seconds=120)
    malformed = estate.put("a-malformed", rotation="microsoft", tenant="../../elsewhere")
    healthy = [estate.put(f"healthy-beside-{number}", rotation="strict") for number in range(HEALTHY)]
    return run(estate, poller, [hanging, throttled, malformed, *healthy])


def test_every_healthy_credential_is_refreshed_before_the_hanging_one_is_given_up(
    estate: Estate, beside: Round
) -> None:
    hanging = beside.deliveries["a-hanging"]
    assert len(beside.healthy) == HEALTHY
    assert all(delivery.handled for delivery in beside.healthy)
    assert max(delivery.ended_at for delivery in beside.healthy) < hanging.ended_at
    for delivery in beside.healthy:
        assert estate.outcomes(beside.holdings[delivery.credential]) == ["issued", "issued"]
        assert estate.keeps_the_newest_token(beside.holdings[delivery.credential])


def test_the_sick_ones_were_sick(estate: Estate, beside: Round) -> None:
    """They began before any healthy one was done: there was something to be delayed by."""
    sick = {name: holding for name, holding in beside.holdings.items() if name.startswith("a-")}
    statuses = {name: estate.entry(holding)["status"] for name, holding in sick.items()}
    assert statuses == {"a-hanging": "retrying", "a-throttled": "retrying", "a-malformed": "needs_operator"}
    hanging = beside.deliveries["a-hanging"]
    assert hanging.ended_at - hanging.began_at > HANG_SECONDS - 2
    first = min(delivery.ended_at for delivery in beside.healthy)
    assert all(beside.deliveries[name].began_at < first for name in sick)


def test_the_delay_of_the_healthy_ones_is_on_record(without: Round, beside: Round) -> None:
    """One place of five is taken; what is left does the same work in the time of a few refreshes more."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(
        "# From the queue to the secret\n\n"
        f"{HEALTHY} healthy credentials, {CONCURRENCY} deliveries at the same time; beside them one whose provider\n"
        "hangs, one that is throttled and one that is malformed.\n\n"
        "| | healthy credentials | median delay | longest delay |\n|---|---|---|---|\n"
        f"{without.row('without the sick ones')}\n{beside.row('beside the sick ones')}\n",
        "utf-8",
    )
    slowest = max(delivery.delay_seconds for delivery in beside.healthy)
    assert slowest < 3 * max(delivery.delay_seconds for delivery in without.healthy) + 2
