"""One organization's sign-in fails for weeks; those of all others are none of its business."""

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.fakes.failures import unavailable
from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING
from tests.month.stage import Stage
from tests.month.weather import Spell

DAY = timedelta(days=1)
ALL_ARE_SICK = timedelta(hours=1)
HEALTHY = [f"healthy-{number}" for number in range(5)]


@pytest.mark.parametrize("sick", [6, 8, 12, 20])
def test_however_many_are_sick_for_themselves_no_healthy_token_falls_below_the_promise(sick: int) -> None:
    stage = Stage(sick)
    for name in HEALTHY:
        stage.create(name, "app-of-the-healthy")
    for number in range(sick):
        stage.create(f"sick-{number:02}", "app-of-the-sick")
        stage.authority.spells.append(Spell(START, START + 30 * DAY, unavailable(503), f"sick-{number:02}"))
    stage.run(START + DAY)
    left = {
        seen_at: ends_at - seen_at for name in HEALTHY for (_, ends_at), (seen_at, _) in pairwise(stage.tokens[name])
    }
    assert min(left.values()) > timedelta(0)
    # While they fall sick, one after the other, it looks like an outage that begins.
    assert min(spare for seen_at, spare in left.items() if seen_at > START + ALL_ARE_SICK) >= TIMING.minimum_freshness
