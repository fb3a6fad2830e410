"""The cost in docs/deploy.md is computed from the prices on that page and from the code."""

import re

import pytest

from tests.packaging.cloudformation import template
from token_refresher.entrypoints.metrics import ALARMED
from token_refresher.entrypoints.settings import Settings
from tools.docs import cost
from tools.docs.write_units import item_size, written

PAGE = cost.PATH.read_text("utf-8")
PRICES = cost.prices(PAGE)


def test_the_tables_are_up_to_date() -> None:
    assert cost.render(PAGE) == PAGE, "run: make reference"


@pytest.mark.exhaustive
def test_another_price_makes_other_tables() -> None:
    dearer = PAGE.replace("| `secret` | 0.40 |", "| `secret` | 0.80 |")
    assert dearer != PAGE
    assert cost.tables(cost.prices(dearer))["fleet"] != cost.tables(PRICES)["fleet"]


def test_every_price_of_the_page_is_used_and_no_other() -> None:
    assert PRICES.keys() == {line.price for line in [*cost.fixed(), *cost.options(), *cost.each()]}


def test_a_line_of_a_table_is_its_quantity_times_its_price() -> None:
    """The numbers in the text give the result, so that a reader can do the same sum."""
    sums = re.findall(r"^\| [^|]+ \| ([0-9,]+) refreshes x ([0-9]+) \| `([a-z-]+)` \| ([0-9.]+) \|", PAGE, re.MULTILINE)
    assert sums
    for refreshes, times, price, result in sums:
        expected = int(refreshes.replace(",", "")) * int(times) * PRICES[price]
        assert f"{expected:.4f}" == result


def test_a_steady_refresh_has_three_calls_of_secrets_manager_two_of_them_writes() -> None:
    store = [call for call in cost.calls() if call.startswith("store.")]
    assert store == ["store.current", "store.put_pending", "store.promote"]


def test_an_entry_is_written_twice_and_the_second_write_moves_it_in_the_index() -> None:
    before, intent, ended = cost.refresh().items
    assert before["next_action_at"] == intent["next_action_at"] < ended["next_action_at"]
    assert "intent" in intent


def test_without_options_a_stack_writes_only_the_metrics_of_the_alarms() -> None:
    [line] = [line for line in cost.fixed() if line.price == "metric"]
    assert line.quantity == len(ALARMED) < cost.metrics() / 5
    assert not [line for line in cost.fixed() if line.price == "traces"]


@pytest.mark.parametrize(
    ("item", "size"),
    [
        pytest.param({"name": "acme"}, 8, id="a text"),
        pytest.param({"n": 1290}, 1 + 3, id="a number: two digits a byte, without zeros at its end, and one more"),
        pytest.param({"l": ["ab", True]}, 1 + 3 + 3 + 2, id="a list: three bytes, and one more for each element"),
        pytest.param({"m": {"a": None}}, 1 + 3 + 1 + 1 + 1, id="a map: the same"),
    ],
)
def test_the_size_of_an_item_follows_the_rules_of_dynamodb(item: dict[str, object], size: int) -> None:
    assert item_size(item) == size


TABLE = {
    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]},
        }
    ],
}
ITEM = {"name": "acme", "due": "9", "status": "healthy", "intent": "x"}


@pytest.mark.parametrize(
    ("change", "units"),
    [
        pytest.param({"intent": "y"}, 1, id="the index does not have what changed"),
        pytest.param({"intent": "y" * 1024}, 2, id="more than a kilobyte"),
        pytest.param({"status": "retrying"}, 1 + 1, id="the index has what changed"),
        pytest.param({"due": "8"}, 1 + 2, id="the index loses the old item and gets the new one"),
    ],
)
def test_the_units_of_a_write_follow_the_rules_of_dynamodb(change: dict[str, str], units: int) -> None:
    assert written(TABLE, ITEM, {**ITEM, **change}) == units


def test_a_credential_is_refreshed_between_its_earliest_and_its_latest_moment() -> None:
    timing = cost.settings().timing
    longest = timing.access_token_lifetime - timing.margin + timing.schedule_period
    shortest = timing.access_token_lifetime - timing.margin - timing.jitter
    assert cost.MONTH / longest < cost.refreshes() < cost.MONTH / shortest


def test_the_settings_are_the_defaults_of_the_template() -> None:
    assert isinstance(cost.settings(), Settings)
    assert template()["Parameters"]["RefreshSchedule"]["Default"] == "rate(5 minutes)"
    assert cost.ticks() == pytest.approx(8760)
