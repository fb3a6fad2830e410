"""Logs, metrics and traces. They hold names, codes, times and fingerprints, and never a secret.

The log lines are an allow-list: the fields of an `Outcome` or a `TickResult`, and the names in an `Alert`. Events,
requests, responses and documents are never logged.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.shared.functions import strtobool
from botocore.exceptions import ClientError

from token_refresher.base.errors import TokenRefresherError
from token_refresher.entrypoints.metrics import ALARMED, DIMENSIONS, NAMESPACE, Metric

# The service is the name of the stack (POWERTOOLS_SERVICE_NAME): two stacks in one Region must not tick for each other.
logger = Logger()
metrics = Metrics(namespace=NAMESPACE)
# At DEBUG botocore and urllib3 log whole requests and responses, with every secret in them. Their level stays above it,
# whatever the level of the root logger.
for _library in ("boto3", "botocore", "urllib3", "requests", "aws_xray_sdk"):
    logging.getLogger(_library).setLevel(logging.INFO)


def metered(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler that writes the metrics of each invocation, if there are any.

    `Metrics.log_metrics` does the same, and warns of each invocation without a metric, which an ordinary one is.
    """

    @wraps(handler)
    def invoked(event: dict[str, Any], context: Any) -> Any:
        try:
            return handler(event, context)
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return invoked


def traced(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler with tracing. If tracing is off, it loads nothing of X-Ray.

    Source: https://docs.powertools.aws.dev/lambda/python/latest/core/tracer/#disabling-response-auto-capture
    """
    if strtobool(os.getenv("POWERTOOLS_TRACE_DISABLED", "false")):
        return handler
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - It loads the SDK of X-Ray.

    # The text of an exception and a response may hold secrets, so a trace gets neither.
    tracer = Tracer(auto_patch=False)
    return tracer.capture_lambda_handler(handler, capture_response=False, capture_error=False)


@contextmanager
def reporting_faults(credential: str = "") -> Iterator[None]:
    """Log and count an error, and raise it again, so that the work is delivered again.

    Args:
        credential: The credential that the work is for, if it is one.
    """
    try:
        yield
    except Exception as error:
        report_fault(error, credential)
        raise


def report_fault(error: Exception, credential: str = "") -> None:
    """Log and count an error.

    The errors of this package hold no secret, so their text is logged. Of an error of AWS it logs the call and the
    code, of any other error the type.
    """
    whose = {"credential": credential} if credential else {}
    logger.error("fault", extra={"error": type(error).__name__, "detail": detail(error), **whose})
    count(Metric.FAULTS)


def detail(error: Exception) -> str:
    """Return the part of an error that may be logged: the text of this package, and the calls and codes of AWS."""
    details = [str(error)] if isinstance(error, TokenRefresherError) else []
    details += [_aws_code(cause) for cause in (error, error.__cause__) if isinstance(cause, ClientError)]
    return "; ".join(details)


def _aws_code(error: ClientError) -> str:
    return f"{error.operation_name}: {error.response['Error']['Code']}"


def count(metric: Metric, value: float = 1) -> None:
    """Add a value to a metric, if it is one that is written."""
    if _is_written(metric):
        metrics.add_metric(metric, metric.unit, value)


def count_by(metric: Metric, dimension: str, value: float) -> None:
    """Write a metric that has a dimension of its own, if it is one that is written.

    All metrics of one record share its dimensions, so this metric gets a record of its own.
    Source: https://docs.powertools.aws.dev/lambda/python/latest/core/metrics/#single-metric
    """
    if not _is_written(metric):
        return
    with single_metric(metric, metric.unit, value, namespace=NAMESPACE) as single:
        single.add_dimension(DIMENSIONS[metric], dimension)


def _is_written(metric: Metric) -> bool:
    # Not from the settings: a fault is counted even if the settings cannot be read.
    return metric in ALARMED or strtobool(os.getenv("DETAILED_METRICS", "false"))
