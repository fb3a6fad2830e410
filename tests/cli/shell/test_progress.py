"""The line that shows how far a command is."""

import io

import pytest
from rich.console import Console

from token_refresher_cli.shell import progress, terminal
from token_refresher_cli.shell.progress import Progress


def count(of: int) -> Progress:
    shown = Progress()
    with shown.during("Reading the credentials"):
        assert len(list(shown.counted(range(of)))) == of
    return shown


def test_a_terminal_sees_how_many_there_were_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "err", lambda: Console(file=screen, force_terminal=True, color_system=None))
    count(3)
    assert "Reading the credentials … 3" in screen.getvalue()


def test_a_pipe_sees_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    count(3)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_what_is_printed_meanwhile_stays_on_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "err", lambda: Console(file=screen, force_terminal=True, color_system=None))
    with Progress().during("Writing"):
        terminal.write_json_list({"at": "now"}, "credentials", [{"name": "acme"}])
    assert (
        capsys.readouterr().out == '{\n  "at": "now",\n  "credentials": [\n    {\n      "name": "acme"\n    }\n  ]\n}\n'
    )
    assert "acme" not in screen.getvalue()


@pytest.mark.parametrize("items", [[], [{}], [1, "a\nb"], [{"a": [], "b": {"c": ["\u2028", "[]"]}}, {"d": None}]])
def test_a_list_that_is_written_item_by_item_is_the_same_text(
    capsys: pytest.CaptureFixture[str], items: list[object]
) -> None:
    head = {"at": "[]", "count": []}
    terminal.write_json_list(head, "items", items)
    by_item = capsys.readouterr().out
    terminal.write_json({**head, "items": items})
    assert by_item == capsys.readouterr().out
