"""The bench on a small fleet; ``make bench`` runs it on larger ones."""

import pytest

from tests.bench.bench import Bench, run


@pytest.fixture(scope="module")
def bench() -> Bench:
    return run([2, 3], 2, lambda _: None)


def test_a_refresh_writes_the_secret_twice_and_makes_no_more_calls_than_the_design_allows(bench: Bench) -> None:
    """Two writes, at most six calls to Secrets Manager and DynamoDB, and one each for the circuit and the tags."""
    writes = [
        name for name in bench.refresh_calls if name.split(".")[1] in {"PutSecretValue", "UpdateSecretVersionStage"}
    ]
    assert sum(bench.refresh_calls[name] for name in writes) == 2
    assert sum(bench.refresh_calls.values()) <= 9, bench.refresh_calls


def test_a_tick_with_nothing_due_makes_the_same_calls_for_more_credentials(bench: Bench) -> None:
    calm = [tick for tick in bench.ticks if tick.finds == "none due"]
    assert [(tick.credentials, tick.due) for tick in calm] == [(2, 0), (3, 0)]
    assert calm[0].calls == calm[1].calls


def test_a_tick_that_finds_new_ones_sends_them_to_the_queue(bench: Bench) -> None:
    first, *_ = bench.ticks
    assert (first.finds, first.credentials, first.due) == ("new ones", 2, 2)


def test_each_refresh_was_timed(bench: Bench) -> None:
    assert len(bench.refresh_milliseconds) == 2
    assert min(bench.refresh_milliseconds) > 0
