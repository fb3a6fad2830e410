"""What happens to a fleet in a simulated month: outages, lost ticks, neighbours, imports and a deployment."""

from dataclasses import dataclass

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Span:
    """A time from its start to its end, in seconds since the start of the simulation."""

    start: float
    end: float

    @classmethod
    def of(cls, start: float, minutes: float) -> "Span":
        """Return a span of so many minutes."""
        return cls(start, start + minutes * MINUTE)

    def holds(self, now: float) -> bool:
        """Tell whether a moment is in the span."""
        return self.start <= now < self.end


@dataclass(frozen=True)
class Neighbours:
    """Other users of the account, who write to Secrets Manager."""

    span: Span
    writes_per_second: float


@dataclass(frozen=True)
class Import:
    """Credentials that an operator creates at one moment, with a refresh token and without an access token."""

    at: float
    credentials: int


@dataclass(frozen=True)
class Weather:
    """All that happens, in seconds since the start of the simulation.

    Attributes:
        outages: When Microsoft answers no call.
        silences: When no tick comes.
        neighbours: When others write to Secrets Manager.
        imports: When credentials are created.
        deployments: When a deployment ends the workers in mid-flight. No worker runs until its end.
    """

    outages: tuple[Span, ...] = ()
    silences: tuple[Span, ...] = ()
    neighbours: tuple[Neighbours, ...] = ()
    imports: tuple[Import, ...] = ()
    deployments: tuple[Span, ...] = ()

    def is_down(self, now: float) -> bool:
        """Tell whether Microsoft answers no call now."""
        return any(outage.holds(now) for outage in self.outages)

    def is_silent(self, now: float) -> bool:
        """Tell whether a tick of this moment is lost."""
        return any(silence.holds(now) for silence in self.silences)

    def writes_of_others(self, now: float) -> float:
        """Return how many writes a second the neighbours make now."""
        return sum(one.writes_per_second for one in self.neighbours if one.span.holds(now))

    def deployment(self, start: float, end: float) -> Span | None:
        """Return the deployment that ends a worker which runs from start to end."""
        return next((one for one in self.deployments if start < one.end and one.start <= end), None)


CALM = Weather()


def eventful(share: float = 1.0, imported: int = 12_000) -> Weather:
    """Return the month that every fleet meets: an event on every third day, so that each can be told from the others.

    Args:
        share: Which share of a fleet is simulated; neighbours and imports shrink with it.
        imported: How many credentials are imported at once.
    """
    return Weather(
        outages=(Span.of(2.4 * DAY, 5), Span.of(5.4 * DAY, 30), Span.of(8.4 * DAY, 120)),
        silences=(Span.of(11.4 * DAY, 5), Span.of(14.4 * DAY, 15)),
        neighbours=(Neighbours(Span.of(17.4 * DAY, 120), 40 * share),),
        imports=(Import(26.4 * DAY, round(imported * share)),),
        deployments=(Span.of(20.4 * DAY, 3),),
    )
