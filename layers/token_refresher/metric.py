"""The metrics: their names, units and dimensions in one place. Alarms, dashboard and runbook are checked against it."""

from enum import StrEnum
from typing import Final

from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE: Final = "TokenRefresher"


class Metric(StrEnum):
    """What is counted and measured; every metric has the dimension ``service``, which is the name of the stack."""

    # Of a tick.
    TICKS = "Ticks"
    """Ticks that came to their end. The alarm on silence watches this one, for a tick that fails is none."""
    WORST_MINUTES_LEFT = "WorstMinutesLeft"
    """What is left of the token that ends first, of those that are kept alive. CloudWatch has no unit for minutes."""
    WORST_SECONDS_LEFT = "WorstSecondsLeft"
    """The same in the unit of the promise: a threshold in a template is a parameter, which cannot be divided."""
    OLDEST_REFRESH_TOKEN_DAYS = "OldestRefreshTokenDays"
    CREDENTIALS = "Credentials"
    DUE_CREDENTIALS = "DueCredentials"
    ESCROWED_CREDENTIALS = "EscrowedCredentials"

    # Of a look at a credential.
    LOOKED = "Looked"
    REFRESHED = "Refreshed"
    RECOVERED = "Recovered"
    OVERTAKEN = "Overtaken"
    HELD_BACK = "HeldBack"
    """Not tried, because the circuit of the authority is open."""
    STATUS_NOT_SHOWN = "StatusNotShown"
    """The tags of the secret could not be set; the next look sets them."""
    FAILED = "Failed"

    # Of the pages.
    REQUESTS = "Requests"
    CONNECTED = "Connected"
    CONSENT_NOT_GIVEN = "ConsentNotGiven"

    # Of all.
    ALERTS_SENT = "AlertsSent"
    ALERTS_NOT_SENT = "AlertsNotSent"
    FAULTS = "Faults"

    @property
    def unit(self) -> MetricUnit:
        """Its unit at CloudWatch."""
        match self:
            case Metric.WORST_MINUTES_LEFT | Metric.OLDEST_REFRESH_TOKEN_DAYS:
                return MetricUnit.NoUnit
            case Metric.WORST_SECONDS_LEFT:
                return MetricUnit.Seconds
            case _:
                return MetricUnit.Count


DIMENSIONS: Final = {Metric.CREDENTIALS: "status", Metric.FAILED: "actor", Metric.ALERTS_SENT: "event"}
"""What a metric is counted by, where it is counted by something."""
