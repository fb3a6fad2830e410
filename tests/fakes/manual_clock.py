"""A clock that moves only when a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class ManualClock:
    """A `Clock` that stands still."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now.replace(microsecond=0)  # As `system_clock` does.

    def advance(self, span: timedelta) -> None:
        """Move the clock forward."""
        self.now += span
