"""The bench measures what it says, on a small fleet; long runs are ``make bench``."""

import pytest

from tests.bench.bench import Bench, run


@pytest.fixture(scope="module")
def bench() -> Bench:
    return run([2, 3], 2, lambda _: None)


def test_a_refresh_writes_a_secret_twice_and_asks_for_it_as_often_as_the_design_allows(bench: Bench) -> None:
    """Two writes and at most six calls to Secrets Manager and DynamoDB; one more is the circuit, and one the tag."""
    writes = [
        name for name in bench.refresh_calls if name.split(".")[1] in {"PutSecretValue", "UpdateSecretVersionStage"}
    ]
    assert sum(bench.refresh_calls[name] for name in writes) == 2
    assert sum(bench.refresh_calls.values()) <= 9, bench.refresh_calls


def test_a_tick_that_finds_nothing_due_asks_no_more_the_more_credentials_there_are(bench: Bench) -> None:
    calm = [tick for tick in bench.ticks if tick.finds == "none due"]
    assert [(tick.credentials, tick.due) for tick in calm] == [(2, 0), (3, 0)]
    assert calm[0].calls == calm[1].calls


def test_a_tick_that_finds_new_ones_sends_them_to_the_queue(bench: Bench) -> None:
    first, *_ = bench.ticks
    assert (first.finds, first.credentials, first.due) == ("new ones", 2, 2)


def test_each_refresh_was_timed(bench: Bench) -> None:
    assert len(bench.refresh_milliseconds) == 2
    assert min(bench.refresh_milliseconds) > 0
