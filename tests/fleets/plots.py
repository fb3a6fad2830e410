"""Draws the results as small SVG files: a few hundred points each, with the text as text."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.fleets.fleet import PERIOD
from tests.fleets.measures import Tick
from tests.fleets.scenarios import Result
from tests.fleets.services import WRITES_PER_SECOND
from tests.fleets.weather import DAY, HOUR, MINUTE

POINTS = 360
"""The most points of a line."""

mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "fleets", "font.size": 9, "axes.grid": True})


def draw(folder: Path, months: Mapping[str, Result], compared: Mapping[str, Result]) -> None:
    """Write all plots."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(_freshness(months), folder / "freshness.svg")
    _save(_recovery(compared), folder / "recovery.svg")
    _save(_over_time(months, "longest wait for a worker, s", _waits), folder / "queue.svg")
    _save(_over_time(months, "writes, % of the quota", _quota), folder / "quota.svg")


def draw_cost(folder: Path, sizes: Sequence[int], dollars: Callable[[int], float]) -> None:
    """Write the plot of the cost over the size of a fleet."""
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    axes.loglog(sizes, [dollars(size) for size in sizes], marker="o", markersize=3)
    axes.set_xlabel("credentials")
    axes.set_ylabel("USD a month")
    _save(figure, folder / "cost.svg")


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})


def binned(ticks: Sequence[Tick], value: Callable[[Tick], float], pick: Callable[[list[float]], float]) -> list[float]:
    """Return one number for each of some hundred groups of ticks."""
    group = max(1, -(-len(ticks) // POINTS))
    return [pick([value(tick) for tick in ticks[at : at + group]]) for at in range(0, len(ticks), group)]


def _days(ticks: Sequence[Tick]) -> list[float]:
    return binned(ticks, lambda tick: tick.at / DAY, min)


def _freshness(months: Mapping[str, Result]) -> Figure:
    figure = Figure(figsize=(7, 2 * len(months)), layout="constrained")
    rows = figure.subplots(len(months), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, result) in zip(rows, months.items(), strict=True):
        ticks = result.measures.ticks
        axes.plot(_days(ticks), binned(ticks, lambda tick: tick.typical / MINUTE, min), label="typical", linewidth=0.8)
        axes.plot(_days(ticks), binned(ticks, lambda tick: tick.worst / MINUTE, min), label="worst", linewidth=0.8)
        axes.axhline(15, color="grey", linestyle=":", linewidth=0.8, label="the promise")
        axes.set_ylim(-180, 75)
        axes.set_ylabel("minutes left")
        axes.set_title(name, fontsize=9)
    rows[0].legend(loc="lower right", fontsize=8)
    rows[-1].set_xlabel("day")
    return figure


def _recovery(compared: Mapping[str, Result]) -> Figure:
    figure = Figure(figsize=(7, 2 * len(compared)), layout="constrained")
    rows = figure.subplots(len(compared), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (name, result) in zip(rows, compared.items(), strict=True):
        end = result.plan.weather.outages[0].end
        slots = range(int((end - 3 * HOUR) // PERIOD), int((end + 12 * HOUR) // PERIOD))
        counts = result.measures.refreshes
        axes.step([(slot * PERIOD - end) / HOUR for slot in slots], [counts[slot] for slot in slots], linewidth=0.8)
        axes.set_ylabel("refreshes")
        axes.set_title(name, fontsize=9)
    rows[-1].set_xlabel("hours since the end of the outage")
    return figure


def _over_time(months: Mapping[str, Result], label: str, values: Callable[[Result], Callable[[Tick], float]]) -> Figure:
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for name, result in months.items():
        ticks = result.measures.ticks
        axes.plot(_days(ticks), binned(ticks, values(result), max), label=name, linewidth=0.8)
    axes.set_yscale("symlog")
    axes.set_xlabel("day")
    axes.set_ylabel(label)
    axes.legend(fontsize=8)
    return figure


def _waits(result: Result) -> Callable[[Tick], float]:
    return lambda tick: result.measures.oldest.get(int(tick.at // PERIOD), 0.0)


def _quota(result: Result) -> Callable[[Tick], float]:
    return lambda tick: 100 * tick.writes / PERIOD / (WRITES_PER_SECOND * result.plan.share)
