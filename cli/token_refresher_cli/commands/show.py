"""``show``: everything that is known of a credential but its secrets."""

from datetime import timedelta
from typing import Final

from rich.text import Text

from token_refresher_cli.arguments import Name, Output, OutputOption
from token_refresher_cli.credential_document import credential_document
from token_refresher_cli.credential_text import sections
from token_refresher_cli.installation import Installation
from token_refresher_cli.log_events import log_events
from token_refresher_cli.next_action import next_action
from token_refresher_cli.secret_facts import SecretFacts
from token_refresher_cli.survey import Survey
from token_refresher_cli.terminal import note, out, progress, say, say_json
from token_refresher_cli.timeline import in_order, versions

_LAST: Final = 10
"""Events: what happened before is for `history`."""

_LOGS: Final = timedelta(days=1)
"""How far back the logs are read: the last ten events of a credential that is refreshed are younger than that."""

_LABEL: Final = 16


def show(installation: Installation, name: Name, output: OutputOption = Output.TABLE) -> None:
    """Show everything that is known of a credential but its secrets: fingerprints stand in for those.

    That is: what is wrong, who has to do what, and what people were told; who consented and when; the account as it was
    last verified; the secret, its settings and its tags; and the last events of its history.

    Examples:
    - `token-refresher show acme-bing-ads`
    - `token-refresher show acme-bing-ads --output json`
    """
    now = installation.clock()
    with progress(f"Reading {name}"):
        row = Survey(installation).row(name)
        facts = SecretFacts.read(installation, name)
        logged, notes = log_events(installation, name, now - _LOGS)
        events = in_order([*versions(installation, facts.arn), *logged])[-_LAST:]
    shown = credential_document(row, facts, events, now)
    for line in notes:
        note(line)
    if output is Output.JSON:
        say_json(shown)
        return
    say(f"{name}: {row.standing}; {next_action(row, now)}")
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
