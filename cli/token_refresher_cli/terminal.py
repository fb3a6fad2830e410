"""What the person sees: results on standard output, everything else on standard error.

Rich takes colour away where the output is piped, or where NO_COLOR is set (https://no-color.org).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape

from token_refresher_cli.errors import CommandError, bad_input

_PIPED_WIDTH: Final = 400
"""A pipe has no width: what is longer than a screen must not be cut for the program that reads it."""


def out() -> Console:
    """Return where results go."""
    width = None if is_screen() else _PIPED_WIDTH
    return Console(width=width, highlight=False, emoji=False, soft_wrap=not is_screen())


def err() -> Console:
    """Return where progress, questions and errors go."""
    return Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def is_screen() -> bool:
    """Tell whether results go to a terminal, and not to a pipe or a file."""
    return sys.stdout.isatty()


def say(text: str) -> None:
    """Print one line of a result as it is: without markup, and whole on a screen as well, to be copied from there."""
    out().print(text, markup=False, soft_wrap=True)


def note(text: str) -> None:
    """Print one line that is no result, as it is."""
    err().print(text, markup=False)


def say_json(value: Any) -> None:
    """Print a result as JSON; times are RFC 3339 texts already."""
    out().print_json(data=value)


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show that something takes a while; nothing is shown where nobody looks."""
    with err().status(f"{escape(what)} …"):
        yield


@contextmanager
def noting_if_cut_short(*lines: str) -> Iterator[None]:
    """Say how it stands where what follows is not done, for whatever reason."""
    try:
        yield
    except BaseException:
        for line in lines:
            note(line)
        raise


def report(error: CommandError) -> None:
    """Show an error: what is wrong, then what to do next."""
    console = err()
    console.print(f"[bold red]Error:[/] {escape(error.message)}")
    console.print(f"  {escape(error.next_step)}")


def is_interactive() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that is hard to take back.

    Args:
        question: What is about to happen, as a question.
        yes: Whether ``--yes`` has answered it.

    Raises:
        CommandError: Nobody can be asked.
        typer.Abort: The answer was no.
    """
    if yes:
        return
    if not is_interactive():
        raise bad_input("This needs a confirmation, and nobody can be asked.", "Say --yes if it is meant.")
    # The library writes a space to standard output however it is told to ask, and that belongs to the result.
    with redirect_stdout(sys.stderr):
        typer.confirm(question, abort=True, err=True)


def ask_hidden(what: str) -> str:
    """Ask for a secret without showing it.

    Raises:
        CommandError: Nobody can be asked.
    """
    if not is_interactive():
        raise bad_input(f"{what} is missing, and nobody can be asked.", "Give it by an option, or on standard input.")
    answer: str = typer.prompt(what, hide_input=True, err=True)
    return answer
