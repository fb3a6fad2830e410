"""``list``: show every credential, the most urgent first."""

import time
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from token_refresher_cli.commands.arguments import OutputOption
from token_refresher_cli.installation.credential_reader import CredentialReader
from token_refresher_cli.installation.explanations import explained
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.row import STATUSES
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.progress import Progress
from token_refresher_cli.shell.terminal import Output, err, is_screen, note, out, say_json_list, write_lines
from token_refresher_cli.views.list_json import overview_head, overview_row
from token_refresher_cli.views.list_table import Line, line_of, piped_table, screen_tables
from token_refresher_cli.views.listing import Listing

StatusName = StrEnum("StatusName", {status.name: status.value for status in STATUSES})  # type: ignore[misc] # Of data.

_RIGHTS: Final = "secretsmanager:BatchGetSecretValue, secretsmanager:GetSecretValue, kms:Decrypt"
_EMPTY: Final = "There is no credential yet. Create one with: token-refresher add NAME"


def list_credentials(
    installation: Installation,
    status: Annotated[
        list[StatusName] | None,
        typer.Option("--status", help="Show only this status; repeatable."),
    ] = None,
    output: OutputOption = Output.TABLE,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Update the table until Ctrl-C.")] = False,
    every: Annotated[int, typer.Option("--every", min=2, help="With --watch: seconds between two updates.")] = 10,
) -> None:
    """Show every credential: its status, how long its token is good for, and who has to do what next.

    The most urgent come first: those that wait for a person while pipelines have no token. The exit code is 0 whatever
    their status is; for monitoring, use `token-refresher doctor`. `--watch` runs until Ctrl-C, and exits with 130.

    Examples:
    - `token-refresher list`
    - `token-refresher list --status needs_consent --status needs_operator`
    - `token-refresher list --watch --every 30`
    - `token-refresher list --output json`
    """
    wanted = frozenset(status or STATUSES)
    if watch:
        _refuse_to_watch(output)
        _watch(installation, wanted, every)
    view = overview_row if output is Output.JSON else line_of
    listing: Listing[Any] = Listing(installation.clock(), view)
    shown = Progress()
    is_table_on_screen = output is Output.TABLE and is_screen()
    with shown.during("Reading the credentials", lambda: _preview(listing) if is_table_on_screen else None):
        listing.take(row for row in shown.counted(CredentialReader(installation).rows()) if row.status in wanted)
    for line in _notes(listing, is_filtered=bool(status)):
        note(line)
    if output is Output.JSON:
        say_json_list(overview_head(listing.now), "credentials", listing.sorted())
    elif listing.rows and is_table_on_screen:
        console = out()
        for table in screen_tables(listing.sorted(), listing.now, console):
            console.print(table)
    elif listing.rows:
        write_lines(piped_table(listing.sorted()))


def _preview(listing: Listing[Line]) -> RenderableType | None:
    """Return the most urgent credentials of those that were read so far, as many as a screen has room for."""
    console = err()
    return next(screen_tables(listing.most_urgent(console.height), listing.now, console), None)


def _notes(listing: Listing[Any], *, is_filtered: bool) -> list[str]:
    if not listing.rows:
        return ["No credential has this status."] if is_filtered else [_EMPTY]
    if not listing.unreadable:
        return []
    refused = f"AWS does not let you read {listing.unreadable} of {len(listing.rows)} secrets ({_RIGHTS})"
    return [f"{refused}: what only these secrets say is left out."]


def _refuse_to_watch(output: Output) -> None:
    if output is Output.JSON:
        raise bad_input("--watch is for a terminal, and --output json for a program.", "Leave one of them out.")
    if not is_screen():
        raise bad_input("--watch needs a terminal.", "Leave it out, and run the command as often as you need.")


def _watch(installation: Installation, wanted: frozenset[str], every: int) -> None:
    """Update the table until Ctrl-C. An error is shown and not raised: the next call may work."""
    console = out()
    shown: RenderableType = Text("Reading the credentials …")
    with Live(shown, console=console, auto_refresh=False) as live:
        while True:
            try:
                listing = Listing(installation.clock(), line_of)
                listing.take(row for row in CredentialReader(installation).rows() if row.status in wanted)
            except Exception as error:
                known = explained(error)
                if known is None:
                    raise
                live.update(Group(shown, Text(f"Not up to date: {known.message}", style="bold red")), refresh=True)
            else:
                tables = screen_tables(listing.sorted(), listing.now, console)
                lines = map(Text, _notes(listing, is_filtered=wanted != frozenset(STATUSES)))
                shown = Group(*tables, *lines)
                live.update(shown, refresh=True)
            time.sleep(every)
