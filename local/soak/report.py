"""The report of a soak: tables for people, and the same as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.table import Table

from local.soak.faults import FaultKind
from local.soak.probe import Reads


@dataclass(frozen=True)
class SoakReport:
    """The numbers of one soak.

    Attributes:
        seed: The seed of the faults.
        credentials: The number of credentials, by the rotation of their provider.
        fault_seconds: For how long faults were injected.
        quiet_seconds: How long it then took until every credential was settled.
        aws_faults: How often each kind of fault happened, by operation.
        provider_faults: How often the provider failed, by kind of fault.
        deliveries: How many messages were delivered, and how many of them were not handled and came again.
        dead_lettered: How many messages ended in the dead-letter queue.
        results: The results of the attempts, from the log of the refresh function.
        alerts: The alerts that were sent, by event.
        reads: What a probe has read that reads as pipelines do, in faults and after them.
        lost: The names of the credentials that lost a token, once for each token.
        unsettled: What is wrong with a credential at the end, by its name.
    """

    seed: int
    credentials: Mapping[str, int]
    fault_seconds: float
    quiet_seconds: float
    aws_faults: Mapping[str, Mapping[str, int]]
    provider_faults: Mapping[str, int]
    deliveries: Mapping[str, int]
    dead_lettered: int
    results: Mapping[str, int]
    alerts: Mapping[str, int]
    reads: Mapping[str, Reads] = field(default_factory=dict)
    lost: Sequence[str] = field(default_factory=list)
    unsettled: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether no token was lost, every credential is settled, and no pipeline read an older token than before.

        While everything answers, no pipeline reads a token that has ended, either.
        """
        is_in_order = not any(reads.older or reads.mixed for reads in self.reads.values())
        calm = self.reads.get("after them")
        return not self.lost and not self.unsettled and is_in_order and not (calm and calm.ended)

    def figures(self) -> list[tuple[str, str]]:
        """Return every number with its meaning."""
        aws = sum(sum(kinds.values()) for kinds in self.aws_faults.values())
        return [
            ("seed", str(self.seed)),
            ("credentials", _listed(self.credentials)),
            ("faults for", f"{self.fault_seconds:.0f} s"),
            ("settled after", f"{self.quiet_seconds:.0f} s without faults"),
            ("faults of AWS", str(aws)),
            ("faults of the provider", f"{sum(self.provider_faults.values())} ({_listed(self.provider_faults)})"),
            ("deliveries", _listed(self.deliveries)),
            ("in the dead-letter queue", str(self.dead_lettered)),
            ("refreshes", str(self.results.get("refreshed", 0))),
            ("recoveries", str(sum(times for result, times in self.results.items() if "recovered" in result))),
            ("kept in escrow or pending", str(self.results.get("kept", 0))),
            ("results", _listed(self.results)),
            ("alerts", _listed(self.alerts)),
            *((f"reads of pipelines {when}", reads.sentence()) for when, reads in self.reads.items()),
            ("tokens lost", str(len(self.lost))),
            ("credentials not settled", str(len(self.unsettled))),
        ]

    def fault_rows(self) -> list[list[str]]:
        """Return the faults of AWS as a table: a row for each operation, a column for each kind, with sums."""
        sums = {str(kind): sum(kinds.get(kind, 0) for kinds in self.aws_faults.values()) for kind in FaultKind}
        rows: list[tuple[str, Mapping[str, int]]] = [*sorted(self.aws_faults.items()), ("all", sums)]
        return [
            [operation, *(str(kinds.get(kind, 0)) for kind in FaultKind), str(sum(kinds.values()))]
            for operation, kinds in rows
        ]

    def tables(self) -> list[Table]:
        """Return the tables for a terminal."""
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
        """Write the report as ``report.json`` and ``report.md``."""
        folder.mkdir(parents=True, exist_ok=True)
        document = asdict(self) | {"reads": {when: reads.sentence() for when, reads in self.reads.items()}}
        (folder / "report.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
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
