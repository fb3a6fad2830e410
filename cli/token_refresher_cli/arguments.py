"""The arguments and options that commands share."""

from enum import StrEnum
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.errors import TokenRefresherError
from token_refresher_cli.credentials import Credentials
from token_refresher_cli.errors import CommandError
from token_refresher_cli.installation import Installation, Where


class Output(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"


def complete_names(context: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a credential; where AWS cannot be asked there is nothing to offer."""
    given = {key: context.params.get(key) for key in ("stack", "profile", "region")}
    try:
        names = Credentials(Installation.find(Where(**given))).names()
    except (BotoCoreError, ClientError, CommandError, TokenRefresherError):
        return []
    return [name for name in names if name.startswith(incomplete)]


Name = Annotated[
    str,
    typer.Argument(help="The name of the credential, without the prefix of its secret.", autocompletion=complete_names),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How to write the result.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
