"""``pause``: stop the refreshes of a credential."""

from contextlib import suppress
from datetime import datetime

from token_refresher.base.clock import readable_time
from token_refresher.base.errors import MalformedCredentialError
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher.providers.catalogue.entry import RefreshTokenFacts
from token_refresher.providers.refresh_token_life import idle_end
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.changes.registry_edit import RegistryEdit, is_paused
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.refresh_token_facts import refresh_token_facts
from token_refresher_cli.shell.terminal import note, progress, say


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
        provider = entry.issuer.provider
        with suppress(MalformedCredentialError):  # Then only the registry says something about its tokens.
            credential = credentials.current(name)[1].credential
            entry, provider = entry.observing(credential), credential.provider
        if entry.publications:  # An attempt publishes the status, and exchanges nothing.
            installation.queue.send([RefreshRequest.for_entry(entry, installation.clock())])
    say(f"{name} is paused already." if is_paused(state, before) else f"{name} is paused.")
    for line in _consequences(entry, refresh_token_facts(provider), installation.clock()):
        note(line)
    note(f"To start the refreshes again: token-refresher resume {name}")


def _consequences(entry: RegistryEntry, facts: RefreshTokenFacts, now: datetime) -> list[str]:
    ends_at = entry.expires_at
    idle_until = idle_end(facts, entry.refresh_token_issued_at, entry.refreshed_at)
    lines = []
    if ends_at is None:
        lines.append("Pipelines have no access yet.")
    elif ends_at <= now:
        lines.append(f"Pipelines have had no access since {readable_time(ends_at)}.")
    else:
        lines.append(f"Pipelines have access until {readable_time(ends_at)}, when the access token expires.")
    if idle_until is not None and facts.idle is not None:
        lines.append(
            f"A refresh token that is not used expires after {facts.idle.days} days: resume the credential before"
            f" {readable_time(idle_until)}, or a person has to sign in again."
        )
    if entry.refresh_token_expires_at is not None:
        lines.append(
            f"Its refresh token ends at {readable_time(entry.refresh_token_expires_at)} in any case, and there is no"
            " warning before while the credential is paused."
        )
    return lines
