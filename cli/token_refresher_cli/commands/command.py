"""Turns a function into a command: it gets the installation, and its errors become messages and exit codes."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand

from token_refresher_cli.commands.arguments import Name, Names
from token_refresher_cli.commands.where_options import Profile, Region, Stack
from token_refresher_cli.installation.explanations import explained
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.where import Where
from token_refresher_cli.shell.exit_code import ExitCode
from token_refresher_cli.shell.terminal import progress, report
from token_refresher_cli.values.secret_name import known_name

_OPTIONS = {"stack": Stack, "profile": Profile, "region": Region}


def on_an_installation(function: Callable[..., None]) -> Callable[..., None]:
    """Return a command that calls a function with the installation that the options name.

    The command takes ``--stack``, ``--profile`` and ``--region``, which may also stand before the command's name. An
    expected error of the function becomes a message and an exit code.
    """

    @functools.wraps(function)
    def command(context: typer.Context, **given: Any) -> None:
        where = Where(*(given.pop(name) for name in _OPTIONS))
        with ending():
            with progress("Reading the stack"):
                installation = Installation.find(where.over(context.obj or Where()))
            for key in names:
                _check_names(given[key], installation.prefix)
            function(installation, **given)

    _, *own = inspect.signature(function, eval_str=True).parameters.values()
    names = [parameter.name for parameter in own if parameter.annotation in {Name, Names}]
    found = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    keywords = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__signature__ = inspect.Signature([context, *keywords, *found])  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in [context, *keywords, *found]}
    del command.__wrapped__  # Typer would read the signature of the wrapped function.
    return command


def on_no_installation(function: Callable[..., None]) -> Callable[..., None]:
    """Return a command that needs no stack. An expected error of the function becomes a message and an exit code."""

    @functools.wraps(function)
    def command(**given: Any) -> None:
        with ending():
            function(**given)

    return command


def _check_names(given: str | list[str] | None, prefix: str) -> None:
    for name in [given] if isinstance(given, str) else given or ():
        known_name(name, prefix)


class Command(TyperCommand):
    """A command that does not print an argument that it does not know: it may be a secret."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        ctx.allow_extra_args = True
        unknown = super().parse_args(ctx, args)
        if unknown and not ctx.resilient_parsing:
            too_many = "one argument" if len(unknown) == 1 else f"{len(unknown)} arguments"
            ctx.fail(f"There is {too_many} too many. It is not shown here, because it may be a secret.")
        return unknown


def built(name: str, panel: str, function: Callable[..., None]) -> TyperCommand:
    """Return a function as a command of Typer, which calls it with the installation if it takes one."""
    alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    needs_stack = "installation" in inspect.signature(function).parameters
    wrapped = on_an_installation(function) if needs_stack else on_no_installation(function)
    alone.command(name, cls=Command, rich_help_panel=panel)(wrapped)
    command = typer.main.get_command(alone)
    assert isinstance(command, Command)  # noqa: S101 - A Typer with one command is that command.
    return command


@contextmanager
def ending() -> Iterator[None]:
    """Turn an expected error into a message and an exit code; raise any other error."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except typer.Abort as abort:
        # Typer raises the same for the answer no and for Ctrl-C at a prompt.
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        raise
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        report(known)
        raise typer.Exit(known.exit_code) from None
