"""A group of commands that imports the module of a command only to run it, or to show its own help.

Importing all commands takes four times as long as a bare Typer, most of it for boto3. The list of the commands, their
completion and the version need none of that (docs/decisions/0054-the-command-at-fleet-size.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class HelpLine:
    """A command, as the help lists it.

    Attributes:
        panel: The heading that it stands under.
        module: Its module in `token_refresher_cli.commands`.
        function: The function in that module.
        text: The first sentence of its help.
    """

    panel: str
    module: str
    function: str
    text: str


class _Stub(TyperCommand):
    """Stands for a command until it is run."""

    def __init__(self, name: str, line: HelpLine) -> None:
        super().__init__(name, help=line.text, rich_help_panel=line.panel, rich_markup_mode="markdown")
        self._line = line

    @cached_property
    def loaded(self) -> TyperCommand:
        """The command itself; its module is imported."""
        # Not at the top: this module imports what every command needs of AWS.
        build = import_module("token_refresher_cli.commands.command").built
        module = import_module(f"token_refresher_cli.commands.{self._line.module}")
        command: TyperCommand = build(self.name, self._line.panel, getattr(module, self._line.function))
        return command


class LazyGroup(TyperGroup):
    """A group whose commands are listed with their summaries, and imported when they are run."""

    lines: ClassVar[Mapping[str, HelpLine]]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._stubs = {name: _Stub(name, line) for name, line in self.lines.items()}
        self.commands.update(self._stubs)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that a command line calls, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.loaded if isinstance(command, _Stub) else command, rest

    def loaded(self) -> dict[str, TyperCommand]:
        """Import every command, and return them by name."""
        return {name: stub.loaded for name, stub in self._stubs.items()}
