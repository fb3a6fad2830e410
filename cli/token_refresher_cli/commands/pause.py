"""``pause``: stop the refreshes of a credential."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from token_refresher.base.clock import readable_time
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.changes.registry_edit import RegistryEdit, is_paused
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.terminal import note, progress, say

_REFRESH_TOKEN_LIFE: Final = timedelta(days=90)
"""Of a refresh token that is not used. Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens"""


def pause(installation: Installation, name: Name) -> None:
    """Stop the refreshes and alerts of a credential until you resume it.

    The status tag of its secret becomes `paused`, and so does the status that pipelines read. The access token stays
    valid until it expires.

    Examples:
    - `token-refresher pause acme-bing-ads`
    """
    credentials, edit = Credentials(installation), RegistryEdit(installation)
    with progress(f"Pausing {name}"):
        state = credentials.state(name)
        before = credentials.entry(name)
        entry = edit.change(state, RegistryEntry.paused)
        edit.show(state, entry)
        with suppress(MalformedCredentialError):  # Then only the registry says something about its tokens.
            entry = entry.observing(credentials.current(name)[1].credential)
        if entry.publications:  # An attempt publishes the status, and exchanges nothing.
            installation.queue.send([RefreshRequest.for_entry(entry, installation.clock())])
    say(f"{name} is paused already." if is_paused(state, before) else f"{name} is paused.")
    for line in _consequences(entry, installation.clock()):
        note(line)
    note(f"To start the refreshes again: token-refresher resume {name}")


def _consequences(entry: RegistryEntry, now: datetime) -> list[str]:
    ends_at, issued_at = entry.expires_at, entry.refresh_token_issued_at
    lines = []
    if ends_at is None:
        lines.append("Pipelines have no access yet.")
    elif ends_at <= now:
        lines.append(f"Pipelines have had no access since {readable_time(ends_at)}.")
    else:
        lines.append(f"Pipelines have access until {readable_time(ends_at)}, when the access token expires.")
    if issued_at is not None:
        lines.append(
            "A refresh token that is not used expires after 90 days: resume the credential before"
            f" {readable_time(issued_at + _REFRESH_TOKEN_LIFE)}, or a person has to sign in again."
        )
    return lines
