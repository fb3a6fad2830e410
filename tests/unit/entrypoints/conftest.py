"""What the tests of logs and metrics share."""

import pytest


@pytest.fixture(autouse=True)
def _every_metric_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the metrics that no alarm reads too, as with the parameter `DetailedMetrics`."""
    monkeypatch.setenv("DETAILED_METRICS", "true")
