"""``resume``: set a credential to work again that was paused."""

from contextlib import suppress
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.work import RefreshRequest
from token_refresher_cli.arguments import Name
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.ending import RefreshEnding
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import Timeout
from token_refresher_cli.registry_edit import RegistryEdit, is_paused
from token_refresher_cli.renaming import RENAMING_TAG
from token_refresher_cli.terminal import note, progress, say


def resume(
    installation: Installation,
    name: Name,
    timeout: Timeout = 120,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the first refresh.")] = False,
) -> None:
    """Set a credential to work again that was paused, refresh it, and say how that ended.

    Examples:
    - `token-refresher resume acme-bing-ads`
    - `token-refresher resume acme-bing-ads --no-wait`
    """
    credentials, edit = Credentials(installation), RegistryEdit(installation)
    with progress(f"Resuming {name}"):
        state, before = credentials.state(name), credentials.entry(name)
        if not is_paused(state, before):
            if before is not None:
                edit.show(state, before)  # A run that was cut short may have left the tag.
            say(f"{name} is not paused.")
            return
        entry = edit.change(state, lambda entry: entry.resumed(installation.clock()))
        edit.show(state, entry)
        with suppress(BotoCoreError, ClientError):  # What is paused from now on, nobody paused to rename it.
            installation.secrets.untag_resource(SecretId=installation.secret_id(name), TagKeys=[RENAMING_TAG])
    say(f"{name} is at work again.")
    if no_wait:
        installation.queue.send([RefreshRequest.for_entry(entry, installation.clock())])
        note(f"It is looked at now. To see how it is: token-refresher show {name}")
        return
    ending = RefreshEnding.asked_for(installation, state, timeout)
    ending.check()
    say(ending.message)
