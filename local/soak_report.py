"""What a soak is summed up in: a table for people, and the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.table import Table

from local.faults import FaultKind


@dataclass(frozen=True)
class SoakReport:
    """The numbers of one soak.

    Attributes:
        seed: What the faults were drawn with.
        credentials: How many credentials there were, by the rotation of their provider.
        bad_weather_seconds: For how long there were faults.
        quiet_seconds: How long it took after that until every credential was settled.
        aws_faults: How often each kind of fault has happened, by operation.
        provider_faults: How often the provider misbehaved, by kind.
        deliveries: How many messages were delivered, and how many of them were not handled and came again.
        put_aside: How many messages ended in the dead-letter queue.
        results: How the looks at credentials ended, by the log of the refresh function.
        alerts: What people were told, by event.
        lost: Names of the credentials that lost a token, once for each token.
        unsettled: What is not as it should be at the end, by credential.
    """

    seed: int
    credentials: Mapping[str, int]
    bad_weather_seconds: float
    quiet_seconds: float
    aws_faults: Mapping[str, Mapping[str, int]]
    provider_faults: Mapping[str, int]
    deliveries: Mapping[str, int]
    put_aside: int
    results: Mapping[str, int]
    alerts: Mapping[str, int]
    lost: Sequence[str] = field(default_factory=list)
    unsettled: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, and everything ended as it should."""
        return not self.lost and not self.unsettled

    def figures(self) -> list[tuple[str, str]]:
        """Return every number with what it counts."""
        aws = sum(sum(kinds.values()) for kinds in self.aws_faults.values())
        return [
            ("seed", str(self.seed)),
            ("credentials", _listed(self.credentials)),
            ("faults for", f"{self.bad_weather_seconds:.0f} s"),
            ("settled after", f"{self.quiet_seconds:.0f} s of quiet"),
            ("faults of AWS", str(aws)),
            ("faults of the provider", f"{sum(self.provider_faults.values())} ({_listed(self.provider_faults)})"),
            ("deliveries", _listed(self.deliveries)),
            ("put aside", str(self.put_aside)),
            ("refreshes", str(self.results.get("refreshed", 0))),
            ("recoveries", str(sum(times for result, times in self.results.items() if "recovered" in result))),
            ("kept in escrow or pending", str(self.results.get("kept", 0))),
            ("results", _listed(self.results)),
            ("alerts", _listed(self.alerts)),
            ("tokens lost", str(len(self.lost))),
            ("credentials not settled", str(len(self.unsettled))),
        ]

    def fault_rows(self) -> list[list[str]]:
        """Return the faults of AWS as a table: operations down, kinds across, sums at the end of both."""
        sums = {str(kind): sum(kinds.get(kind, 0) for kinds in self.aws_faults.values()) for kind in FaultKind}
        rows: list[tuple[str, Mapping[str, int]]] = [*sorted(self.aws_faults.items()), ("all", sums)]
        return [
            [operation, *(str(kinds.get(kind, 0)) for kind in FaultKind), str(sum(kinds.values()))]
            for operation, kinds in rows
        ]

    def tables(self) -> list[Table]:
        """Return what is shown in a terminal."""
        faults = Table(title="Faults that happened")
        faults.add_column("fault of AWS", no_wrap=True)
        for head in (*FaultKind, "all"):
            faults.add_column(head, justify="right")
        for row in self.fault_rows():
            faults.add_row(*row)
        figures = Table("figure", "value", title="Soak")
        for row_of_two in self.figures():
            figures.add_row(*row_of_two)
        return [faults, figures]

    def write(self, folder: Path) -> None:
        """Keep the report as ``report.json`` and ``report.md``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")
        (folder / "report.md").write_text(self.markdown(), "utf-8")

    def markdown(self) -> str:
        """Return the report as a page."""
        lines = ["# Soak", "", "| | |", "|---|---|", *(f"| {what} | {value} |" for what, value in self.figures())]
        heads = ["fault of AWS", *FaultKind, "all"]
        lines += ["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        lines += [f"| {' | '.join(row)} |" for row in self.fault_rows()]
        lines += ["", *(f"- {name}: {', '.join(what)}" for name, what in self.unsettled.items())]
        return "\n".join(lines).rstrip() + "\n"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in sorted(counts.items())) or "none"
