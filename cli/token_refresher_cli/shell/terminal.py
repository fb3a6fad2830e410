"""Reads from and writes to the terminal: results on standard output, everything else on standard error.

Rich leaves out colours if the output is piped, or NO_COLOR is set (https://no-color.org).
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from enum import StrEnum
from textwrap import indent
from typing import Any, Final

import typer
from rich.console import Console
from rich.text import Text

from token_refresher_cli.shell.errors import CommandError, bad_input

_PIPED_WIDTH: Final = 400
"""A pipe has no width, and a program must get whole lines."""


class Output(StrEnum):
    """The format of a result."""

    TABLE = "table"
    JSON = "json"


def plain_console(**options: Any) -> Console:
    """Return a console that prints every text unchanged; a text with a style is a `Text`.

    Otherwise ``[red]`` in a name would be read as markup, and ``:secret:`` in an ARN as an emoji.
    """
    return Console(markup=False, emoji=False, highlight=False, **options)


def out() -> Console:
    """Return the console for results."""
    width = None if is_screen() else _PIPED_WIDTH
    return plain_console(width=width, soft_wrap=not is_screen())


def err() -> Console:
    """Return the console for progress, questions and errors."""
    return plain_console(stderr=True, soft_wrap=True)


def is_screen() -> bool:
    """Tell whether standard output is a terminal and not a pipe or a file."""
    return sys.stdout.isatty()


def say(text: str) -> None:
    """Print one line of a result; on a screen it is not broken, so that it can be copied."""
    out().print(text, soft_wrap=True)


def write_lines(lines: Iterable[str]) -> None:
    """Print many lines of a result to a pipe, without Rich, which takes longer for them than AWS does."""
    for line in lines:
        typer.echo(line)


def note(text: str) -> None:
    """Print one line that is not a result."""
    err().print(text)


def say_json(value: Any) -> None:
    """Print a result as JSON, on a screen with colours."""
    if is_screen() and sys.stdout.encoding.lower() == "utf-8":
        out().print_json(data=value)
    else:
        write_json(value)


def write_json(value: Any) -> None:
    """Print a result as JSON in ASCII, without Rich.

    So it is the same in every terminal, pipe and code page, and an exported text can be put back unchanged.
    """
    typer.echo(json.dumps(value, indent=2))


def say_json_list(head: Mapping[str, Any], key: str, items: Iterable[Any]) -> None:
    """Print one JSON object whose last member is a list, as `say_json` does; the list is never held as a whole."""
    if is_screen() and sys.stdout.encoding.lower() == "utf-8":
        out().print_json(data={**head, key: list(items)})
    else:
        write_json_list(head, key, items)


def write_json_list(head: Mapping[str, Any], key: str, items: Iterable[Any]) -> None:
    """Print the same text as `write_json` does, one item of the list after the other."""
    before, after = json.dumps({**head, key: []}, indent=2).rsplit("[]", 1)
    typer.echo(f"{before}[", nl=False)
    separator = ""
    for item in items:
        typer.echo(f"{separator}\n{indent(json.dumps(item, indent=2), '    ')}", nl=False)
        separator = ","
    end = "\n  ]" if separator else "]"
    typer.echo(end + after)


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show on a terminal that something takes a while."""
    with err().status(Text(f"{what} …")):
        yield


@contextmanager
def noting_if_interrupted(*lines: str) -> Iterator[None]:
    """Print notes if the block does not end, for whatever reason."""
    try:
        yield
    except BaseException:
        for line in lines:
            note(line)
        raise


def report(error: CommandError) -> None:
    """Show an error: what is wrong, then what to do next."""
    console = err()
    console.print(Text.assemble(("Error:", "bold red"), f" {error.message}"))
    console.print(f"  {error.next_step}")


def is_interactive() -> bool:
    """Tell whether the command can ask a person."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that is hard to undo.

    Args:
        question: What is about to happen, as a question.
        yes: Whether ``--yes`` was given.

    Raises:
        CommandError: There is no terminal to ask at.
        typer.Abort: The answer was no.
    """
    if yes:
        return
    if not is_interactive():
        raise bad_input("This needs a confirmation, and there is no terminal to ask at.", "To confirm it, add --yes.")
    # Typer writes a space to standard output even with err=True, and standard output is for results.
    with redirect_stdout(sys.stderr):
        typer.confirm(question, abort=True, err=True)


def ask_hidden(what: str) -> str:
    """Ask for a secret without showing it.

    Raises:
        CommandError: There is no terminal to ask at.
    """
    if not is_interactive():
        raise bad_input(
            f"{what} is missing, and there is no terminal to ask at.", "Give it on standard input, with --stdin."
        )
    answer: str = typer.prompt(what, hide_input=True, err=True)
    return answer
