"""``pause``: set a credential aside."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from token_refresher.clock import readable_time
from token_refresher.errors import MalformedCredentialError
from token_refresher.registry_entry import RegistryEntry
from token_refresher_cli.arguments import Name
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.installation import Installation
from token_refresher_cli.registry_edit import RegistryEdit, is_paused
from token_refresher_cli.terminal import note, progress, say

_REFRESH_TOKEN_LIFE: Final = timedelta(days=90)
"""Unused. Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens"""


def pause(installation: Installation, name: Name) -> None:
    """Set a credential aside: it is not refreshed, and nobody is told of it, until it is resumed.

    Its secret shows to consumers that it is paused. The access token lives on until it ends.

    Examples:
    - `token-refresher pause acme-bing-ads`
    """
    credentials, edit = Credentials(installation), RegistryEdit(installation)
    with progress(f"Pausing {name}"):
        state = credentials.state(name)
        before = credentials.entry(name)
        entry = edit.change(state, RegistryEntry.paused)
        edit.show(state, entry)
        with suppress(MalformedCredentialError):  # Then what the registry knows of it is all that there is to say.
            entry = entry.observing(credentials.current(name)[1].credential)
    say(f"{name} is paused already." if is_paused(state, before) else f"{name} is paused.")
    for line in _consequences(entry, installation.clock()):
        note(line)
    note(f"To set it to work again: token-refresher resume {name}")


def _consequences(entry: RegistryEntry, now: datetime) -> list[str]:
    ends_at, issued_at = entry.expires_at, entry.refresh_token_issued_at
    lines = []
    if ends_at is None:
        lines.append("Pipelines have no access with it yet.")
    elif ends_at <= now:
        lines.append(f"Pipelines have had no access since {readable_time(ends_at)}.")
    else:
        lines.append(f"Pipelines have access until {readable_time(ends_at)}, when the access token ends.")
    if issued_at is not None:
        lines.append(
            "A refresh token that is not used ends after 90 days: resume it before"
            f" {readable_time(issued_at + _REFRESH_TOKEN_LIFE)}, or somebody has to sign in again."
        )
    return lines
