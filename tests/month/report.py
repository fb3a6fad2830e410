"""The report of a simulated month."""

from dataclasses import dataclass
from typing import Self

from rich.table import Table

from tests.month.drawn_month import Month, month
from tests.month.health import Health, health
from tests.month.matching import Comparison, compare, subject
from tests.month.script import DAYS, END, TICK
from tests.month.scripted_fleet import fleet_of_script


@dataclass(frozen=True)
class Report:
    """One month, from its script to its figures.

    Attributes:
        month: The script and its expected alerts.
        comparison: The expected and the sent alerts.
        health: What the month cost.
        failed_publications: How often the topic refused an alert.
        complaints: What is wrong, one line for each.
    """

    month: Month
    comparison: Comparison
    health: Health
    failed_publications: int
    complaints: tuple[str, ...]

    @classmethod
    def of(cls, seed: int) -> Self:
        """Simulate a month."""
        drawn = month(seed)
        fleet = fleet_of_script(drawn.script)
        fleet.run(END)
        comparison = compare(drawn.expected, fleet.alerts, fleet.client_of)
        missing = [
            f"missing: {one.event} of {one.subject} between {one.window.not_before:%d %b %H:%M}"
            f" and {one.window.not_after:%d %b %H:%M}"
            for one in comparison.missing
        ]
        unexpected = [
            f"unexpected: {alert.event} of {subject(alert, fleet.client_of)} at {alert.at:%d %b %H:%M}"
            f" ({alert.code or 'no code'}, message {alert.notifications})"
            for alert in comparison.unexpected
        ]
        figures = health(drawn.script, fleet)
        return cls(drawn, comparison, figures, fleet.world.topic.refused, (*missing, *unexpected))

    @property
    def is_equal(self) -> bool:
        """Whether exactly the expected alerts were sent."""
        return self.comparison.is_equal

    def tables(self) -> list[Table]:
        """Return the tables for a terminal."""
        script = self.month.script
        alerts = Table(title=f"Alerts of a month, seed {script.seed}")
        alerts.add_column("event", no_wrap=True)
        for head in ("expected", "sent", "missing", "unexpected"):
            alerts.add_column(head, justify="right")
        rows = self.comparison.rows()
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
                "calls for rejected grants after the alert",
                f"{one.of_rejected_grants} (at most {one.probes_of_rejected_grants})",
            ),
            ("longest without a token while the provider answered", f"{one.longest_without}"),
            ("alerts that SNS refused at first", str(self.failed_publications)),
            ("alerts sent and alerts expected", "equal" if self.is_equal else "NOT EQUAL"),
        ]
