"""The builder of the dispatch function, its log lines and its metrics. It loads its own rooms and no other."""

from dataclasses import asdict
from functools import cache

import boto3

from token_refresher.aws.refresh_queue import SqsRefreshQueue
from token_refresher.base.clock import system_clock
from token_refresher.dispatch.backlog import Backlog
from token_refresher.dispatch.discovery import Discovery
from token_refresher.dispatch.service import DispatchService, TickResult
from token_refresher.entrypoints.clients import PATIENT, escrow, registry, settings_of_the_function, store
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.observability import count, count_by, logger
from token_refresher.entrypoints.startup import collecting_afterwards


@cache
@collecting_afterwards
def dispatch_service() -> DispatchService:
    """Return the service of the dispatch function."""
    settings = settings_of_the_function()
    known = registry(settings)
    return DispatchService(
        discovery=Discovery(store(settings, PATIENT), known, settings.timing.schedule_period),
        backlog=Backlog(settings.timing.schedule_period),
        escrow=escrow(settings, PATIENT),
        registry=known,
        queue=SqsRefreshQueue(boto3.client("sqs", config=PATIENT), settings.refresh_queue_url),
        clock=system_clock,
    )


def report_tick(result: TickResult) -> None:
    """Log and count one tick."""
    logger.info("tick", extra=asdict(result))
    count(Metric.TICKS)
    count(Metric.DUE_CREDENTIALS, result.enqueued)
    count(Metric.ESCROWED_CREDENTIALS, result.escrowed)
    count(Metric.PUT_OFF_CREDENTIALS, result.put_off)
    for status, number in result.by_status.items():
        count_by(Metric.CREDENTIALS, status, number)
    # Without a live credential there is no minimum; an invented number would be wrong.
    if result.due.worst_minutes_left is not None:
        count(Metric.WORST_SECONDS_LEFT, result.due.worst_minutes_left * 60)
    if result.oldest_refresh_token_days is not None:
        count(Metric.OLDEST_REFRESH_TOKEN_DAYS, result.oldest_refresh_token_days)
    if result.refresh_tokens_ending_soon is not None:
        count(Metric.REFRESH_TOKENS_ENDING_SOON, result.refresh_tokens_ending_soon)
