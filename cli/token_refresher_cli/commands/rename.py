"""``rename``: give a credential another name."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from token_refresher.base.clock import readable_time
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher_cli.changes.refresh_answer import RefreshAnswer
from token_refresher_cli.changes.refresh_request import Timeout
from token_refresher_cli.changes.renaming import Renaming
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.shell.errors import bad_input
from token_refresher_cli.shell.terminal import note, progress, say
from token_refresher_cli.values.secret_name import checked_name

_LONGEST: Final = 256
"""Each name becomes the value of a tag.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html
"""


def rename(
    installation: Installation,
    name: Name,
    new_name: Annotated[str, typer.Argument(help="New name, without the prefix of its secret.")],
    *,
    pointer_days: Annotated[
        int,
        typer.Option("--pointer-days", min=1, max=365, metavar="DAYS", help="Days for which to keep the pointer."),
    ] = 30,
    timeout: Timeout = 120,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the first refresh.")] = False,
) -> None:
    """Give a credential another name; nobody has to sign in again.

    It copies the secret to the new name and turns the old secret into a pointer, which has the new name and, until it
    expires, the access token. It takes about two minutes, so that a sign-in that has begun can end. If it is
    interrupted, run the same command again.

    Examples:
    - `token-refresher rename acme acme-bing-ads`
    - `token-refresher rename acme acme-bing-ads --pointer-days 60`
    """
    checked_name(new_name, installation.prefix)
    if name == new_name:
        raise bad_input("Both names are the same.", "Choose another new name.")
    for which, one in (("new", new_name), ("old", name)):
        if len(one) > _LONGEST:
            raise bad_input(
                f"The {which} name has {len(one)} characters, and the tags of a rename can hold {_LONGEST}.",
                "Choose a shorter one." if one is new_name else "Add the credential again under a shorter name.",
            )
    with progress(f"Renaming {name}, which takes about two minutes"):
        at_work = Renaming(installation, name, new_name, timedelta(days=pointer_days)).run()
        state, version = Credentials(installation).current(new_name)
        has_policy = _has_policy(installation, name)
    say(f"{name} is {new_name} now.")
    ends_at, until = version.credential.expires_at, installation.clock() + timedelta(days=pointer_days)
    note(f"Consumers must now read {installation.secret_id(new_name)}. The old secret has that name in moved_to.")
    if ends_at is not None:
        note(f"It also has the access token, which expires at {readable_time(ends_at)}: consumers must follow by then.")
    note("Connect links that were sent for the old name no longer work.")
    if has_policy:
        note("The old secret has a resource policy, which is not copied: give the new secret its own.")
    note(f"Keep the pointer until {until:%Y-%m-%d}, then: token-refresher remove {name}")
    if not at_work:
        note(f"It is paused, as it was before. To start the refreshes again: token-refresher resume {new_name}")
        return
    if no_wait:
        note(f"The next tick checks it. To see its status: token-refresher show {new_name}")
        return
    answer = RefreshAnswer.requested(installation, state, timeout)
    answer.check()
    note(answer.message)


def _has_policy(installation: Installation, name: str) -> bool:
    try:
        return installation.secrets.has_policy(name)
    except ServiceUnavailableError:
        return False  # An operator without the right to see a policy did not make one.
