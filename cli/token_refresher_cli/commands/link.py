"""``link``: print a connect link for a credential."""

from typing import Annotated

import typer

from token_refresher.credential.default_provider import DEFAULT_PROVIDER
from token_refresher.credential.document import Credential
from token_refresher_cli.commands.arguments import Name
from token_refresher_cli.installation.credentials import Credentials
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.known_providers import KnownProviders
from token_refresher_cli.shell.terminal import note, say


def link(
    installation: Installation,
    name: Name,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in a browser on this machine.")] = False,
) -> None:
    """Print a connect link. A person with access to the account opens it and signs in.

    It works for one sign-in, until it expires. Opening it changes nothing.

    Examples:
    - `token-refresher link acme-bing-ads`
    - `token-refresher link acme-bing-ads --open`
    """
    _, version = Credentials(installation).current(name)
    address = installation.links.make(name, version.credential.consent_generation)
    say(address)
    days = installation.settings.connect_link_lifetime.days
    note(f"Send it to a person {_who(installation, version.credential)}. It works once, within {days} days.")
    if open_it:
        typer.launch(address)


def _who(installation: Installation, credential: Credential) -> str:
    if credential.provider == DEFAULT_PROVIDER:
        return "who can read the advertising account"
    return f"with access to {KnownProviders(installation).words(credential).product}"
