"""The sign-ins of one organization fail for weeks, and those of all others are not affected."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.fakes.failures import unavailable
from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING
from tests.month.fleet import SimulatedFleet
from tests.month.scripted_authority import FailurePeriod

pytestmark = pytest.mark.exhaustive

DAY = timedelta(days=1)
ALL_ARE_FAILING = timedelta(hours=1)
HEALTHY = [f"healthy-{number}" for number in range(5)]


@pytest.mark.parametrize("failing", [8, 6, 12, 20])
def test_however_many_credentials_fail_no_healthy_token_has_less_time_left_than_promised(failing: int) -> None:
    fleet = SimulatedFleet(failing)
    for name in HEALTHY:
        fleet.create(name, "app-of-the-healthy")
    for number in range(failing):
        fleet.create(f"failing-{number:02}", "app-of-the-failing")
        fleet.authority.failure_periods.append(
            FailurePeriod(START, START + 30 * DAY, unavailable(503), f"failing-{number:02}")
        )
    fleet.run(START + DAY)
    left = {
        seen_at: ends_at - seen_at for name in HEALTHY for (_, ends_at), (seen_at, _) in pairwise(fleet.tokens[name])
    }
    assert min(left.values()) > timedelta(0)
    # While they begin to fail, one after the other, it looks like the start of an outage.
    assert (
        min(spare for seen_at, spare in left.items() if seen_at > START + ALL_ARE_FAILING) >= TIMING.minimum_freshness
    )
