"""The dashboard: its metrics exist, its widgets do not overlap, and freshness comes first."""

import json
from itertools import combinations
from typing import Any

import pytest

from tests.packaging.cloudformation import filled_in, template
from tests.packaging.test_alarms import ALARMS, RESOURCES
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.entrypoints.metrics import DIMENSIONS, NAMESPACE, Metric
from token_refresher.registry.open_alert import Event

COLUMNS = 24
LABELS: dict[Metric, type[Status | Actor | Event]] = {
    Metric.CREDENTIALS: Status,
    Metric.FAILED: Actor,
    Metric.ALERTS_SENT: Event,
}
OF_AWS = {
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/Lambda": {"Duration", "Errors", "Throttles"},
}

BODY: dict[str, Any] = json.loads(filled_in(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]))
WIDGETS: list[dict[str, Any]] = BODY["widgets"]
METRICS: list[list[Any]] = [line for widget in WIDGETS for line in widget["properties"].get("metrics", [])]


def _named(line: list[Any]) -> tuple[str, str, dict[str, str]]:
    namespace, name, *rest = [part for part in line if isinstance(part, str)]
    return namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))


def _title(widget: dict[str, Any]) -> str:
    return str(widget["properties"].get("title", widget["type"]))


def _first_row_of(metric: str) -> int:
    return min(
        int(widget["y"])
        for widget in WIDGETS
        if any(_named(line)[1] == metric for line in widget["properties"].get("metrics", []))
    )


@pytest.mark.parametrize("widget", WIDGETS, ids=_title)
def test_a_widget_is_within_the_columns(widget: dict[str, Any]) -> None:
    assert 0 <= widget["x"] < widget["x"] + widget["width"] <= COLUMNS


def test_widgets_do_not_overlap() -> None:
    def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
        sides = (("x", "width"), ("y", "height"))
        return all(one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in sides)

    assert [(_title(one), _title(other)) for one, other in combinations(WIDGETS, 2) if overlap(one, other)] == []


@pytest.mark.parametrize("line", METRICS, ids=lambda line: " ".join(_named(line)[1:2]))
def test_a_metric_on_the_dashboard_exists(line: list[Any]) -> None:
    namespace, name, dimensions = _named(line)
    if namespace == NAMESPACE:
        metric = Metric(name)
        assert dimensions.pop("service") == "AWS::StackName"
        assert set(dimensions) == ({DIMENSIONS[metric]} if metric in DIMENSIONS else set())
        if metric in LABELS:
            assert dimensions[DIMENSIONS[metric]] in set(LABELS[metric])
    else:
        assert name in OF_AWS[namespace]
        [resource] = dimensions.values()
        assert resource.partition(".")[0] in template()["Resources"]


@pytest.mark.parametrize("metric", Metric)
def test_every_metric_that_the_code_emits_is_on_the_dashboard(metric: Metric) -> None:
    """A metric that nobody can see need not be counted."""
    assert metric in {_named(line)[1] for line in METRICS}


@pytest.mark.parametrize("metric", LABELS)
def test_a_metric_with_labels_has_a_curve_for_each(metric: Metric) -> None:
    shown = [dimensions[DIMENSIONS[metric]] for _, name, dimensions in map(_named, METRICS) if name == metric]
    assert sorted(shown) == sorted(LABELS[metric])


def test_freshness_comes_before_failures_and_failures_before_throughput() -> None:
    assert _first_row_of("WorstMinutesLeft") < _first_row_of("Failed") < _first_row_of("Refreshed")


def test_the_promise_is_a_line_under_the_worst_credential() -> None:
    [widget] = [widget for widget in WIDGETS if "WorstSecondsLeft" in json.dumps(widget)]
    [line] = widget["properties"]["annotations"]["horizontal"]
    assert line["value"] == template()["Parameters"]["MinimumFreshnessSeconds"]["Default"]


def test_the_state_of_every_alarm_is_at_the_top() -> None:
    [widget] = [widget for widget in WIDGETS if widget["type"] == "alarm"]
    assert (widget["y"], sorted(widget["properties"]["alarms"])) == (0, sorted(f"{name}.Arn" for name in ALARMS))


def test_the_first_widget_has_the_promise_and_the_link_to_the_runbook() -> None:
    text = WIDGETS[0]["properties"]["markdown"]
    assert (WIDGETS[0]["type"], WIDGETS[0]["x"], WIDGETS[0]["y"]) == ("text", 0, 0)
    assert "900 seconds" in text
    assert "(docs/operations.md)" in text


@pytest.mark.parametrize("widget", [widget for widget in WIDGETS if widget["type"] == "metric"], ids=_title)
def test_a_graph_has_a_title_and_a_region(widget: dict[str, Any]) -> None:
    assert widget["properties"]["region"] == "AWS::Region"
    assert widget["properties"]["title"]
