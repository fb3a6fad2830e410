"""The command ``token-refresher``: its name, its help, and the list of its commands."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from token_refresher.base.version import __version__
from token_refresher_cli.commands.add import add
from token_refresher_cli.commands.command import Command, Profile, Region, Stack, on_an_installation
from token_refresher_cli.commands.doctor import doctor
from token_refresher_cli.commands.export import export
from token_refresher_cli.commands.history import history
from token_refresher_cli.commands.link import link
from token_refresher_cli.commands.list_credentials import list_credentials
from token_refresher_cli.commands.next_steps import next_steps
from token_refresher_cli.commands.pause import pause
from token_refresher_cli.commands.print_token import token
from token_refresher_cli.commands.refresh import refresh
from token_refresher_cli.commands.remove import remove
from token_refresher_cli.commands.rename import rename
from token_refresher_cli.commands.resume import resume
from token_refresher_cli.commands.rotate_client_secret import rotate_client_secret
from token_refresher_cli.commands.set import set_keys
from token_refresher_cli.commands.show import show
from token_refresher_cli.commands.verify import verify
from token_refresher_cli.installation.installation import Where

app: Final = typer.Typer(
    name="token-refresher",
    help="Keep OAuth credentials for Microsoft Advertising alive in AWS Secrets Manager.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    # An exception of this package has no secret, but the local variables around it do.
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"token-refresher {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    stack: Stack = None,
    profile: Profile = None,
    region: Region = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    context.obj = Where(stack, profile, region)


def _add(panel: str, name: str, function: Callable[..., None]) -> None:
    app.command(name, cls=Command, rich_help_panel=panel)(on_an_installation(function))


_SET_UP, _READ, _CHANGE = "Set up", "Read", "Change"

# --- Set up -------------------------------------------------------------------------------------------------------
_add(_SET_UP, "add", add)
_add(_SET_UP, "link", link)
_add(_SET_UP, "next", next_steps)

# --- Read ---------------------------------------------------------------------------------------------------------
_add(_READ, "list", list_credentials)
_add(_READ, "show", show)
_add(_READ, "history", history)
_add(_READ, "verify", verify)
_add(_READ, "token", token)
_add(_READ, "export", export)
_add(_READ, "doctor", doctor)

# --- Change -------------------------------------------------------------------------------------------------------
_add(_CHANGE, "set", set_keys)
_add(_CHANGE, "refresh", refresh)
_add(_CHANGE, "pause", pause)
_add(_CHANGE, "resume", resume)
_add(_CHANGE, "rotate-client-secret", rotate_client_secret)
_add(_CHANGE, "rename", rename)
_add(_CHANGE, "remove", remove)


def main() -> None:
    """Run the command."""
    # An old terminal may not take UTF-8: a character that it cannot show must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="token-refresher")
