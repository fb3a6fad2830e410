"""The options that choose the installation. The help loads this module, so it imports nothing that AWS needs."""

from typing import Annotated

import typer

from token_refresher_cli.installation.where import DEFAULT_STACK

_PANEL = "Which installation"

Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="TOKEN_REFRESHER_STACK",
        help="Name of the stack.",
        show_default=DEFAULT_STACK,
        rich_help_panel=_PANEL,
    ),
]
Profile = Annotated[
    str | None, typer.Option("--profile", help="AWS profile, as in the AWS CLI.", rich_help_panel=_PANEL)
]
Region = Annotated[str | None, typer.Option("--region", help="AWS Region, as in the AWS CLI.", rich_help_panel=_PANEL)]
