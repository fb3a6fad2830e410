"""Logs, metrics and traces, made once. They know names, codes, times and fingerprints, and never a secret.

What is logged is an allow-list: the fields of an `Outcome` or a `Plan`. No event, request, answer or document is.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from token_refresher.clock import to_rfc3339
from token_refresher.consent_result import ConsentResult, Ending
from token_refresher.dispatch import Plan
from token_refresher.errors import TokenRefresherError
from token_refresher.outcome import Outcome, Result

SERVICE: Final = "token-refresher"
NAMESPACE: Final = "TokenRefresher"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
# botocore and urllib3 log whole requests and answers at DEBUG, with every secret in them. Whatever level somebody gives
# the root logger, theirs stays above that.
for _library in ("boto3", "botocore", "urllib3", "requests", "aws_xray_sdk"):
    logging.getLogger(_library).setLevel(logging.INFO)
# An exception's text and a response can hold more than they should: a trace gets neither.
tracer = Tracer(service=SERVICE, auto_patch=False)


def report_plan(plan: Plan) -> None:
    """Log and count one tick."""
    logger.info("tick", extra=asdict(plan))
    metrics.add_metric("Ticks", MetricUnit.Count, 1)
    metrics.add_metric("ManagedCredentials", MetricUnit.Count, plan.managed)
    metrics.add_metric("DueCredentials", MetricUnit.Count, plan.enqueued)
    metrics.add_metric("EscrowedCredentials", MetricUnit.Count, plan.escrowed)
    metrics.add_metric("MostOverdue", MetricUnit.Seconds, plan.most_overdue_seconds)


def report_outcome(outcome: Outcome) -> None:
    """Log and count one look at a credential."""
    fields = {"credential": outcome.credential, "result": str(outcome.result)}
    if outcome.expires_at is not None:
        fields["expires_at"] = to_rfc3339(outcome.expires_at)
    if outcome.presented:
        fields["presented"] = outcome.presented
    if outcome.issued:
        fields["issued"] = outcome.issued
    if outcome.diagnosis is not None:
        diagnosis = outcome.diagnosis
        fields |= {"code": diagnosis.code, "actor": str(diagnosis.actor), "cause": diagnosis.cause}
        fields |= {"correlation_id": diagnosis.correlation_id} if diagnosis.correlation_id else {}
    log = (
        logger.warning
        if outcome.result in {Result.RETRY_LATER, Result.NEEDS_A_PERSON, Result.KEPT, Result.TOO_OFTEN}
        else logger.info
    )
    log("credential", extra=fields)
    metrics.add_metric(_METRICS[outcome.result], MetricUnit.Count, 1)
    if not outcome.is_shown:
        metrics.add_metric("StatusNotShown", MetricUnit.Count, 1)


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
    details = [str(error)] if isinstance(error, TokenRefresherError) else []
    details += [_aws_code(cause) for cause in (error, error.__cause__) if isinstance(cause, ClientError)]
    detail = "; ".join(details)
    logger.error("fault", extra={"error": type(error).__name__, "detail": detail})
    metrics.add_metric("Faults", MetricUnit.Count, 1)


def _aws_code(error: ClientError) -> str:
    return f"{error.operation_name}: {error.response['Error']['Code']}"


def report_request() -> None:
    """Count one HTTP request."""
    metrics.add_metric("Requests", MetricUnit.Count, 1)


def report_ending(result: ConsentResult) -> None:
    """Log and count one step of a consent that ended."""
    fields = {"credential": result.credential, "ending": str(result.ending)}
    logger.info("consent", extra=fields | ({"code": result.code} if result.code else {}))
    metrics.add_metric("Connected" if result.ending is Ending.CONNECTED else "ConsentNotGiven", MetricUnit.Count, 1)


_METRICS: Final = {
    Result.REFRESHED: "Refreshed",
    Result.RECOVERED: "Recovered",
    Result.OVERTAKEN: "Overtaken",
    Result.UNDER_WAY: "UnderWay",
    Result.KEPT: "Kept",
    Result.TOO_OFTEN: "TooOften",
    Result.NOT_DUE: "NotDue",
    Result.PAUSED: "NotDue",
    Result.FORGOTTEN: "Forgotten",
    Result.RETRY_LATER: "RetryLater",
    Result.NEEDS_A_PERSON: "NeedsAPerson",
}
