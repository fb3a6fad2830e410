"""What a simulated month is summed up in."""

from dataclasses import dataclass
from typing import Self

from rich.table import Table

from tests.month.drawing import Month, month
from tests.month.health import Health, health
from tests.month.matching import Verdict, compare, subject
from tests.month.script import DAYS, END, TICK
from tests.month.staging import staged


@dataclass(frozen=True)
class Report:
    """One month, from its script to its figures.

    Attributes:
        month: What was to happen.
        verdict: What people deserved and were told.
        health: What it cost.
        failed_publications: How often the topic did not take an alert.
        complaints: What is not as it should be, as lines of text.
    """

    month: Month
    verdict: Verdict
    health: Health
    failed_publications: int
    complaints: tuple[str, ...]

    @classmethod
    def of(cls, seed: int) -> Self:
        """Let a month pass."""
        drawn = month(seed)
        stage = staged(drawn.script)
        stage.run(END)
        verdict = compare(drawn.deserved, stage.alerts, stage.client_of)
        missing = [
            f"missing: {one.event} of {one.subject} between {one.window.not_before:%d %b %H:%M}"
            f" and {one.window.not_after:%d %b %H:%M}"
            for one in verdict.missing
        ]
        unexpected = [
            f"unexpected: {alert.event} of {subject(alert, stage.client_of)} at {alert.at:%d %b %H:%M}"
            f" ({alert.code or 'no code'}, message {alert.told})"
            for alert in verdict.unexpected
        ]
        figures = health(drawn.script, stage)
        return cls(drawn, verdict, figures, stage.world.topic.refused, (*missing, *unexpected))

    @property
    def is_equal(self) -> bool:
        """Whether people were told what they deserved, and nothing else."""
        return self.verdict.is_equal

    def tables(self) -> list[Table]:
        """Return what is shown in a terminal."""
        script = self.month.script
        alerts = Table(title=f"Alerts of a month, seed {script.seed}")
        alerts.add_column("event", no_wrap=True)
        for head in ("deserved", "sent", "missing", "unexpected"):
            alerts.add_column(head, justify="right")
        rows = self.verdict.rows()
        for event, *numbers in rows:
            alerts.add_row(event, *map(str, numbers))
        alerts.add_section()
        alerts.add_row("all", *(str(sum(column)) for column in list(zip(*rows, strict=True))[1:]))
        figures = Table("figure", "value", title="What it took")
        for row in self._figures():
            figures.add_row(*row)
        return [alerts, figures]

    def _figures(self) -> list[tuple[str, str]]:
        one, script = self.health, self.month.script
        return [
            ("credentials, ticks", f"{len(script.members)}, {DAYS * 24 * 60 * 60 // int(TICK.total_seconds())}"),
            ("calls of the token endpoint", str(one.calls)),
            ("most calls in a tick of an outage", f"{one.most_in_an_outage} ({one.outage_ticks} such ticks)"),
            (
                "calls for dead grants that people knew of",
                f"{one.of_dead_grants} (at most {one.probes_of_dead_grants})",
            ),
            ("longest without a token while the provider answered", f"{one.longest_without}"),
            ("alerts that SNS did not take at first", str(self.failed_publications)),
            ("alerts sent against alerts deserved", "equal" if self.is_equal else "NOT EQUAL"),
        ]
