"""The alarms watch the metrics of the code, notify the topic, and say what to do."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.packaging.cloudformation import filled_in, template
from token_refresher.entrypoints.metrics import ALARMED, DIMENSIONS, NAMESPACE, Metric
from token_refresher.entrypoints.settings import LATEST_TICK

RESOURCES: dict[str, Any] = template()["Resources"]
ALARMS: dict[str, dict[str, Any]] = {
    name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == "AWS::CloudWatch::Alarm"
}
FUNCTIONS = [name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Serverless::Function"]
WATCHED = {
    "AWS/SQS": ("QueueName", {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}),
    "AWS/Lambda": ("FunctionName", {"Errors", "Throttles"}),
}
LONGEST_DESCRIPTION = 1024
"""Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""


def _dimension(alarm: dict[str, Any]) -> tuple[str, Any]:
    [dimension] = alarm["Dimensions"]
    return dimension["Name"], dimension["Value"]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_notifies_the_topic_when_it_starts_and_when_it_ends(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == ALARMS[name]["OKActions"] == [{"Ref": "AlertTopic"}]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_it_means_for_pipelines_and_what_to_do_first(name: str) -> None:
    description = filled_in(ALARMS[name]["AlarmDescription"]["Fn::Sub"])
    assert re.search(r"\b[Pp]ipelines\b", description)
    assert ". First, " in description
    assert len(description) < LONGEST_DESCRIPTION


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_watches_an_existing_metric_of_an_existing_resource(name: str) -> None:
    alarm = ALARMS[name]
    dimension, value = _dimension(alarm)
    if alarm["Namespace"] == NAMESPACE:
        assert Metric(alarm["MetricName"]) not in DIMENSIONS
        assert (dimension, value) == ("service", {"Ref": "AWS::StackName"})
    else:
        expected, metrics = WATCHED[alarm["Namespace"]]
        assert (dimension, alarm["MetricName"] in metrics) == (expected, True)
        logical_id = value.get("Ref") or value["Fn::GetAtt"].partition(".")[0]
        assert logical_id in RESOURCES


def test_the_metrics_that_are_always_written_are_those_that_an_alarm_reads() -> None:
    watched = {alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == NAMESPACE}
    assert watched == ALARMED


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_missing_data_means(name: str) -> None:
    """Only ticks always come; other metrics have no data while nothing happens."""
    expected = "breaching" if name == "DispatchSilentAlarm" else "notBreaching"
    assert ALARMS[name]["TreatMissingData"] == expected


@pytest.mark.parametrize("name", ALARMS)
def test_the_local_stack_can_create_an_alarm(name: str) -> None:
    """It refuses metric math, so a threshold is a parameter without arithmetic."""
    assert "Metrics" not in ALARMS[name]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm_on_errors_and_one_on_throttles(function: str, metric: str) -> None:
    alarm = ALARMS[f"{function.removesuffix('Function')}{metric}Alarm"]
    assert (alarm["MetricName"], _dimension(alarm)) == (metric, ("FunctionName", {"Ref": function}))


@pytest.mark.parametrize("name", ["DispatchSilentAlarm", "FreshnessAlarm"])
def test_a_metric_of_ticks_is_evaluated_for_each_minute_of_the_heartbeat(name: str) -> None:
    assert (ALARMS[name]["Period"], ALARMS[name]["EvaluationPeriods"]) == (60, {"Ref": "HeartbeatMinutes"})


def test_the_alarm_on_silence_is_created_after_the_first_tick() -> None:
    """A new alarm also evaluates the minutes before it; the first tick comes as soon as there is a schedule."""
    assert "StartDate" not in RESOURCES["TickSchedule"]["Properties"]
    last = RESOURCES["DispatchSilentAlarm"]["DependsOn"]
    slow = [name for name in last if name != "TickSchedule"]
    assert "TickSchedule" in last
    assert {RESOURCES[name]["Type"] for name in slow} == {"AWS::KMS::Alias", "AWS::Lambda::EventSourceMapping"}
    assert [RESOURCES[name]["DependsOn"] for name in slow] == ["TickSchedule"] * len(slow)


def test_dispatch_is_silent_if_no_minute_of_the_heartbeat_has_a_tick() -> None:
    alarm = ALARMS["DispatchSilentAlarm"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("Ticks", "Sum", 1)
    assert (alarm["ComparisonOperator"], "DatapointsToAlarm" in alarm) == ("LessThanThreshold", False)


def test_the_threshold_of_freshness_is_the_promise() -> None:
    alarm = ALARMS["FreshnessAlarm"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["DatapointsToAlarm"]) == ("WorstSecondsLeft", "Minimum", 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert alarm["Threshold"] == {"Ref": "MinimumFreshnessSeconds"}


def test_a_request_is_late_after_its_second_attempt() -> None:
    """The second attempt comes after the visibility timeout, and the datapoints give it time to finish."""
    alarm, parameters = ALARMS["QueueAgeAlarm"], template()["Parameters"]
    assert alarm["Threshold"] == {"Ref": "QueueVisibilitySeconds"}
    assert alarm["Period"] * alarm["DatapointsToAlarm"] > parameters["RefreshTimeoutSeconds"]["Default"]


def test_a_late_tick_is_as_late_as_scheduler_and_the_timeout_of_dispatch_allow() -> None:
    timeout = timedelta(seconds=RESOURCES["DispatchFunction"]["Properties"]["Timeout"])
    assert timedelta(minutes=1) + timeout == LATEST_TICK
