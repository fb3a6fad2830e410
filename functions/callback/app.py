"""The callback function: the connect page and Microsoft's redirect. Wiring only; see `entrypoints/web/routes`."""

import gc

gc.disable()  # Until the service is built: see `entrypoints/startup`.

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.entrypoints.callback import callback_routes
from token_refresher.entrypoints.observability import logger, metered, reporting_faults, traced
from token_refresher.entrypoints.web.reports import report_request


@metered
@traced
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    report_request()
    with reporting_faults():
        return callback_routes().resolve(event, context)
