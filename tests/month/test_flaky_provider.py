"""A provider refuses a valid token one time in three, for a month: nobody has to act, so no alert is sent."""

import pytest

from tests.fakes.failures import AMBIGUOUS
from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING
from tests.month.fleet import SimulatedFleet
from tests.month.script import END, TICK
from tests.month.scripted_authority import FailurePeriod
from token_refresher.base.errors import ProviderError

pytestmark = pytest.mark.exhaustive

CREDENTIALS = 2
SEEDS = (1, 2)


def a_month(fleet: SimulatedFleet) -> SimulatedFleet:
    for number in range(CREDENTIALS):
        fleet.create(f"credential-{number}")
    fleet.run(END)
    return fleet


def every_third_call() -> SimulatedFleet:
    fleet, asked = SimulatedFleet(), 0

    def refuse(_: str) -> None:
        nonlocal asked
        asked += 1
        if asked % 3 == 0:
            raise ProviderError(AMBIGUOUS)

    fleet.authority.on_present = refuse
    return a_month(fleet)


def one_in_three(seed: int) -> SimulatedFleet:
    fleet = SimulatedFleet(seed)
    fleet.authority.failure_periods.append(
        FailurePeriod(START, None, AMBIGUOUS, probability=1 / 3, name="credential-0")
    )
    fleet.authority.failure_periods.append(
        FailurePeriod(START, None, AMBIGUOUS, probability=1 / 3, name="credential-1")
    )
    return a_month(fleet)


@pytest.fixture(scope="module", params=["every third call", *SEEDS], ids=lambda param: f"drawn with {param}")
def fleet(request: pytest.FixtureRequest) -> SimulatedFleet:
    return every_third_call() if request.param == "every third call" else one_in_three(request.param)


def test_a_third_of_all_calls_is_refused(fleet: SimulatedFleet) -> None:
    refused = sum(not call.granted for call in fleet.authority.asked)
    assert 0.3 < refused / len(fleet.authority.asked) < 0.36


def test_no_alert_is_sent(fleet: SimulatedFleet) -> None:
    assert fleet.alerts == []


def test_a_token_is_always_fresh(fleet: SimulatedFleet) -> None:
    """An attempt that is refused four times costs one tick, and two of these in a row are rare."""
    assert fleet.least_left() >= TIMING.minimum_freshness - 2 * TICK
