"""The builder of the refresh function, its log lines and its metrics. It loads its own rooms and no other."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from token_refresher.aws.circuits_table import DynamoDbCircuits
from token_refresher.base.clock import system_clock, to_rfc3339
from token_refresher.base.pace import Pace
from token_refresher.base.timeouts import UNATTENDED
from token_refresher.entrypoints.alerting import alerting
from token_refresher.entrypoints.clients import ONCE, escrow, settings_of_the_function, store, table
from token_refresher.entrypoints.consumers import publishing
from token_refresher.entrypoints.events import registry_with_events
from token_refresher.entrypoints.later import on_first_use
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.observability import count, count_by, logger
from token_refresher.entrypoints.providers import providers
from token_refresher.entrypoints.settings import Settings
from token_refresher.entrypoints.startup import collecting_afterwards
from token_refresher.refresh.circuit_breaker import CircuitBreakers
from token_refresher.refresh.service import RefreshService
from token_refresher.registry.outcome import Outcome, Result
from token_refresher.rotation.rotations import Rotations

if TYPE_CHECKING:
    from token_refresher.alerts.alerting import Alerting
    from token_refresher.entrypoints import people
else:
    people = on_first_use(lambda: import_module("token_refresher.entrypoints.people"))


@cache
@collecting_afterwards
def refresh_service() -> RefreshService:
    """Return the service of the refresh function."""
    settings = settings_of_the_function()
    return RefreshService(
        rotations=Rotations(store(settings, ONCE), escrow(settings, ONCE)),
        registry=registry_with_events(settings),
        providers=providers(settings, UNATTENDED, on_first_use(lambda: people.ads_api(settings)), system_clock),
        breakers=_breakers(settings),
        alerting=_alerting(settings),
        publishing=publishing(settings),
        pace=Pace(settings.timing, system_clock),
    )


def _alerting(settings: Settings) -> "Alerting":
    messages = on_first_use(lambda: people.messages(settings, people.links(settings)))
    return alerting(settings, messages, on_first_use(lambda: people.shared_alerting(settings)))


def _breakers(settings: Settings) -> CircuitBreakers:
    # They call the table once: an outage of the table must not use up the time of the exchange.
    return CircuitBreakers(
        DynamoDbCircuits(table(settings.incidents_table, ONCE)),
        settings.timing.schedule_period,
        system_clock,
    )


def report_outcome(outcome: Outcome) -> None:
    """Log and count one attempt."""
    is_wrong = outcome.result in {Result.RETRY_LATER, Result.NEEDS_A_PERSON, Result.KEPT, Result.TOO_OFTEN}
    is_odd = outcome.used_previous_client_secret or bool(outcome.foreign_pending)
    log = logger.warning if is_wrong or is_odd else logger.info
    log("credential", extra=_facts(outcome))
    count(Metric.LOOKED)
    if outcome.result in _METRICS:
        count(_METRICS[outcome.result])
    if outcome.diagnosis is not None:
        count_by(Metric.FAILED, str(outcome.diagnosis.actor), 1)
    if not outcome.is_shown:
        count(Metric.STATUS_NOT_SHOWN)


def _facts(outcome: Outcome) -> dict[str, str | int]:
    fields: dict[str, str | int] = {"credential": outcome.credential, "result": str(outcome.result)}
    if outcome.expires_at is not None:
        fields["expires_at"] = to_rfc3339(outcome.expires_at)
    if outcome.presented:
        fields["presented"] = outcome.presented
    if outcome.issued:
        fields["issued"] = outcome.issued
    if outcome.request_id:
        fields["request_id"] = outcome.request_id
    if outcome.account is not None:
        fields["account"] = str(outcome.account)
    if outcome.diagnosis is not None:
        diagnosis = outcome.diagnosis
        fields |= {"code": diagnosis.code, "actor": str(diagnosis.actor), "cause": diagnosis.cause}
        fields |= {"http_status": diagnosis.http_status} if diagnosis.http_status else {}
        fields |= {"reason": diagnosis.reason} if diagnosis.reason else {}
        fields |= {"correlation_id": diagnosis.correlation_id} if diagnosis.correlation_id else {}
    if outcome.used_previous_client_secret:
        fields["used_previous_client_secret"] = True
    if outcome.foreign_pending:
        fields["foreign_pending"] = outcome.foreign_pending
    if not outcome.is_shown:
        fields["status_not_shown"] = True
    return fields


_METRICS: Final = {
    Result.REFRESHED: Metric.REFRESHED,
    Result.RECOVERED: Metric.RECOVERED,
    Result.OVERTAKEN: Metric.OVERTAKEN,
    Result.HELD_BACK: Metric.HELD_BACK,
}
"""The results with a metric of their own. Failures are counted by the actor."""
