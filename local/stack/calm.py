"""Stops what a stack does by itself: ticks of the schedule, and deliveries of messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.stack.aws import LocalAws


@contextmanager
def no_ticks(aws: LocalAws) -> Iterator[None]:
    """Disable the schedule of the stack; restore it on leaving."""
    client = aws.client("scheduler")
    [summary] = client.list_schedules()["Schedules"]
    found = client.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
    kept = {"Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State"}
    schedule = {key: value for key, value in found.items() if key in kept}
    client.update_schedule(**{**schedule, "State": "DISABLED"})
    try:
        yield
    finally:
        client.update_schedule(**schedule)


@contextmanager
def no_deliveries(aws: LocalAws, function: str) -> Iterator[None]:
    """Disable the event source mapping of a function; restore it on leaving."""
    client = aws.client("lambda")
    [mapping] = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    _switch(client, mapping, on=False)
    try:
        yield
    finally:
        _switch(client, mapping, on=mapping["State"] == "Enabled")


def _switch(client: Any, mapping: dict[str, Any], *, on: bool) -> None:
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)
