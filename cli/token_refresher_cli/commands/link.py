"""``link``: a connect link for a credential."""

from typing import Annotated

import typer

from token_refresher_cli.arguments import Name
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.installation import Installation
from token_refresher_cli.terminal import note, say


def link(
    installation: Installation,
    name: Name,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in a browser of this machine.")] = False,
) -> None:
    """Print a connect link: whoever may read the advertising account opens it and signs in.

    It works until a sign-in with it has succeeded, or its time is over. Opening it changes nothing.

    Examples:
    - `token-refresher link acme-bing-ads`
    - `token-refresher link acme-bing-ads --open`
    """
    _, version = Credentials(installation).current(name)
    address = installation.links.make(name, version.credential.consent_generation)
    say(address)
    days = installation.settings.connect_link_lifetime.days
    note(f"Send it to whoever may read the advertising account. It works once, for {days} days at the most.")
    if open_it:
        typer.launch(address)
