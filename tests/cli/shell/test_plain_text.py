"""What is data is printed as it is, and never read as markup or as the name of an emoji."""

import ast
import io
import json
from pathlib import Path

import pytest
import responses
from rich.table import Table

from local.stack.toolchain import ROOT
from tests.cli.desk import Desk
from tests.cli.everything import ARGUMENTS, TEXT, furnish
from tests.cli.registered import commands
from token_refresher_cli.shell import terminal
from token_refresher_cli.shell.errors import CommandError

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-refresher/acme-AbCdEf"
CONSOLES = "cli/token_refresher_cli/shell/terminal.py"
SOURCES = [
    path for part in ("cli", "local", "tools", "tests/bench", "tests/month") for path in (ROOT / part).rglob("*.py")
]


def test_every_command_is_called() -> None:
    assert set(ARGUMENTS) == set(commands())


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_command_prints_what_is_there_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, api: responses.RequestsMock, command: str
) -> None:
    furnish(desk, monkeypatch, api)
    output = desk.run(command, *ARGUMENTS[command], stdin="planted-new-client-secret").output
    shown = output.replace(TEXT, "").replace(json.dumps(TEXT)[1:-1], "")
    for part in ("Möller", "[red]", ":smile:", "\N{SMILING FACE WITH OPEN MOUTH AND SMILING EYES}"):
        assert part not in shown
    if command in {"show", "list", "verify"}:
        assert TEXT in output


@pytest.mark.parametrize("text", [TEXT, ARN, "[/]", "[link=https://example.com]x[/link]", "\\[red]"])
def test_whatever_prints_prints_it_as_it_is(capsys: pytest.CaptureFixture[str], text: str) -> None:
    terminal.say(text)
    terminal.note(text)
    terminal.report(CommandError(text, text))
    with terminal.progress(text):
        pass
    printed = capsys.readouterr()
    assert printed.out == f"{text}\n"
    assert printed.err == f"{text}\nError: {text}\n  {text}\n"


def test_a_cell_of_a_table_and_what_is_waited_for_are_printed_as_they_are() -> None:
    screen = io.StringIO()
    console = terminal.plain_console(file=screen, width=200, force_terminal=True, color_system=None)
    table = Table(ARN, TEXT)
    table.add_row(TEXT, ARN)
    console.print(table)
    assert screen.getvalue().count(ARN) == screen.getvalue().count(TEXT) == 2


def _offences(path: Path) -> list[str]:
    """Return where a source makes a console of its own, or has texts read as markup."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Console")) if str(path.relative_to(ROOT)) != CONSOLES:
                found.append("a console of its own")
            case ast.Attribute(attr="from_markup" | "render_str") | ast.alias(name="rich.markup" | "escape"):
                found.append("markup")
            case ast.ImportFrom(module="rich.markup" | "rich"):
                found.append("markup, or a print of Rich's own")
            case ast.keyword(arg="markup" | "emoji", value=ast.Constant(value=True)):
                found.append("markup or emojis switched on")
            # Rich reads the text of a spinner as markup, whatever its console says.
            case ast.Call(func=ast.Attribute(attr="status"), args=[ast.Constant() | ast.JoinedStr(), *_]):
                found.append("a status that is no Text")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_has_texts_read_as_markup(path: Path) -> None:
    assert _offences(path) == []
