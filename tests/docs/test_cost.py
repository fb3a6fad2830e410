"""The cost in docs/deploy.md is computed from the prices on that page and from the code."""

import math
import re

import pytest

from tests.packaging.cloudformation import template
from token_refresher.entrypoints.settings import Settings
from tools.docs import cost

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
    assert PRICES.keys() == {line.price for line in [*cost.fixed(), *cost.each()]}


def test_a_line_of_a_table_is_its_quantity_times_its_price() -> None:
    """The numbers in the text give the result, so that a reader can do the same sum."""
    sums = re.findall(r"^\| [^|]+ \| ([0-9,]+) refreshes x ([0-9]+) \| `([a-z-]+)` \| ([0-9.]+) \|", PAGE, re.MULTILINE)
    assert sums
    for refreshes, times, price, result in sums:
        expected = int(refreshes.replace(",", "")) * int(times) * PRICES[price]
        assert math.isclose(expected, float(result), rel_tol=0.001)


def test_a_refresh_has_four_calls_of_secrets_manager_two_of_them_writes() -> None:
    store = [call for call in cost.calls() if call.startswith("store.")]
    assert store == ["store.describe", "store.read", "store.put_pending", "store.promote"]


def test_a_credential_is_refreshed_between_its_earliest_and_its_latest_moment() -> None:
    timing = cost.settings().timing
    longest = timing.access_token_lifetime - timing.margin + timing.schedule_period
    shortest = timing.access_token_lifetime - timing.margin - timing.jitter
    assert cost.MONTH / longest < cost.refreshes() < cost.MONTH / shortest


def test_the_settings_are_the_defaults_of_the_template() -> None:
    assert isinstance(cost.settings(), Settings)
    assert template()["Parameters"]["RefreshSchedule"]["Default"] == "rate(5 minutes)"
    assert cost.ticks() == pytest.approx(8760)
