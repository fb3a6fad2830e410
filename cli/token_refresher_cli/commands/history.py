"""``history``: show what happened to a credential."""

from typing import Annotated

import typer

from token_refresher.base.clock import to_rfc3339
from token_refresher_cli.commands.arguments import Name, OutputOption
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.log_events import log_events
from token_refresher_cli.installation.timeline import in_order, versions
from token_refresher_cli.shell.look_back import since as read_since
from token_refresher_cli.shell.terminal import Output, note, progress, say, say_json


def history(
    installation: Installation,
    name: Name,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help="How far to look back: 24h, 7d, a date or a time.")
    ] = "7d",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show only the last events.")] = 100,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show what happened to a credential: versions of its secret, refreshes, sign-ins and alerts, the newest last.

    Secrets Manager keeps about the last hundred versions; each says whether Token Refresher wrote it, and on top of
    which version. The other events come from the logs of the functions, as long as these are kept.

    Examples:
    - `token-refresher history acme-bing-ads`
    - `token-refresher history acme-bing-ads --since 24h`
    - `token-refresher history acme-bing-ads --since 2026-01-31 --limit 20 --output json`
    """
    start = read_since(since, installation.clock())
    state = Credentials(installation).state(name)
    with progress("Reading the versions and the logs"):
        logged, notes = log_events(installation, name, start)
        kept = [event for event in versions(installation, state.arn) if event.at >= start]
    events = in_order([*kept, *logged])
    left_out = len(events) - limit
    if left_out > 0:
        notes.append(f"{left_out} earlier events are left out; see more with --limit.")
    if not events:
        notes.append(f"Nothing has happened to {name} since {to_rfc3339(start)}. Look back further with --since.")
    for line in notes:
        note(line)
    if output is Output.JSON:
        say_json(
            {
                "name": name,
                "since": to_rfc3339(start),
                "events": [event.to_document() for event in events[-limit:]],
                "notes": notes,
            }
        )
        return
    for event in events[-limit:]:
        say(str(event))
