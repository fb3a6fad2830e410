"""One message, one credential: refresh it. Wiring only; the work is in `token_refresher.refresh`."""

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.invocation import time_left
from token_refresher.observability import logger, metrics, report_outcome, reporting_faults, tracer
from token_refresher.wiring import refresh_service
from token_refresher.work import RefreshRequest

# A failed message ends its own group only: another credential's message is none of its business.
processor = SqsFifoPartialProcessor(skip_group_on_error=True)
# A batch is one message: its failure is reported as such, and not as one of the function.
processor.raise_on_entire_batch_failure = False


@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Refresh the credentials of a batch, and say which messages are to be delivered again."""

    def refresh(record: SQSRecord) -> None:
        with reporting_faults():
            request = RefreshRequest.parse(record.body)
            outcome = refresh_service().refresh(
                request.credential, time_left(context), escrowed=request.escrowed, request_id=request.request_id
            )
            report_outcome(outcome)

    return process_partial_response(event, refresh, processor, context)
