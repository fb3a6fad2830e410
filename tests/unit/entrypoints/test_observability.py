"""Logs and metrics: an allow-list of fields, and no text from outside."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.alerts.test_alert import ALERT
from token_refresher.base.errors import (
    AlertNotSentError,
    ConfigurationError,
    MalformedCredentialError,
    NotEnoughTimeError,
)
from token_refresher.base.failure import FailureKind, ProviderFailure
from token_refresher.base.reason import Reason
from token_refresher.base.words import MICROSOFT
from token_refresher.consent.result import ConsentOutcome, ConsentResult, refused
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis, diagnose
from token_refresher.dispatch.service import Due, TickResult
from token_refresher.entrypoints.dispatch import report_tick
from token_refresher.entrypoints.metered_topic import report_alert_not_sent, report_alert_sent
from token_refresher.entrypoints.metrics import ALARMED, DIMENSIONS, Metric
from token_refresher.entrypoints.observability import logger, metered, metrics, report_fault, reporting_faults
from token_refresher.entrypoints.refresh import report_outcome
from token_refresher.entrypoints.web.reports import report_ending, report_request
from token_refresher.invites.invite import Invite
from token_refresher.registry.outcome import Outcome, Result

CANARY = "canary-e3d8"
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
ALWAYS = {"level", "location", "message", "timestamp", "service"}
TICK = TickResult(
    managed=7,
    enqueued=4,
    escrowed=6,
    due=Due(most_overdue_seconds=5.5, worst="team/ads", worst_minutes_left=34.5, unsent=3),
    found={"changed": 2, "new": 1},
    put_off=9,
    by_status={"healthy": 5, "paused": 2},
    oldest_refresh_token_days=12.0,
    refresh_tokens_ending_soon=3,
)
DIAGNOSIS = Diagnosis("50173", Actor.USER, certain=True, cause="Revoked.", action=CANARY, correlation_id="0000-0009")


@pytest.fixture(autouse=True)
def _metrics_of_one_test() -> Iterator[None]:
    metrics.clear_metrics()
    yield
    metrics.clear_metrics()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the log lines."""
    written: list[dict[str, Any]] = []
    handler = logger.registered_handler
    monkeypatch.setattr(handler, "emit", lambda record: written.append(json.loads(handler.format(record))))
    return written


def extra(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key not in ALWAYS}


def counted() -> dict[str, list[float]]:
    return {name: metric["Value"] for name, metric in metrics.metric_set.items()}


def counted_by(dimension: str, metric: str, capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    records = [record for record in map(json.loads, capsys.readouterr().out.splitlines()) if metric in record]
    return {record[dimension]: record[metric] for record in records}


def test_the_log_line_of_a_tick_has_the_fields_of_its_result(lines: list[dict[str, Any]]) -> None:
    report_tick(TICK)
    assert lines[0]["message"] == "tick"
    assert extra(lines[0]) == {
        "managed": 7,
        "enqueued": 4,
        "escrowed": 6,
        "due": {"most_overdue_seconds": 5.5, "worst": "team/ads", "worst_minutes_left": 34.5, "unsent": 3},
        "found": {"changed": 2, "new": 1},
        "put_off": 9,
        "by_status": {"healthy": 5, "paused": 2},
        "oldest_refresh_token_days": 12.0,
        "refresh_tokens_ending_soon": 3,
    }
    assert counted() == {
        "Ticks": [1.0],
        "DueCredentials": [4.0],
        "EscrowedCredentials": [6.0],
        "PutOffCredentials": [9.0],
        "WorstSecondsLeft": [2070.0],
        "OldestRefreshTokenDays": [12.0],
        "RefreshTokensEndingSoon": [3.0],
    }


@pytest.mark.usefixtures("lines")
def test_a_tick_counts_the_credentials_by_status(capsys: pytest.CaptureFixture[str]) -> None:
    report_tick(TICK)
    assert counted_by("status", "Credentials", capsys) == {"healthy": [5.0], "paused": [2.0]}


@pytest.mark.usefixtures("lines")
def test_without_a_live_credential_there_is_no_number_of_minutes() -> None:
    report_tick(replace(TICK, due=Due(), by_status={}, oldest_refresh_token_days=None, refresh_tokens_ending_soon=None))
    assert counted().keys() == {"Ticks", "DueCredentials", "EscrowedCredentials", "PutOffCredentials"}


def test_the_log_line_of_an_attempt_has_the_allowed_fields_only(lines: list[dict[str, Any]]) -> None:
    report_outcome(Outcome("team/ads", Result.NEEDS_A_PERSON, DIAGNOSIS, AT, "0123456789ab", "ba9876543210"))
    assert extra(lines[0]) == {
        "credential": "team/ads",
        "result": "needs_a_person",
        "expires_at": "2026-01-31T09:00:00Z",
        "presented": "0123456789ab",
        "issued": "ba9876543210",
        "code": "50173",
        "actor": "user",
        "cause": "Revoked.",
        "correlation_id": "0000-0009",
    }


def test_a_failed_connection_is_logged_with_its_status_and_reason(lines: list[dict[str, Any]]) -> None:
    refused = replace(DIAGNOSIS, code="proxy_refused", reason="proxy_refused", http_status=403)
    report_outcome(Outcome("team/ads", Result.RETRY_LATER, refused))
    assert [extra(lines[0])[field] for field in ("code", "reason", "http_status")] == ["proxy_refused"] * 2 + [403]


def test_an_outcome_says_which_request_it_answers(lines: list[dict[str, Any]]) -> None:
    report_outcome(Outcome("team/ads", Result.REFRESHED, request_id="request-1"))
    assert extra(lines[0]) == {"credential": "team/ads", "result": "refreshed", "request_id": "request-1"}


def test_the_use_of_the_previous_client_secret_is_a_warning(lines: list[dict[str, Any]]) -> None:
    report_outcome(Outcome("team/ads", Result.REFRESHED, used_previous_client_secret=True))
    assert (lines[0]["level"], lines[0]["used_previous_client_secret"]) == ("WARNING", True)


def test_a_missing_fact_of_an_outcome_is_left_out(lines: list[dict[str, Any]]) -> None:
    report_outcome(Outcome("team/ads", Result.NOT_DUE))
    assert extra(lines[0]) == {"credential": "team/ads", "result": "not_due"}


@pytest.mark.parametrize(
    ("result", "level", "metrics_of_its_own"),
    [
        pytest.param(Result.REFRESHED, "INFO", {"Refreshed"}, id="refreshed"),
        pytest.param(Result.RECOVERED, "INFO", {"Recovered"}, id="an unfinished write was finished"),
        pytest.param(Result.OVERTAKEN, "INFO", {"Overtaken"}, id="overtaken"),
        pytest.param(Result.NOT_DUE, "INFO", set(), id="not due"),
        pytest.param(Result.PAUSED, "INFO", set(), id="paused"),
        pytest.param(Result.FORGOTTEN, "INFO", set(), id="forgotten"),
        pytest.param(Result.RETRY_LATER, "WARNING", set(), id="tried again later"),
        pytest.param(Result.NEEDS_A_PERSON, "WARNING", set(), id="a person is needed"),
    ],
)
def test_every_result_has_its_level_and_is_counted_as_an_attempt(
    lines: list[dict[str, Any]], result: Result, level: str, metrics_of_its_own: set[str]
) -> None:
    report_outcome(Outcome("team/ads", result))
    assert (lines[0]["level"], counted()) == (level, {metric: [1.0] for metric in {"Looked", *metrics_of_its_own}})


@pytest.mark.parametrize("actor", Actor)
@pytest.mark.usefixtures("lines")
def test_a_failure_is_counted_by_who_must_act(actor: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    report_outcome(Outcome("team/ads", Result.RETRY_LATER, replace(DIAGNOSIS, actor=actor)))
    assert counted_by("actor", "Failed", capsys) == {str(actor): [1.0]}


@pytest.mark.usefixtures("lines")
def test_an_attempt_that_did_not_fail_is_not_counted_as_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    report_outcome(Outcome("team/ads", Result.REFRESHED))
    assert counted_by("actor", "Failed", capsys) == {}


def test_the_log_line_of_an_alert_has_its_event_and_its_credential(lines: list[dict[str, Any]]) -> None:
    report_alert_sent(replace(ALERT, summary=CANARY, cause=CANARY, action=CANARY, connect_url=CANARY))
    assert lines[0]["message"] == "alert"
    assert extra(lines[0]) == {"event": "reconsent_required", "credential": "team/ads"}


def test_the_log_line_of_an_unsent_alert_has_the_error_of_aws(lines: list[dict[str, Any]]) -> None:
    error = AlertNotSentError("reconsent_required of team/ads")
    error.__cause__ = ClientError({"Error": {"Code": "KMSAccessDenied", "Message": CANARY}}, "Publish")
    report_alert_not_sent(replace(ALERT, connect_url=CANARY), error)
    assert (lines[0]["message"], lines[0]["level"]) == ("alert not sent", "ERROR")
    assert extra(lines[0])["event"] == "reconsent_required"
    assert extra(lines[0])["detail"].endswith("Publish: KMSAccessDenied")
    assert CANARY not in str(lines)


def test_status_tags_that_could_not_be_set_are_counted(lines: list[dict[str, Any]]) -> None:
    report_outcome(Outcome("team/ads", Result.REFRESHED, is_shown=False))
    assert (lines[0]["level"], counted()) == ("INFO", {"Looked": [1.0], "Refreshed": [1.0], "StatusNotShown": [1.0]})


@pytest.mark.parametrize("ending", ConsentOutcome)
def test_the_log_line_of_a_consent_has_its_outcome_its_credential_and_its_code(
    lines: list[dict[str, Any]], ending: ConsentOutcome
) -> None:
    planted = dict.fromkeys(("username", "person", "previous_username", "account_id", "account_name", "cause"), CANARY)
    named = {"ending": ending, "credential": "team/ads", "code": "50173"}
    report_ending(ConsentResult.from_document({**named, **planted}))
    assert extra(lines[0]) == {"credential": "team/ads", "ending": str(ending), "code": "50173"}
    assert CANARY not in str(lines)
    assert counted() == {"Connected" if ending is ConsentOutcome.CONNECTED else "ConsentNotGiven": [1.0]}


def test_a_sign_in_with_a_failed_connection_is_logged_with_its_status_and_reason(lines: list[dict[str, Any]]) -> None:
    failure = ProviderFailure(FailureKind.UNUSABLE_ANSWER, 403, reason=Reason.FORBIDDEN)
    invite = Invite("team/ads", "", AT, AT)
    report_ending(refused(invite, diagnose(failure), MICROSOFT))
    assert extra(lines[0]) == {
        "credential": "team/ads",
        "ending": "try_again_later",
        "code": "forbidden",
        "http_status": "403",
    }


def report_everything() -> None:
    report_tick(TICK)
    for result in Result:
        report_outcome(Outcome("team/ads", result, DIAGNOSIS, is_shown=False))
    for ending in (ConsentOutcome.CONNECTED, ConsentOutcome.EXPIRED_INVITE):
        report_ending(ConsentResult.from_document({"ending": ending, "credential": ""}))
    report_request()
    report_alert_sent(ALERT)
    report_alert_not_sent(ALERT, AlertNotSentError(""))
    report_fault(RuntimeError(""))


@pytest.mark.usefixtures("lines")
def test_every_metric_that_has_a_name_is_emitted(capsys: pytest.CaptureFixture[str]) -> None:
    """Alarms, dashboard and runbook rely on the names."""
    report_everything()
    records = [json.loads(line)["_aws"]["CloudWatchMetrics"][0] for line in capsys.readouterr().out.splitlines()]
    single = {metric["Name"] for record in records for metric in record["Metrics"]}
    assert metrics.metric_set.keys() | single == set(Metric)
    assert single == set(DIMENSIONS)


@pytest.mark.usefixtures("lines")
def test_without_the_option_only_the_metrics_of_the_alarms_are_emitted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudWatch charges each metric with each of its labels."""
    monkeypatch.setenv("DETAILED_METRICS", "false")
    report_everything()
    assert counted().keys() == ALARMED
    assert capsys.readouterr().out == ""


def test_an_invocation_without_a_metric_writes_none(capsys: pytest.CaptureFixture[str]) -> None:
    metered(lambda _event, _context: None)({}, None)
    assert capsys.readouterr().out == ""


def test_the_metrics_of_an_invocation_are_written_even_if_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_event: object, _context: object) -> None:
        report_alert_not_sent(ALERT, AlertNotSentError(""))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        metered(fail)({}, None)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["AlertsNotSent"] == [1.0]
    assert counted() == {}


@pytest.mark.parametrize(
    ("error", "name", "detail"),
    [
        pytest.param(ConfigurationError("X is not set"), "ConfigurationError", "X is not set", id="an own error"),
        pytest.param(
            MalformedCredentialError("tenant", "is empty"), "MalformedCredentialError", "tenant is empty", id="a field"
        ),
        pytest.param(
            ClientError({"Error": {"Code": "AccessDenied", "Message": CANARY}}, "PutSecretValue"),
            "ClientError",
            "PutSecretValue: AccessDenied",
            id="one of AWS: the call and the code",
        ),
        pytest.param(RuntimeError(CANARY), "RuntimeError", "", id="any other: its type"),
        pytest.param(KeyError(CANARY), "KeyError", "", id="a missing key: its type"),
    ],
)
def test_the_log_line_of_a_fault_has_harmless_facts_only(
    lines: list[dict[str, Any]], error: Exception, name: str, detail: str
) -> None:
    report_fault(error)
    assert extra(lines[0]) == {"error": name, "detail": detail}
    assert lines[0]["level"] == "ERROR"
    assert counted() == {"Faults": [1.0]}


def test_the_cause_of_a_fault_is_not_logged(lines: list[dict[str, Any]]) -> None:
    error = NotEnoughTimeError("too late")
    error.__cause__ = RuntimeError(CANARY)
    report_fault(error)
    assert CANARY not in str(lines)


def test_a_fault_is_reported_and_raised(lines: list[dict[str, Any]]) -> None:
    error = RuntimeError(CANARY)
    with pytest.raises(RuntimeError) as caught, reporting_faults():
        raise error
    assert caught.value is error
    assert extra(lines[0]) == {"error": "RuntimeError", "detail": ""}


def test_without_a_fault_nothing_is_reported(lines: list[dict[str, Any]]) -> None:
    with reporting_faults():
        pass
    assert (lines, counted()) == ([], {})
