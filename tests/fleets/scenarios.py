"""The fleets that ``make simulate`` runs, and what is kept of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tests.fakes.world import TIMING
from tests.fleets.cells import cell_names, sizes
from tests.fleets.fleet import PERIOD, Fleet, Plan, sixty_to_ninety_minutes
from tests.fleets.measures import Measures
from tests.fleets.stack import Rules, since_start
from tests.fleets.weather import DAY, HOUR, Span, Weather, eventful

CELLS = 25
"""A million credentials in so many stacks: 40,000 each, which take four fifths of the quota with tokens of an hour."""
MILLION = 1_000_000
SCALE = 1 / 12
"""The share of a large fleet that is simulated, with this share of the quota and of the workers, which is one of 12."""

OUTAGE = Weather(outages=(Span.of(DAY / 2, 120),))
MONTH_DAYS = 30.0
TWO_DAYS = 2.0

WHOLE_TICK = Rules(replace(TIMING, jitter=timedelta(seconds=300), minimum_freshness=timedelta(seconds=720)))
"""The same margin, with three minutes of the promise given to the jitter, so that it spans a whole tick."""


def largest_cell() -> int:
    """Return how many credentials the largest of the cells has."""
    return max(sizes((f"credential-{number:07}" for number in range(MILLION)), cell_names(CELLS)).values())


def months(days: float = MONTH_DAYS, cell: int = MILLION // CELLS) -> dict[str, Plan]:
    """Return the fleets that live through a month."""
    return {
        "100": Plan(100, days, eventful(imported=100)),
        "10,000": Plan(10_000, days, eventful()),
        "67,000": Plan(67_000, days, eventful(SCALE), SCALE, 12, sixty_to_ninety_minutes),
        "a cell of a million": Plan(cell, days, eventful(SCALE), SCALE, 12),
    }


def comparisons(credentials: int = 10_000) -> dict[str, Plan]:
    """Return the fleets that show one rule: two days with an outage of two hours after twelve."""
    plan = Plan(credentials, TWO_DAYS, OUTAGE, share=1 / 5)
    return {
        "before": replace(plan, rules=Rules(parts=False)),
        "after": plan,
        "a whole tick of jitter": replace(plan, rules=WHOLE_TICK),
    }


def at_the_quota() -> dict[str, Plan]:
    """Return the largest fleet of one stack in the same outage, with ticks that send again what waits, and as it is."""
    plan = Plan(67_000, TWO_DAYS, OUTAGE, 1 / 4, 12, sixty_to_ninety_minutes)
    before = replace(plan, rules=Rules(resends=True))
    return {"before: each tick sends again what waits": before, "what may be waiting is not sent again": plan}


@dataclass(frozen=True)
class Result:
    """What is kept of a simulation.

    Attributes:
        plan: What was simulated.
        measures: What was measured.
        alerts: When each alert was sent, in seconds, and its event.
    """

    plan: Plan
    measures: Measures
    alerts: Sequence[tuple[float, str]]

    @classmethod
    def of(cls, plan: Plan, seed: int = 1) -> "Result":
        """Run a plan."""
        fleet = Fleet(plan, seed).run()
        return cls(
            plan, fleet.measures, [(since_start(alert.at), str(alert.event)) for alert in fleet.stack.topic.alerts]
        )

    @property
    def sent(self) -> Counter[str]:
        """How many alerts of each event were sent."""
        return Counter(event for _, event in self.alerts)

    @property
    def deserved(self) -> Counter[str]:
        """How many alerts people deserve, from the weather and what pipelines read; no decision of the package is used.

        An outage in which a token ends deserves a warning and an all-clear; one of more than an hour, in which
        pipelines have no token, also the operator's attention. Nothing else deserves a message.
        """
        deserved: Counter[str] = Counter()
        for outage in self.plan.weather.outages:
            if outage.start > self.plan.days * DAY:
                continue
            if self.measures.least_left(outage.start, outage.end + HOUR / 2) < 0:
                deserved.update(["refresh_at_risk", "recovered"])
                if outage.end - outage.start > HOUR:
                    deserved["operator_action_required"] += 1
        return deserved

    def recovered_after(self, end: float) -> float | None:
        """Return how long after the end of an outage every pipeline had a token, in seconds."""
        return next((tick.at - end for tick in self.measures.ticks if tick.at >= end and tick.worst > 0), None)

    def writes_per_second(self) -> float:
        """Return the most writes a second, on average over a period, of the whole fleet."""
        return max(tick.writes for tick in self.measures.ticks) / PERIOD / self.plan.share
