"""The log lines and metrics of the callback function."""

from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.observability import count, logger


def report_request() -> None:
    """Count one HTTP request."""
    count(Metric.REQUESTS)


def report_ending(result: ConsentResult) -> None:
    """Log and count the result of a step of a consent."""
    fields = {"credential": result.credential, "ending": str(result.ending)}
    fields |= {"code": result.code} if result.code else {}
    fields |= {"http_status": result.http_status} if result.http_status else {}
    logger.info("consent", extra=fields)
    count(Metric.CONNECTED if result.ending is ConsentOutcome.CONNECTED else Metric.CONSENT_NOT_GIVEN)
