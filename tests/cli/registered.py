"""The commands as Typer knows them."""

from functools import cache
from typing import TYPE_CHECKING, cast

import typer.main
from typer.core import TyperCommand

from token_refresher_cli.main import app

if TYPE_CHECKING:
    from token_refresher_cli.commands.lazy_group import LazyGroup


@cache
def commands() -> dict[str, TyperCommand]:
    """Return every command by its name, imported."""
    return cast("LazyGroup", typer.main.get_command(app)).loaded()
