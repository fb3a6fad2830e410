"""Logs, metrics and traces, made once. They know names, codes, times and fingerprints, and never a secret.

What is logged is an allow-list: the fields of an `Outcome` or a `Plan`, the names in an `Alert`. No event, request,
answer or document is.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from botocore.exceptions import ClientError

from token_refresher.alert import Alert
from token_refresher.clock import to_rfc3339
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.dispatch import Plan
from token_refresher.errors import TokenRefresherError
from token_refresher.metric import DIMENSIONS, NAMESPACE, Metric
from token_refresher.outcome import Outcome, Result

# The service is the name of the stack (POWERTOOLS_SERVICE_NAME): two stacks in one Region must not tick for each other.
logger = Logger()
metrics = Metrics(namespace=NAMESPACE)
# botocore and urllib3 log whole requests and answers at DEBUG, with every secret in them. Whatever level somebody gives
# the root logger, theirs stays above that.
for _library in ("boto3", "botocore", "urllib3", "requests", "aws_xray_sdk"):
    logging.getLogger(_library).setLevel(logging.INFO)
# An exception's text and a response can hold more than they should: a trace gets neither.
tracer = Tracer(auto_patch=False)


def report_plan(plan: Plan) -> None:
    """Log and count one tick."""
    logger.info("tick", extra=asdict(plan))
    _count(Metric.TICKS)
    _count(Metric.DUE_CREDENTIALS, plan.enqueued)
    _count(Metric.ESCROWED_CREDENTIALS, plan.escrowed)
    fleet = plan.fleet
    for status, number in fleet.by_status.items():
        _count_by(Metric.CREDENTIALS, status, number)
    # Where nothing is kept alive, nothing is promised: no number is better than one that is made up.
    if fleet.worst_minutes_left is not None:
        _count(Metric.WORST_MINUTES_LEFT, fleet.worst_minutes_left)
        _count(Metric.WORST_SECONDS_LEFT, fleet.worst_minutes_left * 60)
    if fleet.oldest_refresh_token_days is not None:
        _count(Metric.OLDEST_REFRESH_TOKEN_DAYS, fleet.oldest_refresh_token_days)


def report_outcome(outcome: Outcome) -> None:
    """Log and count one look at a credential."""
    is_wrong = outcome.result in {Result.RETRY_LATER, Result.NEEDS_A_PERSON, Result.KEPT, Result.TOO_OFTEN}
    log = logger.warning if is_wrong or outcome.used_previous_client_secret else logger.info
    log("credential", extra=_facts(outcome))
    _count(Metric.LOOKED)
    if outcome.result in _METRICS:
        _count(_METRICS[outcome.result])
    if outcome.diagnosis is not None:
        _count_by(Metric.FAILED, str(outcome.diagnosis.actor), 1)
    if not outcome.is_shown:
        _count(Metric.STATUS_NOT_SHOWN)


def _facts(outcome: Outcome) -> dict[str, str | bool]:
    fields: dict[str, str | bool] = {"credential": outcome.credential, "result": str(outcome.result)}
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
        fields |= {"correlation_id": diagnosis.correlation_id} if diagnosis.correlation_id else {}
    if outcome.used_previous_client_secret:
        fields["used_previous_client_secret"] = True
    return fields


def report_alert_sent(alert: Alert) -> None:
    """Log and count an alert that the topic took."""
    logger.info("alert", extra={"event": str(alert.event), "credential": alert.credential})
    _count_by(Metric.ALERTS_SENT, str(alert.event), 1)


def report_alert_not_sent(alert: Alert, error: Exception) -> None:
    """Log and count an alert that nobody may have got."""
    fields = {"event": str(alert.event), "credential": alert.credential, "detail": _detail(error)}
    logger.error("alert not sent", extra=fields)
    _count(Metric.ALERTS_NOT_SENT)


@contextmanager
def reporting_faults() -> Iterator[None]:
    """Log and count an error on its way to whoever delivers the work again."""
    try:
        yield
    except Exception as error:
        report_fault(error)
        raise


def report_fault(error: Exception) -> None:
    """Log and count an error.

    Our own errors hold no secret, so their text is logged. Of AWS's it is the call and the code; of any other the type.
    """
    logger.error("fault", extra={"error": type(error).__name__, "detail": _detail(error)})
    _count(Metric.FAULTS)


def _detail(error: Exception) -> str:
    details = [str(error)] if isinstance(error, TokenRefresherError) else []
    details += [_aws_code(cause) for cause in (error, error.__cause__) if isinstance(cause, ClientError)]
    return "; ".join(details)


def _aws_code(error: ClientError) -> str:
    return f"{error.operation_name}: {error.response['Error']['Code']}"


def report_request() -> None:
    """Count one HTTP request."""
    _count(Metric.REQUESTS)


def report_ending(result: ConsentResult) -> None:
    """Log and count one step of a consent that ended."""
    fields = {"credential": result.credential, "ending": str(result.ending)}
    logger.info("consent", extra=fields | ({"code": result.code} if result.code else {}))
    _count(Metric.CONNECTED if result.ending is Ending.CONNECTED else Metric.CONSENT_NOT_GIVEN)


def _count(metric: Metric, value: float = 1) -> None:
    metrics.add_metric(metric, metric.unit, value)


def _count_by(metric: Metric, label: str, value: float) -> None:
    """Write a metric that has a dimension of its own.

    All metrics of one record share its dimensions, so this one is a record by itself.
    Source: https://docs.powertools.aws.dev/lambda/python/latest/core/metrics/#single-metric
    """
    with single_metric(metric, metric.unit, value, namespace=NAMESPACE) as single:
        single.add_dimension(DIMENSIONS[metric], label)


_METRICS: Final = {
    Result.REFRESHED: Metric.REFRESHED,
    Result.RECOVERED: Metric.RECOVERED,
    Result.OVERTAKEN: Metric.OVERTAKEN,
    Result.HELD_BACK: Metric.HELD_BACK,
}
"""What is worth a curve of its own; what failed is counted by who must act."""
