"""How a function becomes a command: it is given the installation, and its errors become messages and exit codes."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from token_refresher_cli.errors import explained
from token_refresher_cli.exit_code import ExitCode
from token_refresher_cli.installation import DEFAULT_STACK, Installation, Where
from token_refresher_cli.terminal import progress, report

_PANEL = "Which installation"

Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="TOKEN_REFRESHER_STACK",
        help="The name of the stack.",
        show_default=DEFAULT_STACK,
        rich_help_panel=_PANEL,
    ),
]
Profile = Annotated[str | None, typer.Option("--profile", help="A profile, as in the AWS CLI.", rich_help_panel=_PANEL)]
Region = Annotated[str | None, typer.Option("--region", help="A Region, as in the AWS CLI.", rich_help_panel=_PANEL)]

_OPTIONS = {"stack": Stack, "profile": Profile, "region": Region}


def on_an_installation(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command, as its first argument, the installation that its options name.

    The command takes ``--stack``, ``--profile`` and ``--region``; the same options before the command's name say it for
    all. What the function raises becomes a message and an exit code.
    """

    @functools.wraps(function)
    def command(context: typer.Context, **given: Any) -> None:
        where = Where(*(given.pop(name) for name in _OPTIONS))
        with ending():
            with progress("Looking for the stack"):
                installation = Installation.find(where.over(context.obj or Where()))
            function(installation, **given)

    _, *own = inspect.signature(function, eval_str=True).parameters.values()
    found = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    keywords = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__signature__ = inspect.Signature([context, *keywords, *found])  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in [context, *keywords, *found]}
    del command.__wrapped__  # Whoever asks for the signature is to see this one.
    return command


class Command(TyperCommand):
    """A command that repeats no argument that it does not know: it may be a secret that was to be asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line."""
        ctx.allow_extra_args = True
        unknown = super().parse_args(ctx, args)
        if unknown and not ctx.resilient_parsing:
            too_many = "one argument" if len(unknown) == 1 else f"{len(unknown)} arguments"
            ctx.fail(f"There is {too_many} too many, which may be a secret and is not shown here.")
        return unknown


@contextmanager
def ending() -> Iterator[None]:
    """Turn what is expected to go wrong into a message and an exit code; any other error goes on."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except typer.Abort as abort:
        # The library says the same of an answer that was no and of Ctrl-C at a question.
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        raise
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        report(known)
        raise typer.Exit(known.exit_code) from None
