"""``show``: show all that is known about a credential, without its secrets."""

from datetime import timedelta
from typing import Final

from rich.text import Text

from token_refresher_cli.commands.arguments import Name, OutputOption
from token_refresher_cli.installation.credential_reader import CredentialReader
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.log_events import log_events
from token_refresher_cli.installation.timeline import in_order, versions
from token_refresher_cli.shell.terminal import Output, note, out, progress, say, say_json
from token_refresher_cli.views.next_action import next_action
from token_refresher_cli.views.show_json import credential_document
from token_refresher_cli.views.show_text import sections

_LAST: Final = 10
"""Events; `history` shows earlier ones."""

_LOGS: Final = timedelta(days=1)
"""How far back to read the logs: a credential that is refreshed has ten events within a day."""

_LABEL: Final = 16


def show(installation: Installation, name: Name, output: OutputOption = Output.TABLE) -> None:
    """Show all that is known about a credential, with fingerprints in place of its secrets.

    That is: what is wrong, who has to do what, and which alerts were sent; who consented and when; the account as it
    was last checked; the secret, its settings and its tags; and the last events of its history.

    Examples:
    - `token-refresher show acme-bing-ads`
    - `token-refresher show acme-bing-ads --output json`
    """
    now = installation.clock()
    with progress(f"Reading {name}"):
        row = CredentialReader(installation).row(name)
        secret = installation.secrets.get(name)
        logged, notes = log_events(installation, name, now - _LOGS)
        events = in_order([*versions(installation, secret.arn), *logged])[-_LAST:]
    shown = credential_document(row, secret, events, now)
    for line in notes:
        note(line)
    if output is Output.JSON:
        say_json(shown)
        return
    say(f"{name}: {row.status}; {next_action(row, now)}")
    for heading, lines in sections(shown, now):
        _heading(heading)
        width = max(_LABEL, *(len(label) for label, _ in lines))
        for label, text in lines:
            say(f"  {label:<{width}}  {text}" if label else f"  {text}")
    _heading("Timeline, the newest last")
    for event in events:
        say(f"  {event}")


def _heading(text: str) -> None:
    out().print()
    out().print(Text(text, style="bold"))
