"""``remove``: delete a credential or a pointer."""

from typing import Annotated, Final

import typer

from token_refresher_cli.changes.removal import Removal
from token_refresher_cli.commands.arguments import Name, Yes
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError, bad_input
from token_refresher_cli.shell.terminal import confirm, is_interactive, note, progress, say

_WINDOW: Final = 30


def remove(
    installation: Installation,
    name: Name,
    recovery_days: Annotated[
        int, typer.Option("--recovery-days", min=7, max=30, metavar="DAYS", help="Days in which it can be restored.")
    ] = _WINDOW,
    now: Annotated[bool, typer.Option("--now", help="Delete it at once and permanently.")] = False,
    yes: Yes = False,
) -> None:
    """Delete a credential, or the pointer that a rename left. You can restore it for some days.

    Pipelines can no longer read it. The sign-in at the provider is not revoked.

    Examples:
    - `token-refresher remove acme-bing-ads`
    - `token-refresher remove acme-bing-ads --recovery-days 7 --yes`
    - `token-refresher remove acme-bing-ads --now --yes`
    """
    with progress(f"Reading {name}"):
        removal = Removal.of(installation, name)
    for line in removal.what_it_is:
        note(line)
    if not yes:
        _ask(name)
    if now:
        confirm(f"Delete {name} at once? Nobody can restore it.", yes=yes)
    with progress(f"Deleting {name}"):
        until = removal.delete(None if now else recovery_days)
    if until is None:
        say(f"{name} is deleted permanently.")
        return
    say(f"{name} is deleted. It can be restored until {until:%Y-%m-%d %H:%M} UTC:")
    say(removal.how_to_restore)


def _ask(name: str) -> None:
    if not is_interactive():
        raise bad_input("This needs a confirmation, and there is no terminal to ask at.", "To confirm it, add --yes.")
    if typer.prompt("Type the name to delete it", err=True) != name:
        raise CommandError("That is another name. Nothing was deleted.", f"Type {name}, or add --yes.")
