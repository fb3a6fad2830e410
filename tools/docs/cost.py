"""Computes the monthly cost of an installation in docs/deploy.md, from the code and the prices on that page.

``make reference`` writes the tables, and a test compares the page with them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from local.stack.toolchain import ROOT
from tests.fakes.world import World
from tests.packaging.cloudformation import default_environment, template
from tests.packaging.test_alarms import ALARMS
from tests.packaging.test_dashboard import LABELS
from token_refresher.base.clock import system_clock
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.settings import Settings

PATH: Final = ROOT / "docs" / "deploy.md"
MONTH: Final = timedelta(hours=730)
"""A twelfth of a year, as AWS counts a month."""

FLEETS: Final = (1, 10, 100, 1000)

# Assumptions that the code does not contain, rather too high than too low.
REFRESH_SECONDS: Final = 1.0
"""The duration of a refresh, most of which it waits for Microsoft."""
TICK_SECONDS: Final = 2.0
WRITE_UNITS: Final = 6
"""An entry is less than 2 KB, which is two units; the index `due` loses the old one and gets the new one."""
SCAN_UNITS: Final = 0.5
"""A tick reads every entry consistently, and pays for 4 KB at once."""
LOG_KILOBYTES: Final = 3
"""The log of a refresh, including Lambda's lines and the metrics."""
TICK_LOG_KILOBYTES: Final = 6
POLLS: Final = 5
"""How many long polls of twenty seconds Lambda keeps open at an empty queue."""
SECRETS_A_PAGE: Final = 100
"""The page size of ListSecrets."""

_PRICE: Final = re.compile(r"^\| `([a-z-]+)` \| ([0-9.]+) \| ([0-9,]+) ", re.MULTILINE)
_END: Final = "<!-- end -->"


@dataclass(frozen=True)
class Line:
    """One line of the bill.

    Attributes:
        what: The item.
        counted: How the quantity is computed, in words.
        quantity: The quantity in a month.
        price: The name of its price on the page.
    """

    what: str
    counted: str
    quantity: float
    price: str


@cache
def settings() -> Settings:
    """Return the settings of the functions with the default parameters."""
    return Settings.from_environment(default_environment())


def ticks() -> float:
    """Return how often dispatch runs in a month."""
    return MONTH / settings().timing.schedule_period


def refreshes() -> float:
    """Return how often a credential is refreshed in a month: on average half the jitter early, half a period late."""
    timing, issued = settings().timing, system_clock()
    due = timing.next_action_at(issued, issued + timing.access_token_lifetime, 0.5)
    return MONTH / (due - issued + timing.schedule_period / 2)


@cache
def calls() -> tuple[str, ...]:
    """Return the calls of one refresh, as the fakes of the tests record them."""
    world = World()
    world.manage()
    world.refresh()
    return tuple(world.calls.log)


def _count(prefix: str) -> int:
    return sum(call.startswith(prefix) for call in calls())


def metrics() -> int:
    """Return the number of metrics if every counted event happens."""
    return len(Metric) - len(LABELS) + sum(len(labels) for labels in LABELS.values())


def _gigabytes() -> float:
    return float(template()["Globals"]["Function"]["MemorySize"]) / 1024


def fixed() -> Iterator[Line]:
    """Yield the lines of a stack without credentials."""
    tick = f"{ticks():,.0f} ticks"
    yield Line("The dashboard", "1", 1, "dashboard")
    yield Line("Metrics, if everything is counted that can be", f"{metrics()}", metrics(), "metric")
    yield Line("Alarms", f"{len(ALARMS)}", len(ALARMS), "alarm")
    yield Line("The secret that signs links", "1", 1, "secret")
    keys = sum(resource["Type"] == "AWS::KMS::Key" for resource in template()["Resources"].values())
    yield Line("The key of the escrow", f"{keys}", keys, "key")
    polls = POLLS * (MONTH / timedelta(seconds=20))
    yield Line("Waiting for requests", f"{POLLS} polls, one each 20 s", polls, "sqs")
    gigabyte_seconds = ticks() * TICK_SECONDS * _gigabytes()
    yield Line(
        "Running dispatch", f"{tick} x {TICK_SECONDS:g} s x {_gigabytes():g} GB", gigabyte_seconds, "lambda-time"
    )
    yield Line("Calling dispatch", tick, ticks(), "lambda-calls")
    yield Line("The schedule", tick, ticks(), "scheduler")
    yield Line("Listing secrets", tick, ticks(), "secret-calls")
    yield Line("Asking what is due", tick, ticks(), "dynamodb-reads")
    yield Line("Traces", tick, ticks(), "traces")
    yield Line("Logs", f"{tick} x {TICK_LOG_KILOBYTES} KB", ticks() * TICK_LOG_KILOBYTES / 1_000_000, "logs")


def each() -> Iterator[Line]:
    """Yield the lines of one credential."""
    refresh, tick, many = f"{refreshes():,.0f} refreshes", f"{ticks():,.0f} ticks", refreshes()
    yield Line("The secret", "1", 1, "secret")
    store = _count("store.")
    yield Line("Calls of Secrets Manager", f"{refresh} x {store}", many * store, "secret-calls")
    yield Line("Listing it", f"{tick} / {SECRETS_A_PAGE}", ticks() / SECRETS_A_PAGE, "secret-calls")
    writes = _count("registry.save")
    counted = f"{refresh} x {writes} x {WRITE_UNITS} units"
    yield Line("Writing the registry", counted, many * writes * WRITE_UNITS, "dynamodb-writes")
    reads = _count("registry.get") + _count("circuits.get")
    counted = f"{refresh} x {reads} + {tick} x {SCAN_UNITS}"
    yield Line("Reading the registry", counted, many * reads + ticks() * SCAN_UNITS, "dynamodb-reads")
    seconds = many * REFRESH_SECONDS * _gigabytes()
    yield Line(
        "Running the refresh", f"{refresh} x {REFRESH_SECONDS:g} s x {_gigabytes():g} GB", seconds, "lambda-time"
    )
    yield Line("Calling it", refresh, many, "lambda-calls")
    yield Line("Requests", f"{refresh} x 3 (send, receive, delete)", many * 3, "sqs")
    yield Line("Traces", refresh, many, "traces")
    yield Line("Logs", f"{refresh} x {LOG_KILOBYTES} KB", many * LOG_KILOBYTES / 1_000_000, "logs")


def reader() -> float:
    """Return how often a reader that caches the token for five minutes reads in a month."""
    return MONTH / timedelta(minutes=5)


def prices(page: str) -> dict[str, float]:
    """Read the unit prices from the page."""
    return {name: float(price) / float(many.replace(",", "")) for name, price, many in _PRICE.findall(page)}


def tables(price: Mapping[str, float]) -> dict[str, str]:
    """Return the tables by name, computed with the prices."""
    of_stack, of_each = _sum(fixed(), price), _sum(each(), price)
    fleet = [f"| {number:,} | {of_stack + number * of_each:,.2f} |" for number in FLEETS]
    return {
        "stack": _bill(list(fixed()), price),
        "credential": _bill(list(each()), price),
        "reader": f"A reader that keeps a token for five minutes adds {reader():,.0f} calls of Secrets Manager a month,"
        f" which are {reader() * price['secret-calls']:.2f} USD.",
        "fleet": "\n".join(["| credentials | USD a month |", "|---|---|", *fleet]),
    }


def _sum(lines: Iterator[Line], price: Mapping[str, float]) -> float:
    return sum(line.quantity * price[line.price] for line in lines)


def _bill(lines: list[Line], price: Mapping[str, float]) -> str:
    rows = [f"| {one.what} | {one.counted} | `{one.price}` | {one.quantity * price[one.price]:.4f} |" for one in lines]
    total = f"| **Together** | | | **{_sum(iter(lines), price):.2f}** |"
    return "\n".join(["| what | how many a month | price | USD a month |", "|---|---|---|---|", *rows, total])


def render(page: str) -> str:
    """Return the page with its tables computed again."""
    for name, table in tables(prices(page)).items():
        begin = f"<!-- {name}: computed -->"
        before, _, rest = page.partition(begin)
        _, end, after = rest.partition(_END)
        page = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return page
