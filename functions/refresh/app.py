"""The refresh function: one message, one credential. Wiring only; the work is in `refresh/service`."""

import gc

gc.disable()  # Until the service is built: see `entrypoints/startup`.

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.entrypoints.batch import failed_messages
from token_refresher.entrypoints.invocation import time_left
from token_refresher.entrypoints.observability import logger, metered, reporting_faults, traced
from token_refresher.entrypoints.refresh import refresh_service, report_outcome


@metered
@traced
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Refresh the credentials of a batch; return the messages that SQS must deliver again."""

    def refresh(message: str) -> None:
        with reporting_faults():
            request = RefreshRequest.parse(message)
        with reporting_faults(request.credential):
            outcome = refresh_service().refresh(
                request.credential, time_left(context), escrowed=request.escrowed, request_id=request.request_id
            )
            report_outcome(outcome)

    return failed_messages(event["Records"], refresh)
