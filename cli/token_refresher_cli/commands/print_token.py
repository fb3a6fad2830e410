"""``token``: print the access token of a credential."""

from token_refresher.base.clock import readable_time
from token_refresher.base.text import span
from token_refresher_cli.commands.arguments import Name, Yes
from token_refresher_cli.installation.credential_reader import CredentialReader
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.terminal import confirm, is_screen, note, progress, say
from token_refresher_cli.views.live_token import live_token


def token(installation: Installation, name: Name, yes: Yes = False) -> None:
    """Print the access token and nothing else, for a program to read; on a terminal, ask first.

    Until it expires, it gives the same access to the advertising account as the person who signed in has. If there is
    no valid token, nothing is printed, and the message says who has to do what.

    Examples:
    - `token-refresher token acme-bing-ads | pbcopy`
    - `curl -H "Authorization: Bearer $(token-refresher token acme-bing-ads)" https://example.com/`
    """
    with progress(f"Reading {name}"):
        row = CredentialReader(installation).row(name)
    now = installation.clock()
    text = live_token(row, now).reveal()
    if not text.isprintable():
        raise CommandError(
            f"The access token of {name} has a line break or another control character inside it.",
            f"Refresh it with: token-refresher refresh {name}",
        )
    if is_screen():
        confirm(f"Show the access token of {name} on this screen?", yes=yes)
    say(text)
    if is_screen() and row.expires_at is not None:
        note(f"It is good until {readable_time(row.expires_at)}, {span(row.expires_at - now)} from now.")
