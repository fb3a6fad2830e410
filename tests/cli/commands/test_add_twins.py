"""Whether ``token-refresher add`` sees that a credential is there already under another name."""

import json

import pytest

from tests.cli.commands.test_add import NEEDED
from tests.cli.desk import Desk
from token_refresher.base.sensitive import Sensitive
from token_refresher.credential.account import KnownAccount

ANOTHER_APP = "11111111-5a2b-4a51-9c4e-2d1b7f1c9a10"
TOKEN = "planted-refresh-token"


def _tell(desk: Desk, *options: str) -> tuple[int, str]:
    result = desk.run("add", "acme", *NEEDED, *options)
    assert TOKEN not in result.output
    return result.exit_code, result.stderr


def test_the_same_account_of_the_same_app_needs_a_confirmation(desk: Desk) -> None:
    desk.put("other", account_id="12")
    exit_code, said = _tell(desk, "--account-id", "12")
    assert exit_code == 2
    assert "is connected as other." in said
    assert "add --yes" in said
    assert [state.name for state in desk.installation.store.managed()] == ["other"]


def test_a_confirmation_can_be_given_beforehand(desk: Desk) -> None:
    desk.put("other", account_id="12")
    assert _tell(desk, "--account-id", "12", "--yes")[0] == 0


def test_what_the_registry_remembers_of_an_account_is_enough(desk: Desk) -> None:
    desk.put("other")
    desk.know("other", account=KnownAccount("12"))
    assert "is connected as other." in _tell(desk, "--account-id", "12")[1]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"account_id": "13"}, id="another account"),
        pytest.param({"account_id": "12", "client_id": ANOTHER_APP}, id="another app"),
        pytest.param({"client_id": None}, id="no credential document"),
        pytest.param({}, id="no account"),
    ],
)
def test_a_stranger_is_no_twin(desk: Desk, changes: dict[str, str]) -> None:
    desk.put("other", **changes)
    exit_code, said = _tell(desk, "--account-id", "12", "--refresh-token", TOKEN)
    assert exit_code == 0, said


def test_a_credential_without_an_account_has_no_twins(desk: Desk) -> None:
    desk.put("other")
    assert _tell(desk)[0] == 0


def test_the_same_grant_needs_a_confirmation(desk: Desk) -> None:
    desk.put("other", refresh_token=TOKEN)
    exit_code, said = _tell(desk, "--refresh-token", TOKEN)
    assert exit_code == 2
    assert "The same refresh token is in other" in said


@pytest.mark.parametrize(
    ("place", "exit_code", "says"),
    [
        pytest.param(0, 2, "other already used this refresh token", id="one that has a successor is refused"),
        pytest.param(1, 0, "The same refresh token is in other", id="the newest one is asked about"),
    ],
)
def test_the_lineage_tells_a_spent_token(desk: Desk, place: int, exit_code: int, says: str) -> None:
    lineage = ["000000000000"] * 2
    lineage[place] = Sensitive(TOKEN).fingerprint
    desk.put("other", account_id="13", refresh_token="planted-successor")
    desk.know("other", lineage=tuple(lineage))
    ended, said = _tell(desk, "--refresh-token", TOKEN, "--yes")
    assert (ended, says in said) == (exit_code, True)


def test_a_dry_run_tells_of_a_twin_and_asks_nothing(desk: Desk) -> None:
    desk.put("other", account_id="12")
    exit_code, said = _tell(desk, "--account-id", "12", "--dry-run")
    assert exit_code == 0
    assert "is connected as other." in said


def test_one_of_the_same_name_that_was_faster_is_not_overwritten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("token_refresher_cli.commands.add.refuse_taken", lambda *_: desk.put("acme", note="kept"))
    result = desk.run("add", "acme", *NEEDED)
    assert result.exit_code == 2
    assert "There is a secret token-refresher/acme already" in result.stderr
    assert desk.document("acme")["note"] == "kept"
    assert json.dumps(desk.document("acme")).count("planted") == 1
