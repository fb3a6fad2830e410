"""Arguments and options that several commands share."""

from typing import Annotated

import typer

from token_refresher.base.errors import TokenRefresherError
from token_refresher.providers.catalogue.builtin import builtin_names
from token_refresher_cli.installation.explanations import NOT_DONE
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.where import Where
from token_refresher_cli.shell.errors import CommandError
from token_refresher_cli.shell.terminal import Output


def complete_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names that complete a credential's name; none if AWS does not answer."""
    given = {key: context.params.get(key) for key in ("stack", "profile", "region")}
    try:
        secrets = Installation.find(Where(**given)).secrets.all(incomplete)
    except (*NOT_DONE, CommandError, TokenRefresherError):
        return []
    names = sorted(secret.name for secret in secrets if secret.moved_to is None)
    return [name for name in names if name.startswith(incomplete)]


def complete_providers(incomplete: str) -> list[str]:
    """Return the names of the catalogue that complete a provider's name."""
    return [name for name in builtin_names() if name.startswith(incomplete)]


Name = Annotated[
    str,
    typer.Argument(help="Name of the credential, without the prefix of its secret.", autocompletion=complete_names),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Names of credentials; all if none is given.", autocompletion=complete_names),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Format of the result.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
