"""The metrics: their names, units and dimensions. Tests check alarms, dashboard and runbook against them."""

from enum import StrEnum
from typing import Final

from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE: Final = "TokenRefresher"


class Metric(StrEnum):
    """The name of each metric. Every metric has the dimension ``service``, which is the name of the stack."""

    # Of a tick.
    TICKS = "Ticks"
    """Ticks that finished. The alarm on a silent dispatch watches this one, so a tick that fails does not count."""
    WORST_SECONDS_LEFT = "WorstSecondsLeft"
    """The time left of the access token that expires first, of those that are kept alive."""
    OLDEST_REFRESH_TOKEN_DAYS = "OldestRefreshTokenDays"
    REFRESH_TOKENS_ENDING_SOON = "RefreshTokensEndingSoon"
    """Refresh tokens that end within 30 days whatever one does: a person has to sign in before."""
    CREDENTIALS = "Credentials"
    DUE_CREDENTIALS = "DueCredentials"
    ESCROWED_CREDENTIALS = "EscrowedCredentials"
    PUT_OFF_CREDENTIALS = "PutOffCredentials"
    """Credentials that a tick had no time for; the next ticks go on with them."""

    # Of an attempt.
    LOOKED = "Looked"
    REFRESHED = "Refreshed"
    RECOVERED = "Recovered"
    OVERTAKEN = "Overtaken"
    HELD_BACK = "HeldBack"
    """Attempts without a call, because the circuit of the authority is open."""
    STATUS_NOT_SHOWN = "StatusNotShown"
    """Status tags that could not be set; an attempt that the reconciliation requests sets them."""
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
            case Metric.OLDEST_REFRESH_TOKEN_DAYS:  # CloudWatch has no unit for days.
                return MetricUnit.NoUnit
            case Metric.WORST_SECONDS_LEFT:
                return MetricUnit.Seconds
            case _:
                return MetricUnit.Count


DIMENSIONS: Final = {Metric.CREDENTIALS: "status", Metric.FAILED: "actor", Metric.ALERTS_SENT: "event"}
"""The dimension of each metric that has one of its own."""

ALARMED: Final = frozenset({Metric.TICKS, Metric.WORST_SECONDS_LEFT, Metric.ALERTS_NOT_SENT})
"""The metrics that an alarm reads. All others are written only with `DetailedMetrics`: CloudWatch charges each metric,
and the log lines have the same facts."""
