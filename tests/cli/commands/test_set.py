"""``token-refresher set``."""

import json

import pytest
import typer

from tests.cli.desk import CLIENT_ID, NOW, Desk
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.fields import REFRESHER_KEYS
from token_refresher_cli.shell import terminal
from token_refresher_cli.values import assignments

NAME = "acme-bing-ads"


def _version(desk: Desk) -> str | None:
    return desk.installation.store.describe(NAME).current


def test_a_text_is_written_and_what_changed_is_said(desk: Desk) -> None:
    desk.put(NAME, note="kept")
    assert desk.done("set", NAME, "account_id=1234567", "owner=the team = us") == (
        "account_id: 1234567\nowner: changed\n"
    )
    document = desk.document(NAME)
    assert (document["account_id"], document["owner"], document["note"]) == ("1234567", "the team = us", "kept")


def test_json_is_written_as_what_it_is(desk: Desk) -> None:
    desk.put(NAME)
    desk.done("set", NAME, 'limits:={"rows": [10, true]}', "share:=0.5")
    document = desk.document(NAME)
    assert (document["limits"], document["share"]) == ({"rows": [10, True]}, 0.5)


def test_a_key_of_ours_that_looks_like_a_number_is_a_text_all_the_same(desk: Desk) -> None:
    desk.put(NAME)
    desk.done("set", NAME, "account_id:=1234567")
    assert desk.document(NAME)["account_id"] == "1234567"


def test_a_key_is_removed(desk: Desk) -> None:
    desk.put(NAME, note="one", account_id="1")
    assert desk.done("set", NAME, "--remove", "note", "--remove", "account_id") == (
        "note: removed\naccount_id: removed\n"
    )
    assert {"note", "account_id"} & desk.document(NAME).keys() == set()


def test_a_secret_comes_from_standard_input_and_is_not_shown(desk: Desk) -> None:
    desk.put(NAME)
    result = desk.run("set", NAME, "client_secret=-", stdin="planted-new-client-secret\n")
    assert (result.exit_code, result.stdout) == (0, "client_secret: changed\n")
    assert desk.document(NAME)["client_secret"] == "planted-new-client-secret"
    assert "planted" not in result.output


def test_a_secret_is_asked_for_without_showing_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.put(NAME)
    asked: list[tuple[str, bool]] = []

    def prompt(what: str, *, hide_input: bool, err: bool) -> str:
        asked.append((what, hide_input))
        return f"planted-new-{what}"

    monkeypatch.setattr(assignments, "is_interactive", lambda: True)
    monkeypatch.setattr(terminal, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    desk.done("set", NAME, "client_secret=-", "developer_token=-")
    assert asked == [("client_secret", True), ("developer_token", True)]
    assert desk.document(NAME)["developer_token"] == "planted-new-developer_token"


def test_what_is_so_already_is_said_and_not_written(desk: Desk) -> None:
    version = desk.put(NAME, account_id="1234567")
    assert desk.done("set", NAME, "account_id=1234567", "--remove", "note") == (
        f"{NAME} already has these values; nothing was written.\n"
    )
    assert _version(desk) == version


def test_a_dry_run_says_what_would_change_and_writes_nothing(desk: Desk) -> None:
    version = desk.put(NAME, note="one")
    assert desk.done("set", NAME, "tenant=organizations", "--remove", "note", "--dry-run") == (
        "tenant: would be organizations\nnote: would be removed\n"
    )
    assert _version(desk) == version


def test_it_says_that_a_tick_takes_it_up(desk: Desk) -> None:
    desk.put(NAME)
    assert "The next tick uses it" in desk.run("set", NAME, "note=one").stderr
    desk.done("pause", NAME)
    assert f"before token-refresher resume {NAME}" in desk.run("set", NAME, "note=two").stderr


@pytest.mark.parametrize(
    ("key", "stdin", "warned_of"),
    [
        pytest.param("client_id=0f6c1f1e-5a2b-4a51-9c4e-2d1b7f1c9a11", None, "sign in again", id="another application"),
        pytest.param(
            "refresh_token=-", "planted-refresh-token", "Stop every other program", id="a grant of another tool"
        ),
    ],
)
def test_what_follows_from_a_change_is_said(desk: Desk, key: str, stdin: str | None, warned_of: str) -> None:
    desk.put(NAME)
    result = desk.run("set", NAME, key, stdin=stdin)
    assert result.exit_code == 0
    assert warned_of in result.stderr


def test_every_key_that_the_functions_write_has_a_reason_but_those_that_may_be_imported() -> None:
    assert {*assignments.NOT_SETTABLE, "refresh_token", "refresh_token_expires_at"} == set(REFRESHER_KEYS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "There is nothing to change", id="nothing"),
        pytest.param(["planted-value"], "not KEY=VALUE", id="no equals sign"),
        pytest.param(["=one"], "not KEY=VALUE", id="no key"),
        pytest.param(["note="], "--remove note", id="no value, which does not remove"),
        pytest.param(["note=1", "note=2"], "note is given twice", id="a key twice"),
        pytest.param(["note=1", "--remove", "note"], "note is set and removed", id="set and removed"),
        pytest.param(["limits:={"], "is not JSON", id="broken JSON"),
        pytest.param(["limits:=NaN"], "is not JSON", id="what JSON does not know"),
        pytest.param(["limits:=1e999"], "is not JSON", id="a number that nobody can hold"),
        pytest.param(["note=" + "x" * 65_536], "longer than", id="more than a secret holds"),
        pytest.param(["limits:=null"], "--remove limits", id="null"),
        pytest.param(["client_secret=planted-secret"], "write client_secret=-", id="a secret on the command line"),
        pytest.param(['client_secret:="planted-secret"'], "write client_secret=-", id="a secret as JSON"),
        pytest.param(["client_secret=-", "developer_token=-"], "one at a time", id="two values from one input"),
        pytest.param(["client_secret=-"], "There is no value for client_secret", id="nothing on standard input"),
        pytest.param(["--remove", "refresh_token"], "token-refresher pause", id="the sign-in"),
        pytest.param(["--remove", "client_id"], "client_id is missing", id="what a credential cannot be without"),
        pytest.param(["client_id=secret"], "must be a GUID", id="a client id that is none"),
        pytest.param(["account_id=F1234567"], "account number", id="the account number"),
        pytest.param(["client_secret_expires_at=soon"], "a date such as", id="a date that is none"),
        pytest.param(["invites_valid_from=soon"], "invites_valid_from must be a time", id="a time that is none"),
        *(pytest.param([f"{key}=1"], f"Token Refresher writes {key}", id=key) for key in assignments.NOT_SETTABLE),
        *(
            pytest.param(["--remove", key], f"Token Refresher writes {key}", id=f"removing {key}")
            for key in assignments.NOT_SETTABLE
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(
    desk: Desk, arguments: list[str], said: str
) -> None:
    version = desk.put(NAME, note="kept", refresh_token="planted-refresh-token")
    result = desk.run("set", NAME, *arguments, stdin="")
    assert result.exit_code == 2
    assert said.lower() in " ".join(result.stderr.split()).lower()
    assert "planted" not in result.output
    assert _version(desk) == version


def test_the_developer_token_of_the_sandbox_is_for_a_credential_of_the_sandbox(desk: Desk) -> None:
    desk.put("production")
    desk.put("sandbox", scope="https://si.ads.microsoft.com/msads.manage offline_access")
    assert desk.run("set", "production", "developer_token=-", stdin="BBD37VB98").exit_code == 2
    desk.done("set", "sandbox", "developer_token=-", stdin="BBD37VB98")


def test_a_date_is_written_as_the_time_that_it_begins_at(desk: Desk) -> None:
    desk.put(NAME)
    assert NOW.year == 2026
    assert desk.done("set", NAME, "client_secret_expires_at=2027-01-31") == (
        "client_secret_expires_at: 2027-01-31T00:00:00Z\n"
    )


def test_a_document_that_is_still_broken_is_written_and_says_what_is_left(desk: Desk) -> None:
    installation = desk.installation
    installation.secrets_client.create_secret(
        Name=installation.secret_id(NAME), SecretString=json.dumps({"account_id": "X1"})
    )
    result = desk.run("set", NAME, f"client_id={CLIENT_ID}")
    assert (result.exit_code, result.stdout) == (5, f"client_id: {CLIENT_ID}\n")
    assert "account_id must be a number" in result.stderr
    assert desk.document(NAME)["client_id"] == CLIENT_ID


def test_a_credential_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.run("set", NAME, "note=one").exit_code == 3


def test_a_number_that_nobody_can_hold_makes_no_broken_document_worse(desk: Desk) -> None:
    desk.put(NAME, client_id=None)
    before = desk.document(NAME)
    assert desk.run("set", NAME, "limits:=1e999").exit_code == 2
    assert desk.document(NAME) == before


SPENT, CURRENT = "planted-refresh-token-0", "planted-refresh-token-1"


def test_a_refresh_token_that_was_replaced_is_not_put_back(desk: Desk) -> None:
    """To present it ends the sign-in at a strict provider."""
    version = desk.put(NAME, refresh_token=CURRENT)
    desk.know(NAME, lineage=tuple(Sensitive(token).fingerprint for token in (SPENT, CURRENT)))
    result = desk.run("set", NAME, "refresh_token=-", stdin=SPENT)
    assert result.exit_code == 2
    assert "already used this refresh token" in result.stderr
    assert "planted" not in result.output
    assert _version(desk) == version
    assert desk.run("set", NAME, "refresh_token=-", stdin="planted-refresh-token-of-another").exit_code == 0


def test_the_end_of_an_imported_refresh_token_can_be_set(desk: Desk) -> None:
    desk.put(NAME)
    desk.done("set", NAME, "refresh_token_expires_at=2027-05-01")
    assert desk.document(NAME)["refresh_token_expires_at"] == "2027-05-01T00:00:00Z"


@pytest.mark.parametrize("end", ["soon", "2026-01-01"])
def test_an_end_that_is_no_time_or_past_is_refused(desk: Desk, end: str) -> None:
    desk.put(NAME)
    assert desk.run("set", NAME, f"refresh_token_expires_at={end}").exit_code != 0
    assert "refresh_token_expires_at" not in desk.document(NAME)


def test_another_refresh_token_does_not_keep_the_end_of_the_one_before(desk: Desk) -> None:
    desk.put(NAME, refresh_token="planted-1", refresh_token_expires_at="2027-05-01T00:00:00Z")
    desk.done("set", NAME, "refresh_token=-", stdin="planted-2\n")
    assert "refresh_token_expires_at" not in desk.document(NAME)
    desk.done("set", NAME, "refresh_token=-", "refresh_token_expires_at=2027-06-01", stdin="planted-3\n")
    assert desk.document(NAME)["refresh_token_expires_at"] == "2027-06-01T00:00:00Z"
