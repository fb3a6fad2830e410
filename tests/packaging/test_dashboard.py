"""The dashboard: its metrics and log fields exist, its widgets do not overlap, and freshness comes first."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from tests.packaging import made
from tests.packaging.cloudformation import filled_in, template
from tests.packaging.test_alarms import ALARMS, RESOURCES
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor
from token_refresher.entrypoints.metrics import ALARMED, NAMESPACE, Metric
from token_refresher.registry.open_alert import Event

COLUMNS = 24
COUNTED: list[tuple[str, type[Status | Actor | Event]]] = [
    ("by_status", Status),
    ("actor", Actor),
    ("event", Event),
]
"""The fields of log lines that the dashboard counts by their words."""
OF_AWS = {
    "AWS/SQS": {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    "AWS/Lambda": {"Duration", "Errors", "Invocations", "Throttles"},
}

BODY: dict[str, Any] = json.loads(filled_in(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]))
WIDGETS: list[dict[str, Any]] = BODY["widgets"]
LOG_QUERIES: list[str] = [widget["properties"]["query"] for widget in WIDGETS if widget["type"] == "log"]
METRICS: list[list[Any]] = [line for widget in WIDGETS for line in widget["properties"].get("metrics", [])]


def _named(line: list[Any]) -> tuple[str, str, dict[str, str]]:
    namespace, name, *rest = [part for part in line if isinstance(part, str)]
    return namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))


def _title(widget: dict[str, Any]) -> str:
    return str(widget["properties"].get("title", widget["type"]))


def _row_of(text: str) -> int:
    return min(int(widget["y"]) for widget in WIDGETS if text in json.dumps(widget))


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
        assert Metric(name)
        assert dimensions == {"service": "AWS::StackName"}
    else:
        assert name in OF_AWS[namespace]
        [resource] = dimensions.values()
        assert resource.partition(".")[0] in template()["Resources"]


@pytest.mark.parametrize("metric", sorted(ALARMED))
def test_every_metric_that_is_written_by_default_is_on_the_dashboard(metric: Metric) -> None:
    assert metric in {_named(line)[1] for line in METRICS}


def test_the_dashboard_needs_no_other_metric_of_our_own() -> None:
    """By default the functions write no others, so a graph of one would stay empty."""
    assert {name for namespace, name, _ in map(_named, METRICS) if namespace == NAMESPACE} == ALARMED


@pytest.mark.parametrize(("field", "words"), COUNTED, ids=[field for field, _ in COUNTED])
def test_a_query_has_a_curve_for_each_word_of_its_field(field: str, words: type[Status | Actor | Event]) -> None:
    [query] = [query for query in LOG_QUERIES if field in query]
    curves = re.findall(rf"{field}(?:\.|, ')(\w+)'?\)+ as (\w+)", query)
    assert sorted(curves) == sorted((str(word), str(word)) for word in words)


@pytest.mark.parametrize("query", LOG_QUERIES)
def test_no_word_that_a_query_counts_is_a_part_of_another(query: str) -> None:
    """It counts by `strcontains`."""
    words = re.findall(r"strcontains\(\w+, '(\w+)'\)", query)
    assert [(one, other) for one in words for other in words if one != other and one in other] == []


@pytest.mark.parametrize("query", LOG_QUERIES)
def test_a_query_reads_log_groups_of_the_functions(query: str) -> None:
    groups = re.findall(r"SOURCE '(\w+)'", query)
    assert groups
    assert {RESOURCES[group]["Type"] for group in groups} == {"AWS::Logs::LogGroup"}


def test_freshness_comes_before_failures_and_failures_before_throughput() -> None:
    assert _row_of("WorstSecondsLeft") < _row_of("Failures by who must act") < _row_of("Refreshes")


@pytest.mark.parametrize(("chosen", "there"), [("true", True), ("false", False)])
def test_the_dashboard_is_an_option_and_its_output_leads_somewhere_in_any_case(chosen: str, *, there: bool) -> None:
    parameters = {**made.PARAMETERS, "CreateDashboard": chosen}
    page = template()["Outputs"]["DashboardUrl"]["Value"]["Fn::Sub"][1]["Page"]
    assert RESOURCES["Dashboard"]["Condition"] == "HasDashboard"
    condition, _, otherwise = page["Fn::If"]
    assert (condition, otherwise) == ("HasDashboard", "alarmsV2:")
    assert made.resolved({"Fn::If": [condition, True, False]}, parameters) is there


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


@pytest.mark.parametrize("widget", [widget for widget in WIDGETS if widget["type"] in {"metric", "log"}], ids=_title)
def test_a_graph_has_a_title_and_a_region(widget: dict[str, Any]) -> None:
    assert widget["properties"]["region"] == "AWS::Region"
    assert widget["properties"]["title"]
