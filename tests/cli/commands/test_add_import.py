"""``token-refresher add --from``: the configuration of another tool becomes a credential."""

import json
from pathlib import Path
from typing import Any

from tests.cli.desk import CLIENT_ID, Desk
from tests.cli.values.test_foreign_configuration import AIRBYTE, SINGER


def _file(folder: Path, document: Any) -> str:
    path = folder / "configuration.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_a_configuration_becomes_a_credential(desk: Desk, tmp_path: Path) -> None:
    result = desk.run("add", "acme", "--from", _file(tmp_path, SINGER))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {
        "client_id": CLIENT_ID,
        "client_secret": "planted-client-secret",
        "developer_token": "planted-developer-token",
        "customer_id": "34",
        "account_id": "12",
        "refresh_token": "planted-refresh-token",
    }
    assert "planted" not in result.output


def test_it_says_whose_it_is_what_was_taken_and_that_the_old_tool_must_stop(desk: Desk, tmp_path: Path) -> None:
    said = desk.run("add", "acme", "--from", _file(tmp_path, {**AIRBYTE, "planted secret": 1})).stderr
    assert "Recognised a configuration of Airbyte source-bing-ads." in said
    assert "Taken: client_id, client_secret, developer_token, refresh_token, tenant_id." in said
    assert "Ignored: auth_method, reports_start_date, 1 more." in said
    assert "Missing: account_id, customer_id." in said
    assert "Stop the Airbyte connection before the next tick" in said


def test_it_may_come_on_standard_input_and_is_completed_by_options(desk: Desk) -> None:
    result = desk.run("add", "acme", "--from", "-", "--account-id", "12", stdin=json.dumps(AIRBYTE))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme")["account_id"] == "12"
    assert "Missing: customer_id." in result.stderr


def test_the_refresh_token_may_stay_where_it_is(desk: Desk, tmp_path: Path) -> None:
    result = desk.run("add", "acme", "--from", _file(tmp_path, AIRBYTE), "--without-refresh-token")
    assert "refresh_token" not in desk.document("acme")
    assert "Connect link" in result.stdout
    assert "Stop" not in result.stderr


def test_one_of_several_accounts_is_chosen_with_a_line_that_works(desk: Desk, tmp_path: Path) -> None:
    path = _file(tmp_path, {**SINGER, "account_ids": "12,56"})
    result = desk.run("add", "acme", "--from", path)
    assert result.exit_code == 2
    [line] = [line.strip() for line in result.stderr.splitlines() if line.endswith("--account-id 56")]
    desk.done(*line.split()[1:])
    assert desk.document("acme")["account_id"] == "56"


def test_a_masked_export_is_refused(desk: Desk, tmp_path: Path) -> None:
    result = desk.run("add", "acme", "--from", _file(tmp_path, {**AIRBYTE, "client_secret": "**********"}))
    assert result.exit_code == 2
    assert "The client secret is masked" in result.stderr


def test_a_file_of_powershell_is_read(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "refresh.txt").write_bytes("planted-refresh-token\r\n".encode("utf-16"))
    options = ("--client-id", CLIENT_ID, "--public-client")
    desk.done("add", "acme", "--from", str(tmp_path / "refresh.txt"), *options)
    assert desk.document("acme")["refresh_token"] == "planted-refresh-token"


def test_the_format_can_be_said(desk: Desk, tmp_path: Path) -> None:
    path = _file(tmp_path, {**AIRBYTE, "start_date": "2026-01-01", "user_agent": "", "request_timeout": 1})
    assert "may be of Airbyte source-bing-ads or of Singer" in desk.run("add", "acme", "--from", path).stderr
    desk.done("add", "acme", "--from", path, "--format", "singer")
    assert "tenant" not in desk.document("acme")


def test_options_count_before_a_configuration(desk: Desk, tmp_path: Path) -> None:
    desk.done("add", "acme", "--from", _file(tmp_path, AIRBYTE), "--tenant", "consumers")
    assert desk.document("acme")["tenant"] == "consumers"


def test_a_section_is_chosen_with_a_line_that_works(desk: Desk, tmp_path: Path) -> None:
    path = _file(tmp_path, {"prod": SINGER, "dev": {"client_secret": "planted-of-another"}})
    result = desk.run("add", "acme", "--from", path)
    assert result.exit_code == 2
    [line] = [line.strip() for line in result.stderr.splitlines() if "--section prod" in line]
    desk.done(*line.split("  ")[0].split()[1:])
    assert desk.document("acme")["client_secret"] == "planted-client-secret"


def test_an_answer_of_the_token_endpoint_is_imported_for_the_app_that_is_given(desk: Desk, tmp_path: Path) -> None:
    answer = {"token_type": "Bearer", "scope": "x", "access_token": "planted", "refresh_token": "planted-refresh-token"}
    result = desk.run("add", "acme", "--from", _file(tmp_path, answer), "--client-id", CLIENT_ID, "--public-client")
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {"client_id": CLIENT_ID, "refresh_token": "planted-refresh-token"}


def test_what_is_given_otherwise_need_not_be_in_the_file(desk: Desk, tmp_path: Path) -> None:
    path = _file(tmp_path, {**AIRBYTE, "client_secret": "${CLIENT_SECRET}", "refresh_token": "<refresh token>"})
    assert "environment variable" in desk.run("add", "acme", "--from", path, "--without-refresh-token").stderr
    desk.done("add", "acme", "--from", path, "--without-refresh-token", "--client-secret", "planted-client-secret")
    assert desk.document("acme")["client_secret"] == "planted-client-secret"
