"""What would be said of a month in which people are told something else than they deserve."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.month.matching import compare
from tests.month.oracle import AUTHORITY
from tests.month.windows import Deserved, Window
from token_refresher.alert import Alert, Event

HOUR = timedelta(hours=1)
WINDOW = Window(START + HOUR, START + 2 * HOUR)
ONE = Deserved(Event.RECONSENT_REQUIRED, "search-ads", WINDOW)
ALERT = Alert(Event.RECONSENT_REQUIRED, "search-ads", "", "", "", at=START + HOUR)
RISK = replace(ONE, event=Event.REFRESH_AT_RISK, subject=AUTHORITY)
OVER = Deserved(Event.RECOVERED, AUTHORITY, Window(START + 3 * HOUR, START + 4 * HOUR))
RISKS = replace(ALERT, event=Event.REFRESH_AT_RISK, credentials=("search-ads", "shop-ads"))
OVERS = replace(RISKS, event=Event.RECOVERED, at=START + 3 * HOUR)


def client_of(name: str) -> str:
    return f"application of {name}"


@pytest.mark.parametrize(
    ("sent", "missing", "unexpected"),
    [
        pytest.param([ALERT], 0, 0, id="told once and in time"),
        pytest.param([], 1, 0, id="not told"),
        pytest.param([ALERT, ALERT], 0, 1, id="told twice"),
        pytest.param([replace(ALERT, at=START)], 1, 1, id="told too early"),
        pytest.param([replace(ALERT, at=START + 3 * HOUR)], 1, 1, id="told too late"),
        pytest.param([replace(ALERT, credential="shop-ads")], 1, 1, id="told of another credential"),
        pytest.param([replace(ALERT, event=Event.RECOVERED)], 1, 1, id="told something else"),
    ],
)
def test_an_alert_is_deserved_once_and_in_its_time(sent: list[Alert], missing: int, unexpected: int) -> None:
    verdict = compare([ONE], sent, client_of)
    assert (len(verdict.missing), len(verdict.unexpected)) == (missing, unexpected)
    assert verdict.is_equal is (missing == unexpected == 0)


def alone(name: str) -> list[Alert]:
    return [
        replace(ALERT, credential=name, event=Event.REFRESH_AT_RISK),
        replace(ALERT, credential=name, event=Event.RECOVERED, at=START + 3 * HOUR),
    ]


@pytest.mark.parametrize(
    ("more", "unexpected"),
    [
        pytest.param([], 0, id="all are warned of at once"),
        pytest.param(alone("early"), 0, id="one was about to end before anybody could know"),
        pytest.param(alone("early")[:1], 1, id="one was warned of, and nothing was said of its end"),
        pytest.param(alone("early") * 2, 4, id="one was warned of twice"),
        pytest.param([one for n in range(5) for one in alone(f"early-{n}")], 2, id="five were warned of one by one"),
    ],
)
def test_in_an_outage_a_few_may_be_warned_of_by_themselves(more: list[Alert], unexpected: int) -> None:
    verdict = compare([RISK, OVER], [RISKS, OVERS, *more], client_of)
    assert (len(verdict.missing), len(verdict.unexpected)) == (0, unexpected)
