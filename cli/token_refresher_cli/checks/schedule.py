"""What makes the stack tick: the schedule, the last run of dispatch, and what feeds the refresh function."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from token_refresher.clock import readable_time
from token_refresher.phrases import span
from token_refresher.settings import LATEST_TICK
from token_refresher.timing import schedule_period
from token_refresher_cli.checks.check import Check
from token_refresher_cli.checks.visit import Visit
from token_refresher_cli.finding import Finding, ok, problem, warning
from token_refresher_cli.own_command import CHANGED_BY_HAND, runbook

_LOOKED_BACK: Final = timedelta(days=1)
"""A tick that is longer ago need not be found: nothing works any more, whenever it stopped."""


@dataclass(frozen=True)
class Ticking:
    """What there is to know of the ticks.

    Attributes:
        schedule_state: Of the schedule, ``ENABLED`` or ``DISABLED``; ``None`` where there is none.
        expression: How often it ticks.
        expected_expression: How often it should, as the functions know it.
        target: The function that it calls.
        expected_target: The function that it should.
        mapping_state: Of what hands requests to the refresh function; ``None`` where there is none.
        last_tick: When a tick last came to its end, if one did.
        deployed_at: When the stack was made.
        heartbeat: After how long an alarm tells of a silent dispatch.
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
        """After how long the next tick is late: two periods, or one with the latest start and the longest run."""
        period = schedule_period(self.expected_expression)
        return max(2 * period, period + LATEST_TICK)


def ticking_findings(ticking: Ticking, now: datetime, silent: str, late: str) -> Iterator[Finding]:
    """Judge the ticks.

    Args:
        ticking: The facts.
        now: The time.
        silent: Where the runbook tells what to do without ticks.
        late: Where it tells what to do if nobody takes requests.
    """
    if ticking.schedule_state is None:
        yield problem("The schedule is gone: nothing ticks.", CHANGED_BY_HAND)
    elif ticking.schedule_state != "ENABLED":
        yield problem(f"The schedule is {ticking.schedule_state}: nothing ticks.", silent)
    elif ticking.target != ticking.expected_target:
        yield problem("The schedule does not call dispatch, but something else.", CHANGED_BY_HAND)
    elif ticking.expression != ticking.expected_expression:
        yield warning(
            f"The schedule ticks at {ticking.expression}, and the functions reckon with {ticking.expected_expression}.",
            CHANGED_BY_HAND,
        )
    if ticking.mapping_state is None:
        yield problem("Nothing hands requests to the refresh function.", CHANGED_BY_HAND)
    elif ticking.mapping_state not in {"Enabled", "Enabling", "Updating"}:
        yield problem(f"What hands requests to the refresh function is {ticking.mapping_state}.", late)
    yield _of_last_tick(ticking, now, silent)


def _of_last_tick(ticking: Ticking, now: datetime, silent: str) -> Finding:
    last = ticking.last_tick
    if last is None:
        if now - ticking.deployed_at <= max(ticking.expected_within, ticking.heartbeat):
            return ok("The stack is new, and its first tick is to come.")
        return problem(f"No tick came to its end for {span(min(now - ticking.deployed_at, _LOOKED_BACK))}.", silent)
    age = now - last
    if age > ticking.heartbeat:
        return problem(f"No tick came to its end since {readable_time(last)}, {span(age)} ago.", silent)
    if age > ticking.expected_within:
        return warning(f"The last tick was {span(age)} ago, and the next one is late.", silent)
    seconds = max(0, int(age.total_seconds()))
    return ok(f"It ticks at {ticking.expression}; the last tick was {seconds} s ago.")


def _gather(visit: Visit) -> Ticking:
    installation, resources = visit.installation, visit.resources
    schedule = _schedule(visit)
    target = schedule.get("Target", {}).get("Arn", "").rpartition(":function:")[2]
    environment = installation.environment
    heartbeat = timedelta(minutes=int(environment["HEARTBEAT_MINUTES"]))
    created = visit.stack["CreationTime"]
    ticking = Ticking(
        schedule.get("State"),
        schedule.get("ScheduleExpression", ""),
        environment["REFRESH_SCHEDULE"],
        target,
        installation.outputs["DispatchFunctionName"],
        _mapping_state(visit),
        None,
        created,
        heartbeat,
    )
    near = max(ticking.expected_within, heartbeat)
    group = resources["DispatchLogGroup"]
    last = _last_tick(visit, group, near) or _last_tick(visit, group, _LOOKED_BACK)
    return Ticking(**{**ticking.__dict__, "last_tick": last})


def _schedule(visit: Visit) -> dict[str, Any]:
    scheduler = visit.installation.client("scheduler")
    name = visit.resources["TickSchedule"].rpartition("|")[2].rpartition("/")[2]
    try:
        schedule: dict[str, Any] = scheduler.get_schedule(Name=name)
    except scheduler.exceptions.ResourceNotFoundException:
        return {}
    return schedule


def _mapping_state(visit: Visit) -> str | None:
    client = visit.installation.client("lambda")
    try:
        state: str = client.get_event_source_mapping(UUID=visit.resources["RefreshQueueMapping"])["State"]
    except client.exceptions.ResourceNotFoundException:
        return None
    return state


def _last_tick(visit: Visit, group: str, back: timedelta) -> datetime | None:
    """Return when the last tick within some time came to its end; the log is read from its oldest line on."""
    pages = visit.installation.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(
        logGroupName=group,
        filterPattern='{ $.message = "tick" }',
        startTime=int((visit.now - back).timestamp() * 1000),
    )
    ticks = [event["timestamp"] for page in found for event in page["events"] if _is_tick(event["message"])]
    return datetime.fromtimestamp(max(ticks) / 1000, UTC) if ticks else None


def _is_tick(line: str) -> bool:
    """Tell whether a line is that of a tick: not everybody who takes a filter applies it."""
    try:
        parsed = json.loads(line)
    except ValueError:
        return False
    return isinstance(parsed, dict) and parsed.get("message") == "tick"


def _run(visit: Visit) -> Iterator[Finding]:
    installation = visit.installation
    yield from ticking_findings(
        _gather(visit), visit.now, runbook(installation, "dispatch-silent"), runbook(installation, "queue-age")
    )


SCHEDULE: Final = Check(
    "schedule",
    "The schedule is on, the last tick is not long ago, and requests reach the refresh function.",
    (
        "cloudformation:ListStackResources",
        "scheduler:GetSchedule",
        "lambda:GetEventSourceMapping",
        "logs:FilterLogEvents",
    ),
    _run,
)
