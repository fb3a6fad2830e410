"""``list``: show every credential, the most urgent first."""

import time
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from token_refresher_cli.commands.arguments import OutputOption
from token_refresher_cli.installation.credential_reader import CredentialReader, unreadable
from token_refresher_cli.installation.explanations import explained
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.row import STATUSES, CredentialRow
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.terminal import Output, is_screen, note, out, progress, say, say_json
from token_refresher_cli.views.list_json import overview_document
from token_refresher_cli.views.list_table import piped_table, screen_table
from token_refresher_cli.views.urgency import worst_first

StatusName = StrEnum("StatusName", {status.name: status.value for status in STATUSES})  # type: ignore[misc] # Of data.

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
    with progress("Reading the credentials"):
        rows = _rows(installation, wanted)
    for line in _notes(rows, is_filtered=bool(status)):
        note(line)
    now = installation.clock()
    if output is Output.JSON:
        say_json(overview_document(rows, now))
    elif rows and is_screen():
        console = out()
        console.print(screen_table(rows, now, console))
    elif rows:
        for line in piped_table(rows, now):
            say(line)


def _rows(installation: Installation, wanted: frozenset[str]) -> list[CredentialRow]:
    rows = [row for row in CredentialReader(installation).rows() if row.status in wanted]
    return worst_first(rows, installation.clock())


def _notes(rows: list[CredentialRow], *, is_filtered: bool) -> list[str]:
    if not rows:
        return ["No credential has this status."] if is_filtered else [_EMPTY]
    hidden = len(list(unreadable(rows)))
    if not hidden:
        return []
    refused = f"AWS does not let you read {hidden} of {len(rows)} secrets (secretsmanager:GetSecretValue, kms:Decrypt)"
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
                rows = _rows(installation, wanted)
            except Exception as error:
                known = explained(error)
                if known is None:
                    raise
                live.update(Group(shown, Text(f"Not up to date: {known.message}", style="bold red")), refresh=True)
            else:
                now = installation.clock()
                lines = [Text(line) for line in _notes(rows, is_filtered=wanted != frozenset(STATUSES))]
                shown = Group(*([screen_table(rows, now, console)] if rows else []), *lines)
                live.update(shown, refresh=True)
            time.sleep(every)
