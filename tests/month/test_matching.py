"""The comparison finds every difference between sent and expected alerts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.manual_clock import START
from tests.month.expected_alerts import AUTHORITY
from tests.month.matching import compare
from tests.month.windows import ExpectedAlert, Window
from token_refresher.alerts.alert import Alert
from token_refresher.registry.open_alert import Event

HOUR = timedelta(hours=1)
WINDOW = Window(START + HOUR, START + 2 * HOUR)
ONE = ExpectedAlert(Event.RECONSENT_REQUIRED, "search-ads", WINDOW)
ALERT = Alert(Event.RECONSENT_REQUIRED, "search-ads", "", "", "", at=START + HOUR)
RISK = replace(ONE, event=Event.REFRESH_AT_RISK, subject=AUTHORITY)
OVER = ExpectedAlert(Event.RECOVERED, AUTHORITY, Window(START + 3 * HOUR, START + 4 * HOUR))
RISKS = replace(ALERT, event=Event.REFRESH_AT_RISK, credentials=("search-ads", "shop-ads"))
OVERS = replace(RISKS, event=Event.RECOVERED, at=START + 3 * HOUR)


def client_of(name: str) -> str:
    return f"application of {name}"


@pytest.mark.parametrize(
    ("sent", "missing", "unexpected"),
    [
        pytest.param([ALERT], 0, 0, id="sent once and in time"),
        pytest.param([], 1, 0, id="not sent"),
        pytest.param([ALERT, ALERT], 0, 1, id="sent twice"),
        pytest.param([replace(ALERT, at=START)], 1, 1, id="sent too early"),
        pytest.param([replace(ALERT, at=START + 3 * HOUR)], 1, 1, id="sent too late"),
        pytest.param([replace(ALERT, credential="shop-ads")], 1, 1, id="about another credential"),
        pytest.param([replace(ALERT, event=Event.RECOVERED)], 1, 1, id="another event"),
    ],
)
def test_an_alert_is_expected_once_and_in_its_window(sent: list[Alert], missing: int, unexpected: int) -> None:
    comparison = compare([ONE], sent, client_of)
    assert (len(comparison.missing), len(comparison.unexpected)) == (missing, unexpected)
    assert comparison.is_equal is (missing == unexpected == 0)


def alone(name: str) -> list[Alert]:
    return [
        replace(ALERT, credential=name, event=Event.REFRESH_AT_RISK),
        replace(ALERT, credential=name, event=Event.RECOVERED, at=START + 3 * HOUR),
    ]


@pytest.mark.parametrize(
    ("more", "unexpected"),
    [
        pytest.param([], 0, id="one warning for all"),
        pytest.param(alone("early"), 0, id="one token was about to expire before five had failed"),
        pytest.param(alone("early")[:1], 1, id="one warning without the message that it is over"),
        pytest.param(alone("early") * 2, 4, id="two warnings of one credential"),
        pytest.param([one for n in range(5) for one in alone(f"early-{n}")], 2, id="five single warnings"),
    ],
)
def test_in_an_outage_a_few_credentials_may_have_their_own_warnings(more: list[Alert], unexpected: int) -> None:
    comparison = compare([RISK, OVER], [RISKS, OVERS, *more], client_of)
    assert (len(comparison.missing), len(comparison.unexpected)) == (0, unexpected)
