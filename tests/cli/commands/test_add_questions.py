"""What ``token-refresher add`` asks where somebody can be asked."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.cli.desk import CLIENT_ID, Desk
from token_refresher_cli.commands import add as command

Ask = Callable[..., Result]


class Terminal(io.BytesIO):
    """Standard input that somebody types into."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def ask(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run `add` with somebody at the terminal, who gives these answers."""
    monkeypatch.setattr(command, "is_interactive", lambda: True)
    monkeypatch.setattr("token_refresher_cli.shell.terminal.is_interactive", lambda: True)
    return lambda *answers, options=(): desk.run("add", "acme", *options, stdin="".join(f"{one}\n" for one in answers))


def test_everything_that_is_needed_is_asked_for(desk: Desk, ask: Ask) -> None:
    result = ask(CLIENT_ID, "planted-secret", "planted-token", "ui.ads.microsoft.com/?aid=12&cid=34", "2027-01-31")
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {
        "client_id": CLIENT_ID,
        "client_secret": "planted-secret",
        "developer_token": "planted-token",
        "customer_id": "34",
        "account_id": "12",
        "client_secret_expires_at": "2027-01-31T00:00:00Z",
    }
    assert "That is account 12 of customer 34." in result.stderr


def test_no_question_goes_to_standard_output_and_no_secret_anywhere(ask: Ask) -> None:
    result = ask(CLIENT_ID, "planted-secret", "planted-token", "", "")
    assert "Client secret: its value" in result.stderr
    assert "planted" not in result.output
    assert "?" not in result.stdout.replace("?invite=", "")


def test_an_id_may_be_given_where_an_address_is_asked_for_and_then_the_customer_is_asked_for(
    desk: Desk, ask: Ask
) -> None:
    ask(CLIENT_ID, "planted-secret", "", "12", "34", "")
    assert (desk.document("acme")["account_id"], desk.document("acme")["customer_id"]) == ("12", "34")


def test_what_may_be_left_out_is_left_out_with_an_empty_answer(desk: Desk, ask: Ask) -> None:
    ask(CLIENT_ID, "", "", "")
    assert desk.document("acme") == {"client_id": CLIENT_ID}


def test_what_was_given_is_not_asked_for(desk: Desk, ask: Ask) -> None:
    given = ("--client-id", CLIENT_ID, "--public-client", "--developer-token", "planted-token")
    result = ask(options=(*given, "--account-url", "https://ui.ads.microsoft.com/?aid=12&cid=34"))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme")["account_id"] == "12"


def test_which_section_of_a_file_is_meant_is_asked_until_it_is_one_of_them(
    desk: Desk, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("token_refresher_cli.values.gathering.is_interactive", lambda: True)
    (tmp_path / "ads.ini").write_text(f"[prod]\nclient_id={CLIENT_ID}\n[dev]\nclient_secret=planted-secret\n", "utf-8")
    result = ask("both", "prod", "", "", "", options=("--from", str(tmp_path / "ads.ini")))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme") == {"client_id": CLIENT_ID}
    assert "Enter one of: prod, dev." in result.stderr


def test_the_developer_token_of_the_sandbox_is_known(desk: Desk, ask: Ask) -> None:
    result = ask(CLIENT_ID, "planted-secret", "", "", options=("--sandbox",))
    assert result.exit_code == 0, result.stderr
    assert desk.document("acme")["developer_token"] == "BBD37VB98"


def test_a_wrong_answer_is_asked_for_again_with_the_reason(desk: Desk, ask: Ask) -> None:
    result = ask(
        "planted-app",
        "",
        CLIENT_ID,
        CLIENT_ID,
        "planted-secret",
        "",
        "F118XXXX",
        "https://a/?aid=1",
        "12",
        "C1",
        "34",
        "x",
        "",
    )
    assert result.exit_code == 0, result.stderr
    for reason in (
        "a text of 11 characters, and must be a GUID",
        "The client id is empty",
        "that is its id",
        "as the account number is",
        "not an address of Microsoft Advertising",
        "The customer id is a text of 2 characters",
        "must be a date",
    ):
        assert reason in result.stderr
    assert desk.document("acme") == {
        "client_id": CLIENT_ID,
        "client_secret": "planted-secret",
        "customer_id": "34",
        "account_id": "12",
    }


def test_whoever_leaves_in_the_middle_leaves_nothing_behind(desk: Desk, ask: Ask) -> None:
    result = ask(CLIENT_ID)
    assert result.exit_code == 1
    assert list(desk.installation.store.managed()) == []


def test_a_name_that_is_taken_is_told_before_the_first_question(desk: Desk, ask: Ask) -> None:
    desk.put("acme")
    result = ask()
    assert result.exit_code == 2
    assert "Client id" not in result.stderr


@pytest.mark.parametrize("options", [("--stdin",), ("--client-secret", "-"), ("--from", "-")])
def test_a_terminal_is_not_waited_for_as_if_it_were_a_file(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr("typer.get_binary_stream", lambda _: Terminal())
    result = ask(options=options)
    assert result.exit_code == 2
    assert "Standard input is a terminal." in result.stderr


@pytest.mark.parametrize(("answer", "exit_code"), [pytest.param("y", 0, id="yes"), pytest.param("n", 1, id="no")])
def test_a_twin_is_asked_about(desk: Desk, ask: Ask, answer: str, exit_code: int) -> None:
    desk.put("other", account_id="12")
    options = ("--client-id", CLIENT_ID, "--public-client", "--account-id", "12", "--customer-id", "34")
    result = ask("", answer, options=options)
    assert result.exit_code == exit_code
    assert "is connected as other." in result.stderr
    assert "Create acme all the same?" in result.stderr
