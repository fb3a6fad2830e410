"""A month of a fleet: exactly the expected alerts are sent (``make month`` prints them)."""

import os
from datetime import timedelta

import pytest

from tests.month.report import Report
from tests.month.script import TICK

pytestmark = [pytest.mark.exhaustive, pytest.mark.long]

SEEDS = [int(seed) for seed in os.environ.get("MONTH_SEEDS", "1").split()]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def report(request: pytest.FixtureRequest) -> Report:
    return Report.of(request.param)


def test_every_expected_alert_is_sent_once_and_in_its_window_and_no_other(report: Report) -> None:
    assert report.complaints == ()
    assert len(report.comparison.sent) == len(report.comparison.expected)


def test_every_kind_of_alert_is_expected_at_some_time(report: Report) -> None:
    """Otherwise the month would prove little."""
    assert all(expected > 0 for _, expected, *_ in report.comparison.rows())


def test_the_month_has_hours_in_which_sns_refuses_alerts(report: Report) -> None:
    assert report.failed_publications > 0


def test_an_outage_costs_a_few_probes_a_tick(report: Report) -> None:
    assert report.health.most_in_an_outage <= 4


def test_a_rejected_grant_is_presented_before_each_reminder_and_not_otherwise(report: Report) -> None:
    assert report.health.of_rejected_grants <= report.health.probes_of_rejected_grants


def test_no_pipeline_waits_long_for_a_token_that_the_provider_would_issue(report: Report) -> None:
    assert report.health.longest_without <= 3 * TICK + timedelta(minutes=10)
