"""The refresh function: one message, one credential. Wiring only; the work is in `refresh/service`."""

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.entrypoints.invocation import time_left
from token_refresher.entrypoints.observability import logger, metered, reporting_faults, traced
from token_refresher.entrypoints.refresh import refresh_service, report_outcome

# A failed message stops its own group only, which is its credential's.
processor = SqsFifoPartialProcessor(skip_group_on_error=True)
# A batch has one message, so if it fails, all fail: SQS is told to redeliver it, and the function itself succeeds.
processor.raise_on_entire_batch_failure = False


@metered
@traced
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Refresh the credentials of a batch; return the messages that SQS must deliver again."""

    def refresh(record: SQSRecord) -> None:
        with reporting_faults():
            request = RefreshRequest.parse(record.body)
        with reporting_faults(request.credential):
            outcome = refresh_service().refresh(
                request.credential, time_left(context), escrowed=request.escrowed, request_id=request.request_id
            )
            report_outcome(outcome)

    return process_partial_response(event, refresh, processor, context)
