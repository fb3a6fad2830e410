"""``token-refresher history``."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.desk import NOW, Desk
from tests.cli.function_logs import FunctionLogs
from token_refresher.rotation.secret_store import successor
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.look_back import since

LONG_AGO = "2000-01-01"
NAME = "acme-bing-ads"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> FunctionLogs:
    return FunctionLogs.behind(monkeypatch)


def notified(desk: Desk, *arguments: str) -> list[dict[str, Any]]:
    answer = json.loads(desk.done("history", NAME, "--output", "json", *arguments))
    events: list[dict[str, Any]] = answer["events"]
    return events


def versions(desk: Desk) -> list[dict[str, Any]]:
    return [event for event in notified(desk, "--since", LONG_AGO) if event["kind"] == "version"]


def test_a_version_is_told_as_a_successor_or_as_somebodys_edit(desk: Desk, logs: FunctionLogs) -> None:
    first = desk.put(NAME)
    store, secrets = desk.installation.store, desk.installation.secrets_client
    arn = store.describe(NAME).arn
    ours = successor(arn, first)
    store.put_pending(NAME, ours, '{"client_id": "a"}')
    store.promote(NAME, ours, replacing=first)
    secrets.put_secret_value(SecretId=arn, SecretString='{"client_id": "b"}')
    found = {event["version_id"]: event for event in versions(desk)}
    assert (found[first]["origin"], found[first]["successor_of"]) == ("edit", None)
    assert (found[ours]["origin"], found[ours]["successor_of"]) == ("successor", first)
    [edit] = [event for event in found.values() if event["version_id"] not in {first, ours}]
    assert (edit["origin"], edit["stages"]) == ("edit", ["AWSCURRENT"])


def test_versions_of_one_second_are_told_as_they_followed_each_other_and_pending_is_what_is_not_promoted(
    desk: Desk, logs: FunctionLogs
) -> None:
    chain, store = [desk.put(NAME)], desk.installation.store
    arn = store.describe(NAME).arn
    for _ in range(5):
        chain.append(successor(arn, chain[-1]))
        store.put_pending(NAME, chain[-1], '{"client_id": "a"}')
        store.promote(NAME, chain[-1], replacing=chain[-2])
    store.put_pending(NAME, successor(arn, chain[-1]), '{"client_id": "a"}')
    *promoted, current, pending = versions(desk)
    assert [event["version_id"] for event in (*promoted, current)] == chain
    assert not [event for event in (*promoted, current) if "AWSPENDING" in event["stages"]]
    assert (current["stages"], pending["stages"]) == (["AWSCURRENT"], ["AWSPENDING"])


def test_a_successor_of_a_version_that_is_not_kept_is_not_taken_for_an_edit(desk: Desk, logs: FunctionLogs) -> None:
    first = desk.put(NAME)
    store = desk.installation.store
    orphan = successor(store.describe(NAME).arn, "one that is gone")
    store.put_pending(NAME, orphan, '{"client_id": "a"}')
    store.promote(NAME, orphan, replacing=first)
    assert {event["version_id"]: event["origin"] for event in versions(desk)}[orphan] == "unknown"


def test_what_the_functions_logged_of_it_is_told_in_order_and_in_words(desk: Desk, logs: FunctionLogs) -> None:
    desk.put(NAME)
    at = NOW - timedelta(hours=3)
    logs.logged("callback", at, "consent", credential=NAME, ending="connected")
    logs.logged("refresh", at + timedelta(hours=2), "alert", credential=NAME, event="refresh_at_risk")
    logs.logged("refresh", at + timedelta(hours=2), "alert not sent", credential=NAME, event="recovered", detail="x")
    fields = {"expires_at": "2026-11-22T08:00:00Z", "presented": "0123456789ab", "issued": "ba9876543210"}
    logs.logged("refresh", at + timedelta(hours=1), "credential", credential=NAME, result="refreshed", **fields)
    failed = {"result": "retry_later", "code": "server_error", "actor": "nobody", "cause": "Microsoft has trouble."}
    logs.logged("refresh", at + timedelta(minutes=90), "credential", credential=NAME, **failed)
    refreshed = "refreshed; token good until 2026-11-22 08:00 UTC; refresh token 0123456789ab became ba9876543210"
    lines = [line for line in desk.done("history", NAME).splitlines() if "  version  " not in line]
    assert lines == [
        "2026-11-22T06:00:00Z  consent  connected",
        f"2026-11-22T07:00:00Z  refresh  {refreshed}",
        "2026-11-22T07:30:00Z  refresh  retry later (server_error): Microsoft has trouble",
        "2026-11-22T08:00:00Z  alert    refresh_at_risk",
        "2026-11-22T08:00:00Z  alert    recovered, which could not be sent",
    ]


def test_what_went_wrong_on_the_way_is_told_with_its_status_and_reason(desk: Desk, logs: FunctionLogs) -> None:
    desk.put(NAME)
    failed = {"result": "retry_later", "code": "proxy_refused", "reason": "proxy_refused", "cause": "A proxy refused."}
    logs.logged("refresh", NOW - timedelta(hours=1), "credential", credential=NAME, http_status=403, **failed)
    assert "retry later (proxy_refused, HTTP 403): A proxy refused\n" in desk.done("history", NAME)
    events = json.loads(desk.run("history", NAME, "--output", "json").stdout)["events"]
    assert [(one["http_status"], one["reason"]) for one in events if "reason" in one] == [(403, "proxy_refused")]


def test_only_the_fields_of_the_allow_list_leave_a_log(desk: Desk, logs: FunctionLogs) -> None:
    desk.put(NAME)
    extra = {"access_token": "planted-access", "detail": "planted-detail", "xray_trace_id": "1-2"}
    logs.logged("refresh", NOW, "credential", credential=NAME, result="refreshed", issued={"x": "planted"}, **extra)
    result = desk.run("history", NAME, "--output", "json")
    [event] = [event for event in json.loads(result.stdout)["events"] if event["kind"] == "refresh"]
    assert set(event) == {"at", "kind", "text", "result"}
    assert "planted" not in result.output


def test_lines_of_other_credentials_and_of_other_kinds_stay_out_whatever_the_filter_lets_through(
    desk: Desk, logs: FunctionLogs
) -> None:
    desk.put(NAME)
    logs.logged("refresh", NOW, "credential", credential="acme-bing-ads-2", result="refreshed")
    logs.logged("refresh", NOW, "tick", credential=NAME)
    logs.logged("refresh", NOW - timedelta(days=8), "credential", credential=NAME, result="refreshed")
    texts = ["START RequestId: 7 Version: $LATEST", "[]", '"credential"', f'{{"message": 7, "credential": "{NAME}"}}']
    logs.lines["/logs/refresh"] += [(NOW, text) for text in texts]
    assert [event for event in notified(desk) if event["kind"] != "version"] == []
    assert logs.asked[0]["filterPattern"] == '{ $.credential = "acme-bing-ads" }'
    assert logs.asked[0]["startTime"] == int((NOW - timedelta(days=7)).timestamp() * 1000)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_where_a_log_cannot_be_read_the_rest_is_told_with_a_note(desk: Desk, logs: FunctionLogs, code: str) -> None:
    desk.put(NAME)
    logs.refusals["/logs/refresh"] = code
    logs.logged("callback", NOW, "consent", credential=NAME, ending="connected")
    result = desk.run("history", NAME, "--since", LONG_AGO)
    assert result.exit_code == 0
    assert {line.split()[1] for line in result.stdout.splitlines()} == {"version", "consent"}
    assert f"function refresh cannot be read (FilterLogEvents: {code})" in result.stderr


def test_looking_back_before_there_was_any_log_asks_for_all_of_them(desk: Desk, logs: FunctionLogs) -> None:
    desk.put(NAME)
    desk.done("history", NAME, "--since", "99999d")
    assert logs.asked[0]["startTime"] == 0


def test_where_nothing_has_happened_a_note_says_so(desk: Desk, logs: FunctionLogs) -> None:
    desk.put(NAME)
    desk.installation = replace(desk.installation, clock=lambda: datetime(2100, 1, 1, tzinfo=UTC))
    result = desk.run("history", NAME, "--since", "1d")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing has happened to acme-bing-ads since 2099-12-31T00:00:00Z" in result.stderr


def test_a_limit_keeps_the_newest_and_says_what_it_left_out(desk: Desk, logs: FunctionLogs) -> None:
    desk.put(NAME)
    for hour in range(5):
        at = datetime(2100, 1, 1, hour, tzinfo=UTC)
        logs.logged("refresh", at, "credential", credential=NAME, result="not_due")
    result = desk.run("history", NAME, "--limit", "2", "--since", LONG_AGO)
    assert [line[:13] for line in result.stdout.splitlines()] == ["2100-01-01T03", "2100-01-01T04"]
    assert "4 earlier events are left out" in result.stderr


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("30m", NOW - timedelta(minutes=30), id="minutes"),
        pytest.param("24h", NOW - timedelta(hours=24), id="hours"),
        pytest.param(" 7 D ", NOW - timedelta(days=7), id="days, written as people do"),
        pytest.param("2w", NOW - timedelta(weeks=2), id="weeks"),
        pytest.param("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC), id="a date is its beginning in UTC"),
        pytest.param("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC), id="a time with its offset"),
        pytest.param("2026-11-01t08:00:00z", datetime(2026, 11, 1, 8, tzinfo=UTC), id="a time in small letters"),
    ],
)
def test_how_far_to_look_back_is_read_as_people_say_it(said: str, meant: datetime) -> None:
    assert since(said, NOW) == meant


@pytest.mark.parametrize(
    "said", ["yesterday", "", "7", "7y", "-7d", "999999d", "2026-13-01", "2026-11-01T10:00:00", "2026-11-23", "1٣d"]
)
def test_what_is_no_time_to_look_back_to_is_refused(said: str) -> None:
    with pytest.raises(CommandError) as refused:
        since(said, NOW)
    assert refused.value.exit_code == 2
