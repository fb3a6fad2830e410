"""More ticks than one a minute, for a story that should not take half an hour.

A minute is the shortest period that EventBridge Scheduler has. One-time schedules with the deployed one's target, one
after the other, tick more often, and each of them is a real one.
"""

import threading
from datetime import UTC, datetime
from itertools import count

from local.aws import LocalAws

APART_SECONDS = 10.0
"""The local AWS looks at its schedules every ten seconds."""


class MoreTicks:
    """Adds one-time schedules in the background until it is stopped."""

    def __init__(self, aws: LocalAws) -> None:
        self._scheduler = aws.client("scheduler")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="more-ticks", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    def stop(self) -> None:
        """Tick no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        [summary] = self._scheduler.list_schedules()["Schedules"]
        deployed = self._scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
        for number in count():
            self._scheduler.create_schedule(
                Name=f"{deployed['Name']}-once-{number}",
                GroupName=deployed["GroupName"],
                ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
                ActionAfterCompletion="DELETE",
                FlexibleTimeWindow=deployed["FlexibleTimeWindow"],
                Target=deployed["Target"],
            )
            if self._stopped.wait(APART_SECONDS):
                return
