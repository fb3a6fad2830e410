"""More ticks than one a minute, for a story that should not take half an hour.

A minute is the shortest period of EventBridge. Several schedules with the same target, begun some seconds apart, tick
more often, and each of them is a real one.
"""

import threading
from datetime import UTC, datetime
from typing import Any

from local.aws import LocalAws

COUNT = 5
APART_SECONDS = 10.0


class MoreTicks:
    """Copies the deployed schedule a few times, some seconds apart, in the background."""

    def __init__(self, aws: LocalAws) -> None:
        self._scheduler = aws.client("scheduler")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="more-ticks", daemon=True)

    def start(self) -> None:
        """Begin to create the copies."""
        self._thread.start()

    def stop(self) -> None:
        """Create no more copies."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        [summary] = self._scheduler.list_schedules()["Schedules"]
        deployed = self._scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        for number in range(COUNT + 1):
            # A rate counts from when its schedule is created, so its first tick is a minute away; a schedule for
            # this very moment fills the time until then.
            self._create(deployed, f"at-{number}", f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})")
            if number:
                self._create(deployed, f"rate-{number}", deployed["ScheduleExpression"])
            if self._stopped.wait(APART_SECONDS):
                return

    def _create(self, deployed: dict[str, Any], suffix: str, expression: str) -> None:
        kept = {key: deployed[key] for key in ("GroupName", "FlexibleTimeWindow", "Target")}
        self._scheduler.create_schedule(Name=f"{deployed['Name']}-{suffix}", ScheduleExpression=expression, **kept)
