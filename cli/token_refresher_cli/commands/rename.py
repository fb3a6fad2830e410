"""``rename``: give a credential another name."""

from datetime import timedelta
from typing import Annotated, Final

import typer
from botocore.exceptions import ClientError

from token_refresher.clock import readable_time
from token_refresher_cli.arguments import Name
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.ending import RefreshEnding
from token_refresher_cli.errors import bad_input
from token_refresher_cli.installation import Installation
from token_refresher_cli.on_demand import Timeout
from token_refresher_cli.renaming import Renaming
from token_refresher_cli.secret_name import checked_name
from token_refresher_cli.terminal import note, progress, say

_LONGEST: Final = 256
"""Each name becomes the value of a tag.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html
"""


def rename(
    installation: Installation,
    name: Name,
    new_name: Annotated[str, typer.Argument(help="The name from now on, without the prefix.")],
    *,
    pointer_days: Annotated[
        int,
        typer.Option("--pointer-days", min=1, max=365, metavar="DAYS", help="For how long the pointer is to be kept."),
    ] = 30,
    timeout: Timeout = 120,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the first refresh.")] = False,
) -> None:
    """Give a credential another name; nobody has to sign in again.

    Its secret is copied to the new name, and the old secret becomes a pointer: consumers find there where to read from
    now on, and the access token for as long as it lives. It takes about two minutes, so that somebody who is signing in
    comes to an end. A run that was cut short is finished by the same command.

    Examples:
    - `token-refresher rename acme acme-bing-ads`
    - `token-refresher rename acme acme-bing-ads --pointer-days 60`
    """
    checked_name(new_name, installation.prefix)
    if name == new_name:
        raise bad_input("Both names are the same.", "Say another new name.")
    for which, one in (("new", new_name), ("old", name)):
        if len(one) > _LONGEST:
            raise bad_input(
                f"The {which} name has {len(one)} characters, and the tags of a renaming can hold {_LONGEST}.",
                "Choose a shorter one." if one is new_name else "Add it anew, under a shorter one.",
            )
    with progress(f"Renaming {name}, which takes about two minutes"):
        at_work = Renaming(installation, name, new_name, timedelta(days=pointer_days)).run()
        state, version = Credentials(installation).current(new_name)
        has_policy = _has_policy(installation, name)
    say(f"{name} is {new_name} now.")
    ends_at, until = version.credential.expires_at, installation.clock() + timedelta(days=pointer_days)
    note(f"Consumers are to read {installation.secret_id(new_name)}. The old secret says so under moved_to.")
    if ends_at is not None:
        note(f"It also has the access token until that ends, at {readable_time(ends_at)}: they must follow by then.")
    note("Connect links that were sent for the old name no longer work.")
    if has_policy:
        note("The old secret has a resource policy, which is not carried over: give the new one its own.")
    note(f"Keep the pointer until {until:%Y-%m-%d}, then: token-refresher remove {name}")
    if not at_work:
        note(f"It is paused, as it was before. To set it to work: token-refresher resume {new_name}")
        return
    if no_wait:
        note(f"It is looked at with the next tick. To see how it is: token-refresher show {new_name}")
        return
    ending = RefreshEnding.asked_for(installation, state, timeout)
    ending.check()
    note(ending.message)


def _has_policy(installation: Installation, name: str) -> bool:
    try:
        return bool(
            installation.secrets.get_resource_policy(SecretId=installation.secret_id(name)).get("ResourcePolicy")
        )
    except ClientError:
        return False  # Who may not see it did not make it.
