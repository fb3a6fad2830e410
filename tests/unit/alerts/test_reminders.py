"""The pauses between reminders."""

from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from token_refresher.alerts.reminders import Reminders

DAY = timedelta(days=1)
REMINDERS = Reminders((DAY, 3 * DAY, 7 * DAY))


@pytest.mark.parametrize(
    ("notified", "pause"),
    [
        pytest.param(1, DAY, id="a day after the alert"),
        pytest.param(2, 3 * DAY, id="three days after the first reminder"),
        pytest.param(3, 7 * DAY, id="a week after the second"),
        pytest.param(4, 7 * DAY, id="and then every week"),
        pytest.param(1000, 7 * DAY, id="without an end"),
        pytest.param(0, DAY, id="a count that was lost"),
    ],
)
def test_the_pauses_grow_and_the_last_one_repeats(notified: int, pause: timedelta) -> None:
    assert REMINDERS.next_at(START, notified) == START + pause


def test_one_pause_is_enough() -> None:
    assert Reminders((DAY,)).next_at(START, 5) == START + DAY
