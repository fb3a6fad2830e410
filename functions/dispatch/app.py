"""The dispatch function: one tick. Wiring only; the work is in `dispatch/service`."""

import gc

gc.disable()  # Until the service is built: see `entrypoints/startup`.

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.entrypoints.dispatch import dispatch_service, report_tick
from token_refresher.entrypoints.invocation import time_left
from token_refresher.entrypoints.observability import logger, metered, reporting_faults, traced


@metered
@traced
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature.
    """Run one tick; return how many secrets are managed and how many credentials were enqueued."""
    with reporting_faults():
        result = dispatch_service().tick(time_left(context))
    report_tick(result)
    return {"managed": result.managed, "enqueued": result.enqueued}
