"""``list``: every credential at a glance, the worst first."""

import time
from typing import Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from token_refresher_cli.arguments import Output, OutputOption
from token_refresher_cli.errors import bad_input, explained
from token_refresher_cli.installation import Installation
from token_refresher_cli.overview_document import overview_document
from token_refresher_cli.overview_row import Row, Standing
from token_refresher_cli.overview_table import piped_table, screen_table
from token_refresher_cli.survey import Survey, unreadable
from token_refresher_cli.terminal import is_screen, note, out, progress, say, say_json
from token_refresher_cli.urgency import worst_first

_EMPTY: Final = "There is no credential yet. Make one with: token-refresher add NAME"


def list_credentials(
    installation: Installation,
    status: Annotated[
        list[Standing] | None, typer.Option("--status", help="Only those of this status; may be given several times.")
    ] = None,
    output: OutputOption = Output.TABLE,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Keep it up to date until Ctrl-C.")] = False,
    every: Annotated[int, typer.Option("--every", min=2, help="Seconds between two looks, with --watch.")] = 10,
) -> None:
    """Show every credential: how it stands, how long its token is good for, and who has to do what next.

    The worst come first: those whose pipelines have no token and that wait for a person; the healthy ones are last. It
    ends with 0 however they are; a monitor asks `token-refresher doctor`. `--watch` ends with Ctrl-C, and 130.

    Examples:
    - `token-refresher list`
    - `token-refresher list --status needs_consent --status needs_operator`
    - `token-refresher list --watch --every 30`
    - `token-refresher list --output json`
    """
    wanted = frozenset(status or Standing)
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


def _rows(installation: Installation, wanted: frozenset[Standing]) -> list[Row]:
    rows = [row for row in Survey(installation).rows() if row.standing in wanted]
    return worst_first(rows, installation.clock())


def _notes(rows: list[Row], *, is_filtered: bool) -> list[str]:
    if not rows:
        return ["No credential has this status."] if is_filtered else [_EMPTY]
    hidden = len(list(unreadable(rows)))
    if not hidden:
        return []
    refused = f"AWS does not let you read {hidden} of {len(rows)} secrets (secretsmanager:GetSecretValue, kms:Decrypt)"
    return [f"{refused}: what only they know is left out."]


def _refuse_to_watch(output: Output) -> None:
    if output is Output.JSON:
        raise bad_input("--watch is for a terminal, and --output json for a program.", "Leave one of them out.")
    if not is_screen():
        raise bad_input("--watch needs a terminal.", "Leave it out, and call the command as often as you need.")


def _watch(installation: Installation, wanted: frozenset[Standing], every: int) -> None:
    """Show the table again and again; it ends with Ctrl-C. What AWS refuses once may work the next time."""
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
                lines = [Text(line) for line in _notes(rows, is_filtered=wanted != frozenset(Standing))]
                shown = Group(*([screen_table(rows, now, console)] if rows else []), *lines)
                live.update(shown, refresh=True)
            time.sleep(every)
