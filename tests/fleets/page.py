"""Writes the results into docs/fleets.md, as tables between the comments that name them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from local.stack.toolchain import ROOT
from tests.fleets.cells import cell_names, moved, sizes
from tests.fleets.fleet import PERIOD
from tests.fleets.scenarios import CELLS, MILLION, Result
from tests.fleets.services import WRITES_PER_SECOND
from tests.fleets.weather import DAY, HOUR, MINUTE
from tools.docs import cost

PATH: Final = ROOT / "docs" / "fleets.md"
FLEETS: Final = (1, 10, 100, 1000, 10_000, 40_000, 67_000, MILLION)
_END: Final = "<!-- end -->"


def render(page: str, tables: Mapping[str, str]) -> str:
    """Return the page with new tables."""
    for name, table in tables.items():
        begin = f"<!-- {name}: simulated -->"
        before, found, rest = page.partition(begin)
        assert found, f"the page has no place for {name}"
        _, end, after = rest.partition(_END)
        page = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return page


def tables(
    months: Mapping[str, Result], compared: Mapping[str, Result], at_the_quota: Mapping[str, Result]
) -> dict[str, str]:
    """Return the tables of a whole run by name."""
    return {
        "month": "\n".join(_month(months)),
        "outages": "\n".join(_outages(months)),
        "events": "\n".join(_events(months)),
        "alerts": "\n".join(_alerts(months)),
        "recovery": "\n".join(_recovery(compared)),
        "quota": "\n".join(_at_the_quota(at_the_quota)),
        "cells": "\n".join(_cells()),
        "cost": "\n".join(_cost()),
    }


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield f"|{'---|' * len(cells)}"


def calm(result: Result) -> tuple[float, float]:
    """Return the day before the first event."""
    return DAY, 2 * DAY if result.plan.days > 2 else result.plan.days * DAY


def _month(months: Mapping[str, Result]) -> Iterator[str]:
    yield from _head(
        "fleet",
        "simulated",
        "refreshes",
        "least left on a calm day",
        "busiest tick to mean",
        "longest wait",
        "most writes",
    )
    for name, one in months.items():
        start, end = calm(one)
        measures, plan = one.measures, one.plan
        waits = [wait for slot, wait in measures.oldest.items() if start <= slot * PERIOD < end]
        ticks = [tick for tick in measures.ticks if start <= tick.at < end]
        writes = max(tick.writes for tick in ticks) / PERIOD / plan.share
        yield _row(
            f"{name} ({plan.credentials:,})",
            "all" if plan.share == 1 else f"1 of {1 / plan.share:.0f}",
            f"{sum(measures.refreshes.values()):,}",
            f"{measures.least_left(start, end) / MINUTE:.0f} min",
            f"{measures.unevenness(start, end):.1f}",
            f"{max(waits):.0f} s",
            f"{100 * writes / WRITES_PER_SECOND:.0f} % of the quota",
        )


def _outages(months: Mapping[str, Result]) -> Iterator[str]:
    yield from _head(
        "fleet", "outage", "least left", "all have a token after", "busiest tick to mean, 2 to 8 hours later"
    )
    for name, one in months.items():
        for outage in one.plan.weather.outages:
            after = one.recovered_after(outage.end)
            yield _row(
                name,
                f"{(outage.end - outage.start) / MINUTE:.0f} min",
                f"{one.measures.least_left(outage.start, outage.end + HOUR) / MINUTE:.0f} min",
                "-" if after is None else f"{max(after, 0) / MINUTE:.0f} min",
                f"{one.measures.unevenness(outage.end + 2 * HOUR, outage.end + 8 * HOUR):.1f}",
            )


def _events(months: Mapping[str, Result]) -> Iterator[str]:
    yield from _head("fleet", "event", "least left", "longest wait", "throttled writes")
    for name, one in months.items():
        weather = one.plan.weather
        spans = {
            "a lost tick": (weather.silences[0].start, weather.silences[0].end),
            "three lost ticks": (weather.silences[1].start, weather.silences[1].end),
            "neighbours write 40 a second for two hours": (
                weather.neighbours[0].span.start,
                weather.neighbours[0].span.end,
            ),
            "a deployment": (weather.deployments[0].start, weather.deployments[0].end),
            "an import": (weather.imports[0].at, weather.imports[0].at),
        }
        for event, (start, end) in spans.items():
            until = end + 2 * HOUR
            waits = [wait for slot, wait in one.measures.oldest.items() if start <= slot * PERIOD < until]
            throttled = sum(tick.throttled for tick in one.measures.ticks if start <= tick.at < until)
            left = one.measures.least_left(start, until) / MINUTE
            yield _row(name, event, f"{left:.0f} min", f"{max(waits):.0f} s", f"{throttled:,}")


def _alerts(months: Mapping[str, Result]) -> Iterator[str]:
    yield from _head("fleet", "deserved", "sent")
    for name, one in months.items():
        yield _row(name, _listed(one.deserved), _listed(one.sent))


def _listed(alerts: Counter[str]) -> str:
    return ", ".join(f"{number} `{event}`" for event, number in sorted(alerts.items())) or "none"


def _recovery(compared: Mapping[str, Result]) -> Iterator[str]:
    hours = ((2, 4), (4, 8), (8, 12), (18, 22))
    yield from _head(
        "10,000 credentials",
        *(f"{a} to {b} h later" for a, b in hours),
        "all have a token after",
        "refreshes in two days",
    )
    for name, one in compared.items():
        end = one.plan.weather.outages[0].end
        uneven = (f"{one.measures.unevenness(end + a * HOUR, end + b * HOUR):.1f}" for a, b in hours)
        after = one.recovered_after(end)
        minutes = "-" if after is None else f"{after / MINUTE:.0f} min"
        yield _row(name, *uneven, minutes, f"{sum(one.measures.refreshes.values()):,}")


def _at_the_quota(results: Mapping[str, Result]) -> Iterator[str]:
    yield from _head("67,000 credentials", "all have a token after", "longest wait", "messages for nothing", "alerts")
    for name, one in results.items():
        after = one.recovered_after(one.plan.weather.outages[0].end)
        yield _row(
            name,
            "-" if after is None else f"{after / MINUTE:.0f} min",
            f"{max(one.measures.oldest.values()) / MINUTE:.0f} min",
            f"{one.measures.counts['in vain'] / one.plan.share:,.0f}",
            _listed(one.sent),
        )


def _cells() -> Iterator[str]:
    yield from _head("cells", "smallest", "largest", "moved when one is added", "of those, to the new one")
    names = [f"credential-{number:07}" for number in range(100_000)]
    for number in (2, 5, 25):
        before, after = cell_names(number), cell_names(number + 1)
        counts = sizes(names, before)
        moves = moved(names, before, after)
        new = sizes(names, after)[after[-1]]
        yield _row(number, f"{min(counts.values()):,}", f"{max(counts.values()):,}", f"{moves:,}", f"{new:,}")


def dollars(credentials: int) -> float:
    """Return the cost of a fleet in a month, in as many stacks as it needs."""
    price = cost.prices(cost.PATH.read_text("utf-8"))
    stacks = -(-credentials // (MILLION // CELLS))
    stack, each = (sum(line.quantity * price[line.price] for line in lines()) for lines in (cost.fixed, cost.each))
    return stacks * stack + credentials * each


def _cost() -> Iterator[str]:
    yield from _head("credentials", "stacks", "USD a month", "USD a month for one credential")
    for size in FLEETS:
        stacks = -(-size // (MILLION // CELLS))
        yield _row(f"{size:,}", stacks, f"{dollars(size):,.2f}", f"{dollars(size) / size:.3f}")
