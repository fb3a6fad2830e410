"""More ticks than one a minute, so that the story takes minutes and not half an hour.

One minute is the shortest period of EventBridge Scheduler. One-time schedules with the target of the deployed schedule,
one after the other, tick more often, and each of these ticks is a real one.
"""

import threading
from datetime import UTC, datetime
from itertools import count

from local.stack.aws import LocalAws

APART_SECONDS = 10.0
"""The local AWS checks its schedules every ten seconds."""


class MoreTicks:
    """Creates one-time schedules in the background until it is stopped."""

    def __init__(self, aws: LocalAws) -> None:
        self._scheduler = aws.client("scheduler")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="more-ticks", daemon=True)

    def start(self) -> None:
        """Start to tick."""
        self._thread.start()

    def stop(self) -> None:
        """Stop to tick."""
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
