"""A provider that refuses a good token one time in three, for a month: nobody has to act, so nobody is told."""

import pytest

from tests.fakes.failures import AMBIGUOUS
from tests.fakes.manual_clock import START
from tests.fakes.world import TIMING
from tests.month.script import END, TICK
from tests.month.stage import Stage
from tests.month.weather import Spell
from token_refresher.errors import ProviderError

CREDENTIALS = 2
SEEDS = (1, 2, 3)


def a_month(stage: Stage) -> Stage:
    for number in range(CREDENTIALS):
        stage.create(f"credential-{number}")
    stage.run(END)
    return stage


def every_third_call() -> Stage:
    stage, asked = Stage(), 0

    def refuse(_: str) -> None:
        nonlocal asked
        asked += 1
        if asked % 3 == 0:
            raise ProviderError(AMBIGUOUS)

    stage.authority.on_present = refuse
    return a_month(stage)


def one_in_three(seed: int) -> Stage:
    stage = Stage(seed)
    stage.authority.spells.append(Spell(START, None, AMBIGUOUS, probability=1 / 3, name="credential-0"))
    stage.authority.spells.append(Spell(START, None, AMBIGUOUS, probability=1 / 3, name="credential-1"))
    return a_month(stage)


@pytest.fixture(scope="module", params=["every third call", *SEEDS], ids=lambda param: f"drawn with {param}")
def stage(request: pytest.FixtureRequest) -> Stage:
    return every_third_call() if request.param == "every third call" else one_in_three(request.param)


def test_a_third_of_all_calls_is_refused(stage: Stage) -> None:
    refused = sum(not call.granted for call in stage.authority.asked)
    assert 0.3 < refused / len(stage.authority.asked) < 0.36


def test_nobody_is_told(stage: Stage) -> None:
    assert stage.alerts == []


def test_a_token_is_always_fresh(stage: Stage) -> None:
    """A look that was refused four times costs one tick, and a second one in a row is rare."""
    assert stage.least_left() >= TIMING.minimum_freshness - 2 * TICK
