"""The schedule, the last tick, and the queue mapping that invokes the refresh function."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.base.clock import readable_time
from token_refresher.base.text import span
from token_refresher.base.timing import schedule_period
from token_refresher.entrypoints.settings import LATEST_TICK
from token_refresher_cli.doctor.check import Check
from token_refresher_cli.doctor.context import CheckContext
from token_refresher_cli.doctor.finding import Finding, ok, problem, warning
from token_refresher_cli.installation.own_command import CHANGED_BY_HAND, runbook

_SEARCHED_BACK: Final = timedelta(days=1)
"""How far back to search for a tick. An older one makes no difference: nothing works any more."""


@dataclass(frozen=True)
class Ticking:
    """The facts about the ticks.

    Attributes:
        schedule_state: ``ENABLED`` or ``DISABLED``; ``None`` if there is no schedule.
        expression: The schedule's expression.
        expected_expression: The expression in the environment of the functions.
        target: The function that the schedule invokes.
        expected_target: The function that it should invoke.
        mapping_state: The state of the queue mapping of the refresh function; ``None`` if there is none.
        last_tick: When the last complete tick was, if one was found.
        deployed_at: When the stack was created.
        heartbeat: After how long without a tick the alarm goes off.
    """

    schedule_state: str | None
    expression: str
    expected_expression: str
    target: str
    expected_target: str
    mapping_state: str | None
    last_tick: datetime | None
    deployed_at: datetime
    heartbeat: timedelta

    @property
    def expected_within(self) -> timedelta:
        """After how long the next tick is late: two periods, or one period with the latest start and longest run."""
        period = schedule_period(self.expected_expression)
        return max(2 * period, period + LATEST_TICK)


def ticking_findings(ticking: Ticking, now: datetime, silent: str, late: str) -> Iterator[Finding]:
    """Judge the ticks.

    Args:
        ticking: The facts.
        now: The current time.
        silent: The runbook's entry for a schedule without ticks.
        late: The runbook's entry for requests that nobody takes.
    """
    if ticking.schedule_state is None:
        yield problem("The schedule is deleted: there are no ticks.", CHANGED_BY_HAND)
    elif ticking.schedule_state != "ENABLED":
        yield problem(f"The schedule is {ticking.schedule_state}: there are no ticks.", silent)
    elif ticking.target != ticking.expected_target:
        yield problem("The schedule invokes something else than dispatch.", CHANGED_BY_HAND)
    elif ticking.expression != ticking.expected_expression:
        yield warning(
            f"The schedule ticks at {ticking.expression}, but the functions expect {ticking.expected_expression}.",
            CHANGED_BY_HAND,
        )
    if ticking.mapping_state is None:
        yield problem("The queue mapping of the refresh function is deleted: no request reaches it.", CHANGED_BY_HAND)
    elif ticking.mapping_state not in {"Enabled", "Enabling", "Updating"}:
        yield problem(f"The queue mapping of the refresh function is {ticking.mapping_state}.", late)
    yield _of_last_tick(ticking, now, silent)


def _of_last_tick(ticking: Ticking, now: datetime, silent: str) -> Finding:
    last = ticking.last_tick
    if last is None:
        if now - ticking.deployed_at <= max(ticking.expected_within, ticking.heartbeat):
            return ok("The stack is new, and its first tick has not come yet.")
        return problem(f"No tick was completed for {span(min(now - ticking.deployed_at, _SEARCHED_BACK))}.", silent)
    age = now - last
    if age > ticking.heartbeat:
        return problem(f"No tick was completed since {readable_time(last)}, {span(age)} ago.", silent)
    if age > ticking.expected_within:
        return warning(f"The last tick was {span(age)} ago: the next one is late.", silent)
    seconds = max(0, int(age.total_seconds()))
    return ok(f"The schedule ticks at {ticking.expression}; the last tick was {seconds} s ago.")


def _gather(context: CheckContext) -> Ticking:
    installation, resources = context.installation, context.resources
    schedule = _schedule(context)
    target = schedule.get("Target", {}).get("Arn", "").rpartition(":function:")[2]
    environment = installation.environment
    heartbeat = timedelta(minutes=int(environment["HEARTBEAT_MINUTES"]))
    created = context.stack["CreationTime"]
    ticking = Ticking(
        schedule.get("State"),
        schedule.get("ScheduleExpression", ""),
        environment["REFRESH_SCHEDULE"],
        target,
        installation.outputs["DispatchFunctionName"],
        _mapping_state(context),
        None,
        created,
        heartbeat,
    )
    near = max(ticking.expected_within, heartbeat)
    group = resources["DispatchLogGroup"]
    last = _last_tick(context, group, near) or _last_tick(context, group, _SEARCHED_BACK)
    return replace(ticking, last_tick=last)


def _schedule(context: CheckContext) -> dict[str, Any]:
    scheduler = context.installation.client("scheduler")
    name = context.resources["TickSchedule"].rpartition("|")[2].rpartition("/")[2]
    try:
        schedule: dict[str, Any] = scheduler.get_schedule(Name=name)
    except scheduler.exceptions.ResourceNotFoundException:
        return {}
    return schedule


def _mapping_state(context: CheckContext) -> str | None:
    client = context.installation.client("lambda")
    try:
        state: str = client.get_event_source_mapping(UUID=context.resources["RefreshQueueMapping"])["State"]
    except client.exceptions.ResourceNotFoundException:
        return None
    return state


def _last_tick(context: CheckContext, group: str, back: timedelta) -> datetime | None:
    """Return when the last tick was completed. Only so much of the log is read, for it begins with the oldest line."""
    pages = context.installation.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(
        logGroupName=group,
        filterPattern='{ $.message = "tick" }',
        startTime=int((context.now - back).timestamp() * 1000),
    )
    ticks = [event["timestamp"] for page in found for event in page["events"] if _is_tick(event["message"])]
    return datetime.fromtimestamp(max(ticks) / 1000, UTC) if ticks else None


def _is_tick(line: str) -> bool:
    """Tell whether a line is that of a tick: stand-ins for AWS do not apply the filter."""
    try:
        parsed = json.loads(line)
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("message") == "tick"


def _run(context: CheckContext) -> Iterator[Finding]:
    installation = context.installation
    yield from ticking_findings(
        _gather(context), context.now, runbook(installation, "dispatch-silent"), runbook(installation, "queue-age")
    )


SCHEDULE: Final = Check(
    "schedule",
    "The schedule is on, the last tick is recent, and requests reach the refresh function.",
    (
        "cloudformation:ListStackResources",
        "scheduler:GetSchedule",
        "lambda:GetEventSourceMapping",
        "logs:FilterLogEvents",
    ),
    _run,
)
