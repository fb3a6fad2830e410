"""The connect page and the way back from Microsoft. Wiring only; the routes are in `token_refresher.web`."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.observability import logger, metrics, report_request, reporting_faults, tracer
from token_refresher.wiring import callback_routes


@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    report_request()
    with reporting_faults():
        return callback_routes().resolve(event, context)
