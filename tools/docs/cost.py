"""Computes the monthly cost of an installation in docs/deploy.md, from the code and the prices on that page.

``make reference`` writes the tables, and a test compares the page with them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Final
from unittest.mock import patch

from local.stack.toolchain import ROOT
from tests.fakes.world import DUE_AGE, World
from tests.packaging.cloudformation import default_environment, template
from tests.packaging.test_alarms import ALARMS
from tests.packaging.test_dashboard import COUNTED
from token_refresher.aws.registry_item import to_item
from token_refresher.base.clock import system_clock
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.identity import Identity
from token_refresher.entrypoints.metrics import ALARMED, DIMENSIONS, Metric
from token_refresher.entrypoints.settings import Settings
from token_refresher.registry.entry import RegistryEntry
from tools.docs.write_units import item_size, written

PATH: Final = ROOT / "docs" / "deploy.md"
MONTH: Final = timedelta(hours=730)
"""A twelfth of a year, as AWS counts a month."""

FLEETS: Final = (1, 10, 100, 1000)

# Assumptions that the code does not contain, rather too high than too low.
REFRESH_SECONDS: Final = 0.5
"""The duration of a refresh: 0.3 s of Microsoft, 0.02 s a call of AWS, and processor time."""
TICK_SECONDS: Final = 2.0
ROUND: Final = timedelta(hours=1)
"""How often the ticks together have read every entry, and seen every secret."""
LOG_KILOBYTES: Final = 1
"""The log of a refresh: 570 bytes of its own, 270 of Lambda's lines, and 26 for each line that CloudWatch adds."""
TICK_LOG_KILOBYTES: Final = 1.5
"""The log of a tick, including the metrics."""
REQUESTS_OF_QUEUE: Final = 2.1
"""A tenth of a batch is sent, one message is received, one is deleted."""
POLLS: Final = 5
"""How many long polls of twenty seconds Lambda keeps open at an empty queue."""
SECRETS_A_PAGE: Final = 100
"""The page size of ListSecrets."""

_READ_UNIT: Final = 4096
_REFRESHES: Final = 20
"""Enough refreshes that an entry has as many fingerprints as it keeps."""
_NAME: Final = "customers/acme-bing-ads"
_GUID: Final = "11111111-2222-4333-8444-555555555555"
_ACCOUNT: Final = KnownAccount("1234567", AccountAccess.REACHABLE, "Search Ads of Acme", "Active")

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


@dataclass(frozen=True)
class Refresh:
    """One refresh of a credential that has been refreshed for long.

    Attributes:
        calls: Its calls, as the fakes of the tests record them.
        items: The items of the registry before it and after each of its writes.
    """

    calls: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]

    @property
    def write_units(self) -> int:
        """The write units of the table and its indexes."""
        table = template()["Resources"]["CredentialsTable"]["Properties"]
        return sum(written(table, before, after) for before, after in pairwise(self.items))


@cache
def refresh() -> Refresh:
    """Run refreshes, and return the last one: its entry has all that the entry of a healthy credential has."""
    world = World()
    person = Identity("firstname.lastname@agency.example.com", _GUID, _GUID, world.clock())
    account: dict[str, Any] = {"account_id": _ACCOUNT.account_id, "developer_token": "planted-developer-token"}
    world.manage(_NAME, client_id=_GUID, tenant=_GUID, identity=person.to_document(), **account)
    world.registry.entries[_NAME] = replace(world.registry.entries[_NAME], account=_ACCOUNT)
    for _ in range(_REFRESHES):
        world.refresh(_NAME)
        world.clock.advance(DUE_AGE)
    items, save = [to_item(world.registry.entries[_NAME])], world.registry.save

    def recorded(entry: RegistryEntry) -> RegistryEntry:
        written_entry = save(entry)
        items.append(to_item(written_entry))
        return written_entry

    world.calls.log.clear()
    with patch.object(world.registry, "save", recorded):
        world.refresh(_NAME)
    return Refresh(tuple(world.calls.log), tuple(items))


def calls() -> tuple[str, ...]:
    """Return the calls of one refresh."""
    return refresh().calls


def _count(prefix: str) -> int:
    return sum(call.startswith(prefix) for call in calls())


def metrics() -> int:
    """Return the number of metrics if every counted event happens."""
    return len(Metric) - len(DIMENSIONS) + sum(len(words) for _, words in COUNTED)


def _gigabytes() -> float:
    return float(template()["Globals"]["Function"]["MemorySize"]) / 1024


def fixed() -> Iterator[Line]:
    """Yield the lines of a stack without credentials."""
    tick = f"{ticks():,.0f} ticks"
    yield Line("The dashboard", "1", 1, "dashboard")
    yield Line("Metrics that an alarm reads", f"{len(ALARMED)}", len(ALARMED), "metric")
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
    yield Line("Logs", f"{tick} x {TICK_LOG_KILOBYTES:g} KB", ticks() * TICK_LOG_KILOBYTES / 1_000_000, "logs")


def options() -> Iterator[Line]:
    """Yield what each option adds; without a dashboard it is less."""
    more = metrics() - len(ALARMED)
    yield Line("`DetailedMetrics`, if everything is counted that can be", f"{more}", more, "metric")
    yield Line("`Tracing`, for the ticks", f"{ticks():,.0f} ticks", ticks(), "traces")
    yield Line("`Tracing`, for a credential of a small fleet", f"{refreshes():,.0f} refreshes", refreshes(), "traces")
    yield Line("`EventBusName`, for a credential", f"{refreshes():,.0f} refreshes", refreshes(), "events")
    yield Line("`CreateDashboard`: `false`", "-1", -1, "dashboard")


def each() -> Iterator[Line]:
    """Yield the lines of one credential."""
    times, many, rounds = f"{refreshes():,.0f} refreshes", refreshes(), MONTH / ROUND
    yield Line("The secret", "1", 1, "secret")
    store = _count("store.")
    yield Line("Calls of Secrets Manager", f"{times} x {store}", many * store, "secret-calls")
    listed = (rounds + many) / SECRETS_A_PAGE
    yield Line("Listing it", f"({rounds:,.0f} rounds + {times}) / {SECRETS_A_PAGE}", listed, "secret-calls")
    units = refresh().write_units
    yield Line("Writing the registry", f"{times} x {units} units", many * units, "dynamodb-writes")
    reads, round_units = _count("registry.get") + _count("circuits.get"), item_size(refresh().items[-1]) / _READ_UNIT
    counted = f"{times} x {reads} + {rounds:,.0f} rounds x {round_units:.2f}"
    yield Line("Reading the registry", counted, many * reads + rounds * round_units, "dynamodb-reads")
    seconds = many * REFRESH_SECONDS * _gigabytes()
    yield Line("Running the refresh", f"{times} x {REFRESH_SECONDS:g} s x {_gigabytes():g} GB", seconds, "lambda-time")
    yield Line("Calling it", times, many, "lambda-calls")
    counted = f"{times} x {REQUESTS_OF_QUEUE:g} (send in tens, receive, delete)"
    yield Line("Requests", counted, many * REQUESTS_OF_QUEUE, "sqs")
    yield Line("Logs", f"{times} x {LOG_KILOBYTES:g} KB", many * LOG_KILOBYTES / 1_000_000, "logs")


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
        "options": _rows(list(options()), price),
        "credential": _bill(list(each()), price),
        "dominates": _dominates(price),
        "reader": f"A reader that keeps a token for five minutes adds {reader():,.0f} calls of Secrets Manager a month,"
        f" which are {reader() * price['secret-calls']:.2f} USD.",
        "fleet": "\n".join(["| credentials | USD a month |", "|---|---|", *fleet]),
    }


def _sum(lines: Iterator[Line], price: Mapping[str, float]) -> float:
    return sum(line.quantity * price[line.price] for line in lines)


def _dominates(price: Mapping[str, float]) -> str:
    beside = {line.what: line.quantity * price[line.price] for line in each() if line.price != "secret"}
    own = sum(line.quantity * price[line.price] for line in each() if line.price == "secret-calls")
    largest = sorted(beside, key=lambda what: -beside[what])[:3]
    named = ", ".join(f"{what} ({beside[what]:.4f} USD)" for what in largest)
    all_of_it = sum(beside.values())
    return (
        f"Beside the secret itself, a credential costs {all_of_it:.3f} USD a month: {own:.3f} USD are calls of Secrets"
        f" Manager, all the rest is {all_of_it - own:.3f} USD. Most of it: {named}."
    )


def _rows(lines: list[Line], price: Mapping[str, float]) -> str:
    rows = [f"| {one.what} | {one.counted} | `{one.price}` | {one.quantity * price[one.price]:.4f} |" for one in lines]
    return "\n".join(["| what | how many a month | price | USD a month |", "|---|---|---|---|", *rows])


def _bill(lines: list[Line], price: Mapping[str, float]) -> str:
    return f"{_rows(lines, price)}\n| **Together** | | | **{_sum(iter(lines), price):.2f}** |"


def render(page: str) -> str:
    """Return the page with its tables computed again."""
    for name, table in tables(prices(page)).items():
        begin = f"<!-- {name}: computed -->"
        before, _, rest = page.partition(begin)
        _, end, after = rest.partition(_END)
        page = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return page
