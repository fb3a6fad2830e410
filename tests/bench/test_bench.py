"""The bench in its shortest form, and the counts that must not grow. Times depend on the machine, and are no test."""

import json
from pathlib import Path

import pytest

from local.identity_provider.app import create_app
from local.identity_provider.server import listening
from local.stack.toolchain import ROOT
from tests.bench import costs, tape, ticks
from tests.bench.account import account
from tests.bench.certificate import make
from tests.bench.report import Result
from tests.bench.spread import Spread
from tests.bench.steady_refresh import SteadyRefresh
from tests.bench.token_call import TokenCalls
from tools.docs import cost

A_RATIO = Spread(1.1, 1.0, 1.2)


@pytest.fixture(scope="module")
def recorded() -> tuple[dict[str, tape.Tape], dict[str, int]]:
    with listening(create_app()) as url, account(url):
        return tape.record_all(url), costs.rotation_calls()


@pytest.fixture(scope="module")
def tapes(recorded: tuple[dict[str, tape.Tape], dict[str, int]]) -> dict[str, tape.Tape]:
    return recorded[0]


@pytest.fixture(scope="module")
def rotation(recorded: tuple[dict[str, tape.Tape], dict[str, int]]) -> dict[str, int]:
    return recorded[1]


@pytest.fixture(scope="module")
def ticked() -> list[ticks.Tick]:
    return ticks.run([20, 400], 1, lambda _: None)


def test_an_ordinary_refresh_writes_the_secret_twice_and_makes_seven_calls(tapes: dict[str, tape.Tape]) -> None:
    """The first refresh of a process reads the circuit as well; the next ones make six calls."""
    first = SteadyRefresh(tapes["refresh"].names(), A_RATIO, A_RATIO)
    assert first.writes == 2
    assert sum(first.calls.values()) <= 7, first.calls


def test_a_credential_gets_a_new_version_at_most_fifty_times_a_day() -> None:
    """Secrets Manager keeps about a hundred versions, and refuses more than one new version in ten minutes for long."""
    assert cost.refreshes() / 30.4 < 50


def test_what_is_due_is_asked_with_the_same_calls_in_any_fleet(ticked: list[ticks.Tick]) -> None:
    smallest, largest = (tick for tick in ticked if not tick.enqueued)
    assert smallest.calls["dynamodb.Query"] == largest.calls["dynamodb.Query"]


def test_a_tick_with_nothing_due_and_nothing_changed_makes_few_calls(ticked: list[ticks.Tick]) -> None:
    """A large fleet adds a slice of the reconciliation: a tenth of its pages, and a batch of entries for each."""
    smallest, largest = (tick for tick in ticked if not tick.enqueued)
    assert sum(smallest.calls.values()) <= 5, smallest.calls
    assert sum(largest.calls.values()) <= 8, largest.calls


def test_a_tick_sends_what_is_due_in_full_batches(ticked: list[ticks.Tick]) -> None:
    due = [tick for tick in ticked if tick.enqueued]
    assert [(tick.credentials, tick.enqueued) for tick in due] == [(20, 2), (400, 40)]
    assert [tick.calls["sqs.SendMessageBatch"] for tick in due] == [1, 4]


def test_the_rotation_template_makes_ten_calls_in_four_invocations(rotation: dict[str, int]) -> None:
    assert sum(rotation.values()) == 10
    assert rotation == {
        "secretsmanager.DescribeSecret": 5,
        "secretsmanager.GetSecretValue": 3,
        "secretsmanager.PutSecretValue": 1,
        "secretsmanager.UpdateSecretVersionStage": 1,
    }


def test_a_credential_costs_less_than_with_the_rotation_template(rotation: dict[str, int]) -> None:
    assert costs.compare(rotation).ratio < 1


def test_the_bundle_has_the_usual_certificates_and_that_of_the_bench(tmp_path: Path) -> None:
    made = make(tmp_path)
    assert made.bundle.read_bytes().endswith(made.certificate.read_bytes())
    assert made.bundle.stat().st_size > 50 * made.certificate.stat().st_size


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        pytest.param([3.0], Spread(3, 3, 3), id="one measurement is its own spread"),
        pytest.param([5.0, 1.0, 2.0, 3.0, 4.0], Spread(3, 2, 4), id="the median and the quartiles"),
    ],
)
def test_a_spread_is_the_median_and_the_quartiles(measured: list[float], expected: Spread) -> None:
    assert Spread.of(measured) == expected


def test_a_ratio_is_of_one_turn() -> None:
    """When the machine is busy, both contenders of a turn are slow."""
    assert Spread.of_ratios([1.1, 11.0, 110.0], [1.0, 10.0, 100.0]).median == pytest.approx(1.1)


def test_the_result_has_every_table_and_the_conditions(
    tmp_path: Path, tapes: dict[str, tape.Tape], ticked: list[ticks.Tick], rotation: dict[str, int]
) -> None:
    steady = SteadyRefresh(tapes["refresh"].names(), A_RATIO, A_RATIO)
    result = Result([], steady, TokenCalls({"authlib": A_RATIO}, {"authlib": "1"}), ticked, costs.compare(rotation))
    result.write(tmp_path)
    assert json.loads((tmp_path / "bench.json").read_text("utf-8"))["steady"]["calls"] == steady.calls
    written = (tmp_path / "bench.md").read_text("utf-8")
    assert [line for line in written.splitlines() if line.startswith("## ")] == [
        f"## {title}" for title, _ in result.sections()
    ]
    assert "boto3: " in written


def test_the_committed_result_has_the_tables_of_today() -> None:
    written = (ROOT / "bench" / "results" / "bench.md").read_text("utf-8")
    assert written.count("\n## ") == 5
