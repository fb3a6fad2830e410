"""The quota of Secrets Manager: the checked concurrency stays below it, and a fleet gets through a neighbour's load."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.packaging.cloudformation import template
from tests.simulation.quota import Fleet, Neighbour
from tools.deploy.capacity import QUOTA, Capacity

PARAMETERS = template()["Parameters"]
SHORTEST = PARAMETERS["ShortestRefreshMilliseconds"]["Default"] / 1000
CONCURRENCY = PARAMETERS["RefreshConcurrency"]["Default"]
CREDENTIALS = 300
SEEDS = (1, 2)


def at_once(shortest_refresh: float) -> int:
    return Capacity(1, timedelta(seconds=shortest_refresh), 1).most_at_once


@pytest.mark.parametrize("shortest", [0.4, SHORTEST, 0.6])
def test_the_checked_concurrency_is_never_throttled_and_uses_most_of_the_quota(shortest: float) -> None:
    fleet = Fleet(CREDENTIALS, at_once(shortest), shortest)
    fleet.run()
    assert fleet.calls.throttled == []
    assert len(fleet.done) == CREDENTIALS
    assert len(fleet.calls.writes) / fleet.time.now > 0.8 * QUOTA


def test_more_workers_than_the_check_allows_are_throttled() -> None:
    fleet = Fleet(CREDENTIALS, at_once(SHORTEST) + 4, SHORTEST)
    fleet.run()
    assert len(fleet.calls.throttled) > CREDENTIALS / 10


LOADS = [
    pytest.param(Neighbour(45, 30), id="nine tenths of the quota"),
    pytest.param(Neighbour(60, 30), id="more than the quota"),
    pytest.param(Neighbour(200, 60), id="four times the quota, for a minute"),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("neighbour", LOADS)
def test_every_credential_is_refreshed_in_spite_of_a_neighbour_and_no_token_waits(
    neighbour: Neighbour, seed: int
) -> None:
    fleet = Fleet(CREDENTIALS, CONCURRENCY, SHORTEST, seed)
    fleet.run(neighbour)
    assert sorted(done.rank for done in fleet.done) == list(range(CREDENTIALS))
    assert fleet.delayed == {}


@pytest.mark.parametrize("neighbour", LOADS)
def test_the_workers_never_ask_for_more_than_the_quota_neither_beside_the_neighbour_nor_after_it(
    neighbour: Neighbour,
) -> None:
    """Refused calls count too. A second may cut some refreshes in two, so it may hold a few more."""
    fleet = Fleet(CREDENTIALS, CONCURRENCY, SHORTEST)
    fleet.run(neighbour)
    assert fleet.calls.throttled
    assert fleet.writes_in_a_second_from(0) <= 1.1 * QUOTA


def test_after_the_neighbour_the_fleet_is_at_its_full_speed_within_two_seconds_and_is_not_throttled() -> None:
    fleet, neighbour = Fleet(CREDENTIALS, CONCURRENCY, SHORTEST), Neighbour(200, 60)
    fleet.run(neighbour)
    recovered = [at for at in fleet.calls.writes if neighbour.seconds + 2 <= at < neighbour.seconds + 7]
    assert len(recovered) / 5 > 0.8 * QUOTA
    assert [at for at in fleet.calls.throttled if at >= neighbour.seconds + 1] == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("neighbour", LOADS)
def test_credentials_begin_in_the_order_of_urgency_and_a_few_seconds_decide_when_they_end(
    neighbour: Neighbour, seed: int
) -> None:
    fleet = Fleet(CREDENTIALS, CONCURRENCY, SHORTEST, seed)
    fleet.run(neighbour)
    begun = sorted(fleet.done, key=lambda done: done.begun)
    assert all(one.rank < other.rank for one, other in pairwise(begun))
    ended = sorted(fleet.done, key=lambda done: done.ended)
    assert max(abs(place - done.rank) for place, done in enumerate(ended)) < 5 * CONCURRENCY


@pytest.mark.parametrize("seed", SEEDS)
def test_all_workers_slow_down_alike(seed: int) -> None:
    fleet = Fleet(CREDENTIALS, CONCURRENCY, SHORTEST, seed)
    fleet.run(Neighbour(60, 60))
    made = Counter(done.worker for done in fleet.done)
    assert len(made) == CONCURRENCY
    assert max(made.values()) < 2.5 * min(made.values())
