"""On each tick: plan what is due. Wiring only; the work is in `token_refresher.dispatch`."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from token_refresher.observability import logger, metrics, report_plan, reporting_faults, tracer
from token_refresher.wiring import dispatch_service


@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature.
    """Run one tick, and say how many credentials were enqueued."""
    with reporting_faults():
        plan = dispatch_service().tick()
    report_plan(plan)
    return {"managed": plan.managed, "enqueued": plan.enqueued}
