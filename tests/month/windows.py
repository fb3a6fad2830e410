"""When an alert is due: not before, and not after. Arithmetic on moments, with what delays anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.world import REMINDERS
from tests.month.script import END, TICK
from token_refresher.alert import Event


class AmbiguousScriptError(Exception):
    """A person acts at about the time at which people are told: what they deserve is a matter of minutes."""


@dataclass(frozen=True)
class Window:
    """From when until when."""

    not_before: datetime
    not_after: datetime

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment is in it."""
        return self.not_before <= moment <= self.not_after

    def meets(self, start: datetime, end: datetime) -> bool:
        """Tell whether it has a moment in common with a time."""
        return self.not_before <= end and start <= self.not_after


@dataclass(frozen=True)
class Deserved:
    """One alert that people deserve.

    Attributes:
        event: What they are to be told.
        subject: About what: a credential, an application, or the authority.
        window: When.
    """

    event: Event
    subject: str
    window: Window


@dataclass(frozen=True)
class Delays:
    """The times in which nobody can find out, or nobody can be told.

    Attributes:
        spans: From when until when, and how long after that it takes at the most.
    """

    spans: Sequence[tuple[datetime, datetime, timedelta]]

    def after(self, start: datetime, within: timedelta) -> Window:
        """Return the window of what comes within a time after a moment, where nothing delays it."""
        return self.delayed(Window(start, start + within))

    def delayed(self, window: Window) -> Window:
        """Return the window with the delays that it meets."""
        for start, end, recovery in sorted(self.spans):
            if window.meets(start, end) and window.not_after < end + recovery:
                window = Window(window.not_before, end + recovery)
        return window

    def ladder(self, first: Window) -> Iterator[Window]:
        """Yield when people are told of one thing that lasts, without an end."""
        window, told = first, 1
        while True:
            yield window
            earliest = REMINDERS.next_at(window.not_before, told)
            latest = REMINDERS.next_at(window.not_after, told) + TICK + timedelta(minutes=1)
            window, told = self.delayed(Window(earliest, latest)), told + 1


def until(windows: Iterator[Window], start: datetime, end: datetime) -> tuple[list[Window], Window]:
    """Return the windows before a thing is mended, and the first one after it.

    Args:
        windows: The ladder.
        start: When the mending began.
        end: When it was done.

    Raises:
        AmbiguousScriptError: It was mended at about the time of one of them.
    """
    before: list[Window] = []
    for window in windows:
        if window.meets(start, end):
            raise AmbiguousScriptError(window)
        if window.not_before > end:
            return before, window
        before.append(window)
    raise AssertionError("a ladder has no end")


def within_the_month(deserved: Sequence[Deserved]) -> list[Deserved]:
    """Return what is to be told before the month ends.

    Raises:
        AmbiguousScriptError: The month ends at about the time of one of them.
    """
    for one in deserved:
        if one.window.holds(END):
            raise AmbiguousScriptError(one)
    return [one for one in deserved if one.window.not_after < END]
