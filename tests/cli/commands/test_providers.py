"""``token-refresher providers``, ``check-provider`` and ``add-provider``."""

import json
from pathlib import Path

import pytest

from tests.cli.commands.test_add_provider import PATH, own
from tests.cli.desk import Desk
from tests.cli.everything import ENTRY
from tests.unit.providers.test_catalogue import GOOD as OWN
from token_refresher.providers.catalogue.builtin import builtin_names


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Return the file of an entry."""
    file = tmp_path / "acme.toml"
    file.write_text(OWN, "utf-8")
    return file


def stored(desk: Desk) -> str:
    answer = desk.installation.client("ssm").get_parameter(Name=f"{PATH}/acme")
    return str(answer["Parameter"]["Value"])


def test_the_catalogue_is_listed_with_what_becomes_of_a_refresh_token(desk: Desk) -> None:
    head, *lines = desk.done("providers").splitlines()
    assert head.split() == ["NAME", "READS", "REFRESH", "TOKEN", "ENDS"]
    assert [line.split()[0] for line in lines] == list(builtin_names())
    [google] = [line for line in lines if line.startswith("google ")]
    assert google.split("  ", 1)[1].split("  ")[-1] == "when the answer says so, or after 180 days without use"
    assert "it stays" in google
    [atlassian] = [line for line in lines if line.startswith("atlassian ")]
    assert "each refresh replaces it" in atlassian
    assert "365 days after the sign-in, or after 90 days without use" in atlassian


def test_those_of_the_team_are_listed_and_one_that_cannot_be_used_says_why(desk: Desk) -> None:
    own(desk)
    own(desk, OWN.replace('"https://id.acme.example/token"', '"x"'), name="broken")
    own(desk, name="google")
    rows = {row["name"]: row for row in json.loads(desk.done("providers", "-o", "json"))["providers"] if row["own"]}
    assert (rows["acme"]["product"], rows["acme"]["rotation"], rows["acme"]["problem"]) == (
        "Acme Reports",
        "always",
        None,
    )
    assert f"{PATH}/broken, line 10: token.token_endpoint must be" in rows["broken"]["problem"]
    assert "the catalogue has an entry of this name" in rows["google"]["problem"]
    assert f"broken                        cannot be used: {PATH}/broken, line 10" in desk.done("providers")


def test_a_file_is_checked_without_a_stack(desk: Desk, acme: Path) -> None:
    desk.monkeypatch.setattr(type(desk), "find", None)
    printed = desk.done("check-provider", str(acme))
    assert "Tokens from    https://id.acme.example/token" in printed
    assert "Refresh token  each refresh replaces it" in printed


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        pytest.param("acme.toml", "title = 1", "acme.toml, line 1: title must be a text.", id="a wrong type"),
        pytest.param("acme.toml", "title", "is not TOML", id="no TOML"),
        pytest.param(
            "acme.toml",
            OWN.replace("https://id.acme.example/authorize", "https://192.168.0.1/a"),
            "line 5: authorization.authorization_endpoint points to a private network",
            id="a private address",
        ),
        pytest.param("google.toml", OWN, "The catalogue has an entry google", id="a name of the catalogue"),
        pytest.param("Acme.toml", OWN, "Acme.toml is no name of an entry", id="a name with a large letter"),
        pytest.param("acme.json", OWN, "acme.json is no name of an entry", id="another kind of file"),
    ],
)
@pytest.mark.parametrize("command", ["check-provider", "add-provider"])
def test_what_is_wrong_is_named_with_file_line_and_key(
    desk: Desk, tmp_path: Path, command: str, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    result = desk.run(command, str(tmp_path / name))
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_file_that_is_not_there_is_said(desk: Desk, tmp_path: Path) -> None:
    result = desk.run("check-provider", str(tmp_path / "acme.toml"))
    assert (result.exit_code, "cannot be read" in result.stderr) == (2, True)


def test_an_entry_is_put_where_the_functions_find_it(desk: Desk) -> None:
    desk.monkeypatch.setitem(desk.installation.environment, "PROVIDERS_PATH", PATH)
    assert f"Parameter      {PATH}/acme" in desk.done("add-provider", str(ENTRY))
    assert stored(desk) == OWN
    assert "this entry already; nothing was written" in desk.run("add-provider", str(ENTRY)).stderr.replace("\n", " ")


def test_another_entry_is_replaced_only_if_that_is_wanted(desk: Desk, acme: Path) -> None:
    own(desk)
    newer = OWN.replace('"Acme Reports"', '"Acme Ads"')
    acme.write_text(newer, "utf-8")
    result = desk.run("add-provider", str(acme))
    assert (result.exit_code, stored(desk)) == (2, OWN)
    assert "add --yes" in result.stderr
    desk.done("add-provider", str(acme), "--yes")
    assert stored(desk) == newer


def test_a_dry_run_writes_nothing(desk: Desk, acme: Path) -> None:
    own(desk)
    acme.write_text(OWN.replace('"Acme Reports"', '"Acme Ads"'), "utf-8")
    assert "Reads          Acme Ads" in desk.done("add-provider", str(acme), "--dry-run")
    assert stored(desk) == OWN


def test_a_stack_without_a_place_for_providers_says_how_to_get_one(desk: Desk) -> None:
    result = desk.run("add-provider", str(ENTRY))
    assert result.exit_code == 5
    assert "ProvidersPath=/token-refresher/providers" in result.stderr
