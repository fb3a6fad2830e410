"""What must hold for a fleet, whatever happens to it. ``make simulate`` shows how well; nothing here counts seconds."""

import pytest

from tests.fakes.world import TIMING
from tests.fleets.fleet import Plan, sixty_to_ninety_minutes
from tests.fleets.scenarios import SCALE, Result
from tests.fleets.services import WRITES_PER_SECOND
from tests.fleets.stack import Rules
from tests.fleets.weather import CALM, DAY, HOUR, Import, Neighbours, Span, Weather

PROMISE = TIMING.minimum_freshness.total_seconds()
NOON = DAY / 2
SEEDS = [1, pytest.param(2, marks=pytest.mark.long)]


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def after_an_outage(seed: int) -> Result:
    return Result.of(Plan(1000, 1, Weather(outages=(Span.of(NOON, 120),))), seed)


@pytest.mark.parametrize(
    "weather",
    [
        pytest.param(CALM, id="nothing"),
        pytest.param(Weather(silences=(Span.of(NOON, 5),)), id="a lost tick"),
        pytest.param(Weather(deployments=(Span.of(NOON, 3),)), id="a deployment that kills workers"),
        pytest.param(Weather(imports=(Import(NOON, 1000),)), id="an import of as many again"),
        pytest.param(Weather(neighbours=(Neighbours(Span.of(NOON, 60), 45),)), id="neighbours that leave a tenth"),
    ],
)
def test_no_pipeline_reads_less_than_the_promise_and_nobody_is_alerted_in(weather: Weather, seed: int) -> None:
    result = Result.of(Plan(500, 0.75, weather), seed)
    assert result.measures.least_left(0, DAY) >= PROMISE
    assert result.alerts == []


def test_an_outage_of_five_minutes_costs_no_token_and_no_alert(seed: int) -> None:
    result = Result.of(Plan(500, 0.75, Weather(outages=(Span.of(NOON, 5),))), seed)
    assert result.measures.least_left(0, DAY) > 0
    assert result.alerts == []


def test_an_outage_leads_to_the_alerts_that_people_deserve_and_to_no_other(after_an_outage: Result) -> None:
    assert after_an_outage.deserved == {"refresh_at_risk": 1, "operator_action_required": 1, "recovered": 1}
    assert after_an_outage.sent == after_an_outage.deserved


def test_so_it_does_where_tokens_have_different_lifetimes(seed: int) -> None:
    """Some are about to end when others have been gone for an hour."""
    weather = Weather(outages=(Span.of(NOON, 120),))
    result = Result.of(Plan(67_000, 0.7, weather, SCALE / 2, 12, sixty_to_ninety_minutes), seed)
    assert result.sent == result.deserved


def test_every_pipeline_has_a_token_again_within_half_an_hour_of_an_outage(after_an_outage: Result) -> None:
    recovered = after_an_outage.recovered_after(NOON + 2 * HOUR)
    assert recovered is not None
    assert recovered <= HOUR / 2


def test_two_hours_after_an_outage_a_fleet_is_spread_as_before_it(after_an_outage: Result) -> None:
    before = after_an_outage.measures.unevenness(HOUR, NOON)
    assert after_an_outage.measures.unevenness(NOON + 4 * HOUR, NOON + 8 * HOUR) <= 1.2 * before


def test_without_parted_refreshes_it_is_not(seed: int) -> None:
    """Otherwise the test above would show nothing."""
    result = Result.of(Plan(1000, 1, Weather(outages=(Span.of(NOON, 120),)), rules=Rules(parts=False)), seed)
    assert result.measures.unevenness(NOON + 4 * HOUR, NOON + 8 * HOUR) > 1.5 * result.measures.unevenness(HOUR, NOON)


def test_two_hours_after_an_import_a_fleet_is_spread_as_before_it(seed: int) -> None:
    result = Result.of(Plan(500, 1, Weather(imports=(Import(NOON, 1000),))), seed)
    assert result.measures.unevenness(NOON + 2 * HOUR, NOON + 8 * HOUR) <= 1.2 * result.measures.unevenness(HOUR, NOON)


def test_the_default_concurrency_never_meets_the_quota(seed: int) -> None:
    """An import is the hardest case: all workers are busy at once."""
    result = Result.of(Plan(100, 0.6, Weather(imports=(Import(NOON, 2000),))), seed)
    assert sum(tick.throttled for tick in result.measures.ticks) == 0
    assert result.writes_per_second() <= WRITES_PER_SECOND


def test_a_fleet_of_67_000_keeps_the_promise_with_the_lifetimes_of_work_accounts(seed: int) -> None:
    result = Result.of(Plan(67_000, 0.3, CALM, SCALE, 12, sixty_to_ninety_minutes), seed)
    assert result.measures.least_left(0, DAY) >= PROMISE
