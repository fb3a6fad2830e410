"""``resume``: start the refreshes of a paused credential again."""

from contextlib import suppress
from typing import Annotated

import typer

from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.dispatch.refresh_request import RefreshRequest
from token_refresher_cli.changes.refresh_answer import RefreshAnswer
from token_refresher_cli.changes.refresh_request import Timeout
from token_refresher_cli.changes.registry_edit import RegistryEdit, is_paused
from token_refresher_cli.changes.renaming import RENAMING_TAG
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.terminal import note, progress, say


def resume(
    installation: Installation,
    name: Name,
    timeout: Timeout = 120,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the first refresh.")] = False,
) -> None:
    """End the pause of a credential, refresh it, and say how that ended.

    Examples:
    - `token-refresher resume acme-bing-ads`
    - `token-refresher resume acme-bing-ads --no-wait`
    """
    credentials, edit = Credentials(installation), RegistryEdit(installation)
    with progress(f"Resuming {name}"):
        state, before = credentials.state(name), credentials.entry(name)
        if not is_paused(state, before):
            if before is not None:
                edit.show(state, before)  # An interrupted run may have left the tag.
            say(f"{name} is not paused.")
            return
        entry = edit.change(state, lambda entry: entry.resumed(installation.clock()))
        edit.show(state, entry)
        with suppress(ServiceUnavailableError):  # The next pause is not part of a rename.
            installation.secrets.untag(name, RENAMING_TAG)
    say(f"{name} is resumed.")
    if no_wait:
        installation.queue.send([RefreshRequest.for_entry(entry, installation.clock())])
        note(f"A refresh is requested. To see its status: token-refresher show {name}")
        return
    answer = RefreshAnswer.requested(installation, state, timeout)
    answer.check()
    say(answer.message)
