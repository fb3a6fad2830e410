"""The result of the bench: one table for each question, with the machine and the versions beside them."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from tests.bench import built, cold_start, costs, steady_refresh, ticks, token_call


@dataclass(frozen=True)
class Result:
    """The figures of one run. Each is a ratio or a count; a ratio is a median, with the quartiles of its turns."""

    cold_starts: Sequence[cold_start.ColdStart]
    steady: steady_refresh.SteadyRefresh
    token_calls: token_call.TokenCalls
    ticks: Sequence[ticks.Tick]
    costs: costs.Costs

    def sections(self) -> list[tuple[str, list[list[str]]]]:
        """Return each title with its table: the head and the rows."""
        return [
            (
                "Cold starts, as processor time to a bare boto3 client that makes one call",
                cold_start.rows(self.cold_starts),
            ),
            ("A steady refresh, as processor time to a loop of the same calls", steady_refresh.rows(self.steady)),
            ("The token call through TLS, as calls in a second of processor time", token_call.rows(self.token_calls)),
            ("Ticks, as processor time", ticks.rows(self.ticks)),
            (f"Cost, with {self.costs.refreshes:,.0f} refreshes a month", costs.rows(self.costs)),
        ]

    def tables(self) -> list[Table]:
        """Return the tables for a terminal."""
        shown = []
        for title, (head, *rows) in self.sections():
            table = Table(*head, title=title)
            for row in rows:
                table.add_row(*row)
            shown.append(table)
        return shown

    def markdown(self) -> str:
        """Return the tables as Markdown."""
        lines = ["# Results of `make bench`", ""]
        lines += [f"- {name}: {value}" for name, value in self.conditions().items()]
        lines += [
            "",
            "A ratio is the median of the turns, with their quartiles. [What it means](../../docs/performance.md).",
        ]
        for title, (head, *rows) in self.sections():
            lines += ["", f"## {title}", "", _row(head), _row(["---"] * len(head)), *map(_row, rows)]
        return "\n".join(lines) + "\n"

    def conditions(self) -> Mapping[str, str]:
        """Return the machine and the versions."""
        load = os.getloadavg()[0]
        return {
            "machine": f"{platform.machine()}, {os.cpu_count()} processors, load {load:.1f} at the end",
            "Python of the bench": platform.python_version(),
            **built.versions(),
            **self.token_calls.versions,
        }

    def write(self, folder: Path) -> None:
        """Write the figures as JSON and as Markdown."""
        folder.mkdir(parents=True, exist_ok=True)
        document = {"conditions": dict(self.conditions()), **asdict(self)}
        (folder / "bench.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        (folder / "bench.md").write_text(self.markdown(), "utf-8")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
