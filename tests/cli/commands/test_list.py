"""``token-refresher list``."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from tests.cli.desk import NOW, Desk
from token_refresher.base.clock import to_rfc3339
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.credential.account import AccountAccess, KnownAccount
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import diagnose_malformed
from token_refresher_cli.commands import list_credentials
from token_refresher_cli.installation.credential_reader import CredentialReader
from token_refresher_cli.installation.row import STATUSES
from token_refresher_cli.shell import progress
from token_refresher_cli.views.list_table import COLUMNS, line_of, screen_tables

TOKENS = {
    "refresh_token": "planted-refresh-token",
    "refresh_token_issued_at": "2026-11-12T09:00:00Z",
    "access_token": "planted-access-token",
    "refreshed_at": "2026-11-22T08:30:00Z",
    "expires_at": "2026-11-22T09:45:00Z",
    "identity": {"username": "ads-owner@example.com", "consented_at": "2026-10-01T08:00:00Z"},
    "account_id": "1234567",
    "client_secret_expires_at": "2027-01-31T00:00:00Z",
}


def healthy(desk: Desk, name: str = "acme-bing-ads", **changes: Any) -> None:
    desk.put(name, **{**TOKENS, **changes})
    account = KnownAccount("1234567", AccountAccess.REACHABLE, name="Example Search", status="Active")
    desk.know(name, next_action_at=NOW + timedelta(minutes=20), account=account)


def listed(desk: Desk, *arguments: str) -> list[dict[str, Any]]:
    answer = json.loads(desk.done("list", "--output", "json", *arguments))
    assert answer["at"] == to_rfc3339(NOW)
    credentials: list[dict[str, Any]] = answer["credentials"]
    return credentials


def refuse(desk: Desk, monkeypatch: pytest.MonkeyPatch, code: str = "AccessDeniedException") -> None:
    """Let AWS keep the values from the operator."""

    def refused(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetSecretValue")

    def all_refused(*, SecretIdList: list[str]) -> dict[str, Any]:  # noqa: N803 - As boto3 has it.
        errors = [{"SecretId": one, "ErrorCode": code, "Message": "no"} for one in SecretIdList]
        return {"SecretValues": [], "Errors": errors}

    monkeypatch.setattr(desk.installation.secrets_client, "get_secret_value", refused)
    monkeypatch.setattr(desk.installation.secrets_client, "batch_get_secret_value", all_refused)


def test_where_there_is_none_the_first_step_is_named(desk: Desk) -> None:
    result = desk.run("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "token-refresher add NAME" in result.stderr


def test_where_there_is_none_the_json_is_still_json(desk: Desk) -> None:
    assert listed(desk) == []


def test_a_pipe_gets_one_line_a_credential_with_every_column_whole(desk: Desk) -> None:
    healthy(desk)
    healthy(desk, f"other/{'long-' * 60}name")
    head, *lines = desk.done("list").splitlines()
    assert head.split("  ")[0] == "NAME"
    assert all(column.heading.upper() in head for column in COLUMNS if not column.needless)
    assert "PROVIDER" not in head, "Nobody asks which provider it is where there is one."
    assert len(lines) == 2
    for fact in (
        "acme-bing-ads",
        "Example Search (1234567)",
        "healthy",
        "45 min",
        "30 minutes ago",
        "10 days",
        "ads-owner@example.com, 2026-10-01",
        "2027-01-31",
        "refreshed in 20 minutes",
    ):
        assert fact in lines[0]
    assert f"other/{'long-' * 60}name  " in lines[1]


def test_a_program_gets_the_same_with_times_and_fingerprints(desk: Desk) -> None:
    healthy(desk)
    [row] = listed(desk)
    credential = CredentialReader(desk.installation).row("acme-bing-ads").current.credential
    assert credential is not None
    assert row == {
        "name": "acme-bing-ads",
        "status": "healthy",
        "provider": "microsoft-advertising",
        "account": {"id": "1234567", "name": "Example Search"},
        "expires_at": "2026-11-22T09:45:00Z",
        "minutes_left": 45,
        "refreshed_at": "2026-11-22T08:30:00Z",
        "refresh_token_issued_at": "2026-11-12T09:00:00Z",
        "refresh_token_age_days": 10,
        "refresh_token_expires_at": None,
        "refresh_token_idle_until": "2027-02-10T09:00:00Z",
        "consent": {"username": "ads-owner@example.com", "at": "2026-10-01T08:00:00Z"},
        "client_secret_expires_at": "2027-01-31T00:00:00Z",
        "next_action": {
            "actor": "nobody",
            "who": None,
            "what": "refreshed in 20 minutes",
            "at": to_rfc3339(NOW + timedelta(minutes=20)),
        },
        "readable": True,
        "problem": None,
        "fingerprints": {
            "access_token": credential.access_token.fingerprint if credential.access_token else "",
            "refresh_token": credential.fingerprint,
        },
    }


def test_a_token_of_the_last_minute_has_not_ended(desk: Desk) -> None:
    healthy(desk, expires_at="2026-11-22T09:00:59Z")
    assert "  < 1 min  " in desk.done("list")


def test_a_token_that_is_over_has_ended(desk: Desk) -> None:
    healthy(desk, expires_at="2026-11-22T08:59:00Z")
    assert listed(desk)[0]["minutes_left"] == 0
    assert "  expired  " in desk.done("list")


def test_a_secret_that_no_tick_has_seen_is_shown_as_that(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    [row] = listed(desk)
    assert (row["status"], row["next_action"]["what"]) == ("unseen", "checked with the next tick")


def test_a_paused_one_that_the_registry_has_lost_is_paused_by_its_tag(desk: Desk) -> None:
    desk.put("acme-bing-ads")
    tags = [{"Key": "token-refresher:status", "Value": "paused"}]
    desk.installation.secrets_client.tag_resource(SecretId=desk.installation.secret_id("acme-bing-ads"), Tags=tags)  # type: ignore[arg-type] # As TagTypeDef.
    assert listed(desk)[0]["status"] == "paused"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("planted, no JSON", "the secret is not a JSON object", id="what is no JSON"),
        pytest.param('{"client_id": 7}', "client_id must be a text", id="a key of the wrong kind"),
    ],
)
def test_a_malformed_secret_is_named_and_does_not_hide_the_others(desk: Desk, text: str, problem: str) -> None:
    healthy(desk)
    secret_id = desk.installation.secret_id("broken")
    desk.installation.secrets_client.create_secret(Name=secret_id, SecretString=text)
    broken, other = listed(desk)
    assert (broken["name"], broken["status"]) == ("broken", "malformed")
    assert broken["problem"].startswith(problem)
    assert broken["next_action"]["actor"] == "operator"
    assert other["status"] == "healthy"


def test_a_malformed_secret_that_a_refresh_has_met_waits_for_the_operator(desk: Desk) -> None:
    healthy(desk, account_id="1234567")
    entry = desk.installation.registry.get("acme-bing-ads")
    assert entry is not None
    malformed = diagnose_malformed(MalformedCredentialError("tenant", "is empty"))
    secret_id = desk.installation.secret_id("acme-bing-ads")
    written = desk.installation.secrets_client.put_secret_value(
        SecretId=secret_id, SecretString='{"client_id": "a", "tenant": ""}'
    )
    desk.installation.registry.save(entry.needing_a_person(written["VersionId"], malformed, Status.NEEDS_OPERATOR))
    [row] = listed(desk)
    assert (row["status"], row["next_action"]["actor"]) == ("needs_operator", "operator")
    assert row["next_action"]["what"] == "correct tenant (malformed_credential.tenant)"


def test_another_account_is_not_called_by_the_name_of_the_one_before(desk: Desk) -> None:
    healthy(desk, account_id="7777777")
    assert listed(desk)[0]["account"] == {"id": "7777777", "name": None}


def test_a_secret_without_a_value_is_malformed(desk: Desk) -> None:
    desk.installation.secrets_client.create_secret(Name=desk.installation.secret_id("empty"))
    assert listed(desk)[0]["problem"] == "the secret has no value yet"


def test_a_binary_secret_is_malformed(desk: Desk) -> None:
    secret_id = desk.installation.secret_id("binary")
    desk.installation.secrets_client.create_secret(Name=secret_id, SecretBinary=b"planted")
    assert listed(desk)[0]["problem"] == "the secret is binary, and must be a JSON text"


def test_an_entry_whose_secret_is_gone_is_shown_as_that(desk: Desk) -> None:
    healthy(desk)
    secret_id = desk.installation.secret_id("acme-bing-ads")
    desk.installation.secrets_client.delete_secret(SecretId=secret_id, RecoveryWindowInDays=7)
    [row] = listed(desk)
    assert (row["status"], row["next_action"]["what"]) == ("gone", "removed from the registry with the next tick")


@pytest.mark.parametrize("code", ["AccessDeniedException", "DecryptionFailure"])
def test_where_values_may_not_be_read_the_registry_goes_on_telling_and_a_note_says_why(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    healthy(desk)
    desk.put("new")
    refuse(desk, monkeypatch, code)
    result = desk.run("list")
    assert result.exit_code == 0
    acme, new = (next(line for line in result.stdout.splitlines() if line.startswith(name)) for name in ("acme", "new"))
    assert "45 min" in acme
    assert "Example Search (1234567)" in acme
    assert acme.count("not readable") == 1, "Only the document knows when the client secret ends."
    assert new.count("not readable") == 2
    assert result.stderr.count("AWS does not let you read 2 of 2 secrets") == 1
    assert {row["readable"] for row in listed(desk)} == {False}


def test_an_outage_of_aws_is_no_refusal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy(desk)
    refuse(desk, monkeypatch, "InternalServiceError")
    assert desk.run("list").exit_code == 4


def test_only_those_of_a_status_are_shown_that_is_asked_for(desk: Desk) -> None:
    healthy(desk)
    desk.put("new")
    desk.put("held")
    desk.know("held", Status.PAUSED)
    assert [row["name"] for row in listed(desk, "--status", "unseen", "--status", "paused")] == ["new", "held"]
    result = desk.run("list", "--status", "retrying")
    assert (result.stdout, "No credential has this status." in result.stderr) == ("", True)


def test_every_status_of_the_registry_can_be_shown() -> None:
    assert set(Status) <= set(STATUSES)


@pytest.mark.parametrize("output", [["--output", "json"], []], ids=["for a program", "in a pipe"])
def test_watching_is_refused_where_nobody_can_watch(desk: Desk, output: list[str]) -> None:
    result = desk.run("list", "--watch", *output)
    assert (result.exit_code, result.stdout) == (2, "")


def test_watching_looks_again_until_it_is_interrupted_and_survives_an_outage(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy(desk)
    screen = io.StringIO()
    pauses: list[int] = []

    def sleep(seconds: int) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            refuse(desk, monkeypatch, "InternalServiceError")
        elif len(pauses) == 2:
            monkeypatch.undo()
            raise KeyboardInterrupt

    monkeypatch.setattr(list_credentials, "is_screen", lambda: True)
    monkeypatch.setattr(
        list_credentials, "out", lambda: Console(file=screen, width=200, force_terminal=True, color_system=None)
    )
    monkeypatch.setattr("time.sleep", sleep)
    result = desk.run("list", "--watch", "--every", "7")
    assert (result.exit_code, pauses) == (130, [7, 7])
    assert "refreshed in 20 minutes" in screen.getvalue()
    assert "Not up to date: AWS refused" in screen.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_a_narrow_terminal_gets_what_matters_and_is_told_what_is_left_out(desk: Desk, width: int) -> None:
    healthy(desk)
    healthy(desk, "globex/search-ads-of-the-northern-region")
    console = Console(file=io.StringIO(), width=width, color_system=None)
    lines = [line_of(row, NOW) for row in CredentialReader(desk.installation).rows()]
    for table in screen_tables(lines, NOW, console):
        console.print(table)
    printed = console.file.getvalue()  # type: ignore[attr-defined] # It is the StringIO of above.
    lines = printed.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in printed
    for heading in ("Name", "Status", "Token good for", "Next"):
        assert heading in lines[1]
    assert "acme-bing-ads" in printed
    assert ("no room for" in printed) == (width < 200)
    assert ("Consented by" in lines[1]) == (width >= 200)


def test_a_terminal_shows_the_first_rows_while_the_others_are_read_and_then_the_table(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy(desk)
    screen, beside = io.StringIO(), io.StringIO()

    def on(file: io.StringIO) -> Console:
        return Console(file=file, width=200, height=40, force_terminal=True, color_system=None)

    monkeypatch.setattr(list_credentials, "is_screen", lambda: True)
    monkeypatch.setattr(list_credentials, "out", lambda: on(screen))
    monkeypatch.setattr(list_credentials, "err", lambda: on(beside))
    monkeypatch.setattr(progress, "err", lambda: on(beside))
    desk.done("list")
    assert "Reading the credentials … 1" in beside.getvalue()
    assert "acme-bing-ads" in beside.getvalue()
    assert screen.getvalue().count("acme-bing-ads") == 1


def test_a_long_table_comes_in_pages_and_says_once_what_is_left_out(desk: Desk) -> None:
    healthy(desk)
    [row] = CredentialReader(desk.installation).rows()
    console = Console(file=io.StringIO(), width=100, color_system=None)
    lines = [line_of(replace(row, name=f"client-{number}"), NOW) for number in range(450)]
    tables = list(screen_tables(lines, NOW, console))
    assert [table.row_count for table in tables] == [200, 200, 50]
    assert ["no room for" in str(table.caption) for table in tables] == [False, False, True]
    assert len({tuple(str(column.header) for column in table.columns) for table in tables}) == 1


@pytest.mark.parametrize(
    ("document", "status", "shown"),
    [
        pytest.param({}, Status.HEALTHY, "10 days  ", id="a refresh token that is used has no end"),
        pytest.param({"refresh_token_expires_at": "2027-05-01T00:00:00Z"}, Status.HEALTHY, "10 days, ends 2027-05-01",
            id="an end that no refresh moves"),
        pytest.param({"refresh_token_expires_at": "2026-11-22T08:59:00Z"}, Status.HEALTHY, "10 days, ended 2026-11-22",
            id="an end that is past"),
        pytest.param({}, Status.PAUSED, "10 days, ends 2027-02-10", id="a paused one idles out"),
        pytest.param({}, Status.NEEDS_OPERATOR, "10 days, ends 2027-02-10", id="one that nobody can refresh idles out"),
        pytest.param({"refresh_token_expires_at": "2027-01-01T00:00:00Z"}, Status.PAUSED, "10 days, ends 2027-01-01",
            id="the earlier of two ends"),
        pytest.param({"provider": "an-own-one", "scope": "read"}, Status.PAUSED, "10 days  ",
            id="of a provider that is not in the catalogue nothing is known"),
    ],
)  # fmt: skip
def test_the_end_of_a_refresh_token_is_shown(desk: Desk, document: dict[str, str], status: Status, shown: str) -> None:
    desk.put("acme-bing-ads", **{**TOKENS, **document})
    desk.know("acme-bing-ads", status)
    assert f"  {shown}" in desk.done("list")


def test_the_end_of_a_refresh_token_is_shown_without_the_right_to_read_secrets(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy(desk, refresh_token_expires_at="2027-05-01T00:00:00Z")
    refuse(desk, monkeypatch)
    assert [row["refresh_token_expires_at"] for row in listed(desk)] == ["2027-05-01T00:00:00Z"]
