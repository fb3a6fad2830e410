"""Time windows in which alerts are expected, and what delays them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.world import REMINDERS
from tests.month.script import END, TICK
from token_refresher.registry.open_alert import Event


class AmbiguousScriptError(Exception):
    """A person acts at about the time of an alert, so minutes decide which alerts are expected."""


@dataclass(frozen=True)
class Window:
    """A span of time."""

    not_before: datetime
    not_after: datetime

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment is in the window."""
        return self.not_before <= moment <= self.not_after

    def meets(self, start: datetime, end: datetime) -> bool:
        """Return whether the window overlaps a span."""
        return self.not_before <= end and start <= self.not_after


@dataclass(frozen=True)
class ExpectedAlert:
    """One expected alert.

    Attributes:
        event: The event of the alert.
        subject: Its subject: a credential, an application, or the authority.
        window: When it must be sent.
    """

    event: Event
    subject: str
    window: Window


@dataclass(frozen=True)
class Delays:
    """The spans in which an event cannot be detected or notified.

    Attributes:
        spans: The start and end of each, and the longest delay after its end.
    """

    spans: Sequence[tuple[datetime, datetime, timedelta]]

    def after(self, start: datetime, within: timedelta) -> Window:
        """Return the window from a moment on, extended by the delays that it overlaps."""
        return self.delayed(Window(start, start + within))

    def delayed(self, window: Window) -> Window:
        """Return a window, extended by the delays that it overlaps."""
        for start, end, recovery in sorted(self.spans):
            if window.meets(start, end) and window.not_after < end + recovery:
                window = Window(window.not_before, end + recovery)
        return window

    def ladder(self, first: Window) -> Iterator[Window]:
        """Yield the windows of the first alert and of all its reminders, without an end."""
        window, notified = first, 1
        while True:
            yield window
            earliest = REMINDERS.next_at(window.not_before, notified)
            latest = REMINDERS.next_at(window.not_after, notified) + TICK + timedelta(minutes=1)
            window, notified = self.delayed(Window(earliest, latest)), notified + 1


def until(windows: Iterator[Window], start: datetime, end: datetime) -> tuple[list[Window], Window]:
    """Return the windows before a repair, and the first one after it.

    Args:
        windows: The windows of an alert and its reminders.
        start: When the repair began.
        end: When it was done.

    Raises:
        AmbiguousScriptError: A window overlaps the repair.
    """
    before: list[Window] = []
    for window in windows:
        if window.meets(start, end):
            raise AmbiguousScriptError(window)
        if window.not_before > end:
            return before, window
        before.append(window)
    raise AssertionError("a ladder has no end")


def within_the_month(expected: Sequence[ExpectedAlert]) -> list[ExpectedAlert]:
    """Return the alerts that are expected before the month ends.

    Raises:
        AmbiguousScriptError: The month ends in the window of an alert.
    """
    for one in expected:
        if one.window.holds(END):
            raise AmbiguousScriptError(one)
    return [one for one in expected if one.window.not_after < END]
