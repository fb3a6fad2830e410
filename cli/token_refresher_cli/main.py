"""The command ``token-refresher``: its name, its help, and the list of its commands."""

import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import Annotated, ClassVar, Final

import typer

from token_refresher.base.version import __version__
from token_refresher_cli.commands.lazy_group import HelpLine, LazyGroup
from token_refresher_cli.commands.where_options import Profile, Region, Stack
from token_refresher_cli.installation.where import Where

_SET_UP, _READ, _CHANGE = "Set up", "Read", "Change"


class _Commands(LazyGroup):
    """The commands, in the order of the help."""

    # A summary is the first sentence of the docstring of its function; tests/cli/test_help.py compares them.
    lines: ClassVar[Mapping[str, HelpLine]] = {
        "add": HelpLine(
            _SET_UP, "add", "add", "Create a credential, and print the redirect URI to register and the connect link."
        ),
        "link": HelpLine(
            _SET_UP,
            "link",
            "link",
            "Print a connect link. A person with access to the account opens it and signs in.",
        ),
        "check-provider": HelpLine(
            _SET_UP,
            "check_provider",
            "check_provider",
            "Check a file that describes a provider of your own, and name the line and the key of what is wrong.",
        ),
        "add-provider": HelpLine(
            _SET_UP,
            "add_provider",
            "add_provider",
            "Put a provider of your own into Parameter Store, where the functions find it.",
        ),
        "next": HelpLine(
            _SET_UP,
            "next_steps",
            "next_steps",
            "List the steps of an installation in their order, with the command of each; done steps are ticked.",
        ),
        "list": HelpLine(
            _READ,
            "list_credentials",
            "list_credentials",
            "Show every credential: its status, how long its token is good for, and who has to do what next.",
        ),
        "show": HelpLine(
            _READ,
            "show",
            "show",
            "Show all that is known about a credential, with fingerprints in place of its secrets.",
        ),
        "history": HelpLine(
            _READ,
            "history",
            "history",
            "Show what happened to a credential: versions of its secret, refreshes, sign-ins and alerts,"
            " the newest last.",
        ),
        "verify": HelpLine(
            _READ,
            "verify",
            "verify",
            "Ask the provider whether the token of a credential gives access; write nothing.",
        ),
        "token": HelpLine(
            _READ,
            "print_token",
            "token",
            "Print the access token and nothing else, for a program to read; on a terminal, ask first.",
        ),
        "providers": HelpLine(
            _READ,
            "providers",
            "providers",
            "List the providers that a credential may name: the catalogue, and those of the team.",
        ),
        "export": HelpLine(
            _READ, "export", "export", "Print credentials as JSON: name, tags, KMS key, and the document."
        ),
        "doctor": HelpLine(
            _READ, "doctor", "doctor", "Check the whole installation, and say how to fix what is wrong."
        ),
        "set": HelpLine(
            _CHANGE,
            "set",
            "set_keys",
            "Change keys of a credential; all other keys keep their text, and new tokens are never overwritten.",
        ),
        "publish": HelpLine(
            _CHANGE,
            "publish",
            "publish",
            "Give pipelines a secret of their own, with the access token and without the refresh token.",
        ),
        "refresh": HelpLine(
            _CHANGE, "refresh", "refresh", "Refresh a credential now, even if it is not due, and say how that ended."
        ),
        "pause": HelpLine(
            _CHANGE, "pause", "pause", "Stop the refreshes and alerts of a credential until you resume it."
        ),
        "resume": HelpLine(
            _CHANGE, "resume", "resume", "End the pause of a credential, refresh it, and say how that ended."
        ),
        "rotate-client-secret": HelpLine(
            _CHANGE,
            "rotate_client_secret",
            "rotate_client_secret",
            "Replace a client secret: a refresh checks the new one, and the old one is kept until that succeeds.",
        ),
        "rotate-private-key": HelpLine(
            _CHANGE,
            "rotate_private_key",
            "rotate_private_key",
            "Replace the private key with which a client proves who it is, and its certificate: a refresh checks them.",
        ),
        "rename": HelpLine(_CHANGE, "rename", "rename", "Give a credential another name; nobody has to sign in again."),
        "remove": HelpLine(
            _CHANGE,
            "remove",
            "remove",
            "Delete a credential, or the pointer that a rename left. You can restore it for some days.",
        ),
    }


app: Final = typer.Typer(
    name="token-refresher",
    cls=_Commands,
    help="Keep OAuth credentials, such as those for Microsoft Advertising, alive in AWS Secrets Manager.",
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


def main() -> None:
    """Run the command."""
    # An old terminal may not take UTF-8: a character that it cannot show must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="token-refresher")
