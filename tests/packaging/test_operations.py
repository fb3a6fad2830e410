"""The runbook has an entry for each alarm and each event, and every name in it exists."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from local.stack.toolchain import ROOT
from tests.packaging.cloudformation import template
from tests.packaging.test_alarms import ALARMS
from tests.packaging.test_dashboard import LOG_QUERIES
from tests.unit.alerts.test_alert import ALERT
from token_refresher.base.errors import AlertNotSentError
from token_refresher.base.reason import Reason
from token_refresher.consent.result import ConsentOutcome, ConsentResult
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis
from token_refresher.dispatch.service import Due, TickResult
from token_refresher.entrypoints.dispatch import report_tick
from token_refresher.entrypoints.metered_topic import report_alert_not_sent, report_alert_sent
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.observability import logger, metrics, report_fault
from token_refresher.entrypoints.refresh import report_outcome
from token_refresher.entrypoints.web.reports import report_ending
from token_refresher.registry.open_alert import Event
from token_refresher.registry.outcome import Outcome, Result

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
CODE = re.findall(r"^ *```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^ *```.*?^ *```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
ANCHORS = re.findall(r'<a id="([^"]+)"></a>', PAGE)
QUERIES = [query for block in CODE for query in re.findall(r'insights \S+ "([^"]+)"', block)]
WORDS_OF_INSIGHTS = {"fields", "filter", "sort", "stats", "limit", "by", "and", "or", "in", "like", "count", "desc"}
FIELDS_OF_INSIGHTS = {"@timestamp", "@message"}
METRICS_OF_AWS = {"NumberOfNotificationsFailed"}
LABELS_OF_AWS = {"AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"}
CODES_OF_SNS = {"KMSAccessDenied", "NotFound", "AuthorizationError"}
PARTS = ("**What it means.**", "**What pipelines notice.**", "**First.**", "**It is over when**")

TEMPLATE = template()
OUTPUTS: dict[str, Any] = TEMPLATE["Outputs"]
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


def anchor_of(alarm: str) -> str:
    """Return the anchor of an alarm: its logical id in kebab case, without ``Alarm``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", alarm.removesuffix("Alarm")).lower()


EXPECTED = [*map(anchor_of, ALARMS), *map(str, Event)]


def _entry(anchor: str) -> str:
    """Return the text of an entry, up to the next one or the next chapter."""
    match = re.search(rf'<a id="{anchor}"></a>\n### `{anchor}`: .*?(?=<a id=|^## )', PAGE, re.MULTILINE | re.DOTALL)
    assert match
    return match[0]


def test_every_alarm_and_every_event_has_one_anchor_and_there_are_no_others() -> None:
    assert sorted(ANCHORS) == sorted(EXPECTED)


@pytest.mark.parametrize("alarm", ALARMS)
def test_the_text_of_an_alarm_ends_with_the_link_into_its_entry(alarm: str) -> None:
    assert ALARMS[alarm]["AlarmDescription"]["Fn::Sub"].endswith(f" Runbook: ${{RunbookUrl}}#{anchor_of(alarm)}")


@pytest.mark.parametrize("anchor", EXPECTED)
def test_an_entry_has_its_parts_in_their_order(anchor: str) -> None:
    entry = _entry(anchor)
    at = [entry.index(part) for part in PARTS]
    assert at == sorted(at)


@pytest.mark.parametrize("anchor", EXPECTED)
def test_an_entry_has_three_checks_or_actions(anchor: str) -> None:
    assert re.findall(r"^([0-9])\. ", _entry(anchor), re.MULTILINE) == ["1", "2", "3"]


@pytest.mark.parametrize("anchor", EXPECTED)
def test_an_entry_is_reached_from_the_tables_at_the_top(anchor: str) -> None:
    assert f"[`{anchor}`](#{anchor})" in PAGE[: PAGE.index("## Before you begin")]


def test_a_link_within_the_page_has_a_target() -> None:
    headings = re.findall(r"^#+ ([^`\n]+)$", PAGE, re.MULTILINE)
    places = {*ANCHORS, *(heading.lower().replace(" ", "-") for heading in headings)}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= places


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("**/*.md")), ids=lambda path: path.stem)
def test_a_link_into_the_runbook_has_a_target(page: Any) -> None:
    headings = re.findall(r"^#+ ([^`\n]+)$", PAGE, re.MULTILINE)
    places = {*ANCHORS, *(heading.lower().replace(" ", "-") for heading in headings)}
    assert set(re.findall(r"\(operations\.md#([^)]+)\)", page.read_text("utf-8"))) <= places


def test_the_parameters_outputs_metrics_and_resources_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`([A-Z]\w*)`", PROSE)) - {"NAME"}
    known = {*TEMPLATE["Parameters"], *OUTPUTS, *Metric, *RESOURCES, *METRICS_OF_AWS, *CODES_OF_SNS, *LABELS_OF_AWS}
    assert named
    assert named <= known


def test_every_metric_is_explained() -> None:
    assert [metric for metric in Metric if f"`{metric}`" not in PROSE] == []


def test_the_outputs_and_resources_that_the_commands_name_exist() -> None:
    commands = "\n".join(CODE)
    assert set(re.findall(r"\$\(output (\w+)\)", commands)) <= OUTPUTS.keys()
    assert set(re.findall(r"\$\(resource (\w+)\)", commands)) <= RESOURCES.keys()
    groups = set(re.findall(r"(\w+LogGroup)", commands))
    assert groups <= {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Logs::LogGroup"}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return a log line of each kind, with every field that it can have."""
    lines: list[dict[str, Any]] = []
    handler = logger.registered_handler
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(json.loads(handler.format(record))))
    at = datetime(2026, 1, 31, 9, tzinfo=UTC)
    diagnosis = Diagnosis(
        "50173",
        Actor.USER,
        certain=True,
        cause="Why.",
        action="What to do.",
        correlation_id="0-1",
        http_status=400,
        reason="forbidden",
    )
    report_tick(
        TickResult(
            1,
            1,
            1,
            Due(worst="team/ads"),
            {"new": 1},
            by_status=dict.fromkeys(map(str, Status), 0),
            oldest_refresh_token_days=1,
            refresh_tokens_ending_soon=1,
        )
    )
    report_outcome(Outcome("team/ads", Result.RETRY_LATER, diagnosis, at, "0123456789ab", "ba9876543210"))
    report_ending(
        ConsentResult.from_document({"ending": ConsentOutcome.CONNECTED, "credential": "team/ads", "code": "50173"})
    )
    report_alert_sent(ALERT)
    report_alert_not_sent(ALERT, AlertNotSentError("reconsent_required of team/ads"))
    report_outcome(Outcome("team/ads", Result.REFRESHED, is_shown=False))
    report_fault(RuntimeError())
    metrics.clear_metrics()
    return lines


def _paths(line: dict[str, Any], before: str = "") -> set[str]:
    """Return the names of the fields, as Logs Insights discovers them."""
    found = {before + name for name in line}
    return found.union(*(_paths(value, f"{before}{name}.") for name, value in line.items() if isinstance(value, dict)))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_fields_that_are_logged(query: str, logged: list[dict[str, Any]]) -> None:
    asked = re.findall(r"[@A-Za-z_][\w.]*", re.sub(r"'[^']*'|/[^/]*/", "", query))
    fields = {word for word in asked if word not in WORDS_OF_INSIGHTS}
    assert fields <= FIELDS_OF_INSIGHTS.union(*map(_paths, logged))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_asks_for_a_line_that_is_logged_and_for_its_own_fields(
    query: str, logged: list[dict[str, Any]]
) -> None:
    named = re.findall(r"message (?:=|in) (\[[^]]+\]|'[^']+')", query)
    messages = set(re.findall(r"'([^']+)'", "".join(named)))
    assert messages <= {line["message"] for line in logged}
    own = FIELDS_OF_INSIGHTS.union(*(_paths(line) for line in logged if line["message"] in messages))
    asked = re.findall(r"fields ([^|]+)", query)
    assert {field.strip() for fields in asked for field in fields.split(",")} <= own


@pytest.mark.parametrize("query", QUERIES)
def test_the_results_and_actors_that_a_query_names_exist(query: str) -> None:
    assert set(re.findall(r"result = '([^']+)'", query)) <= set(Result)


@pytest.mark.parametrize("query", LOG_QUERIES)
def test_a_query_of_the_dashboard_asks_for_lines_and_fields_that_are_logged(
    query: str, logged: list[dict[str, Any]]
) -> None:
    asked = set(re.findall(r"(?:max|sum|count|ispresent|strcontains)\(([a-z][\w.]*)[,)]", query))
    assert asked
    assert asked <= set().union(*map(_paths, logged))
    assert set(re.findall(r"message = '([^']+)'", query)) <= {line["message"] for line in logged}


def test_there_are_queries_to_check() -> None:
    assert len(QUERIES) > len(Event)


def test_the_runbook_says_for_every_reason_what_to_check() -> None:
    table = [line for line in PAGE.splitlines() if line.startswith("   | `") and "`reason`" not in line]
    named = [word for line in table for word in re.findall(r"`([a-z_]+)`", line.split("|")[1])]
    assert sorted(named) == sorted(Reason)
