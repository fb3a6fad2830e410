"""Records a session: commands that were really run, and their real output."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.story.operator import Operator, Printed
from local.story.recorded_output import Normalizer


class CommandEndedError(Exception):
    """A command ended with another exit code than expected. The message holds its output."""


@dataclass
class Session:
    """Runs commands one after the other, and records them.

    Attributes:
        operator: Runs the commands.
        show: Called with each command and its output.
        parts: The recording: headings, each with its commands and their output.
    """

    operator: Operator
    show: Callable[[str], None]
    parts: list[tuple[str, list[str]]] = field(default_factory=list)

    def begin(self, heading: str) -> None:
        """Begin a part with a heading."""
        self.parts.append((heading, []))

    def run(self, *arguments: str, answers: Sequence[tuple[str, str]] = (), exit_code: int = 0) -> Printed:
        """Run a command in a terminal, and record it.

        Raises:
            CommandEndedError: The command ended with another exit code.
        """
        printed = self.operator.type(*arguments, answers=answers)
        line = f"$ token-refresher {shlex.join(arguments)}"
        text = f"{line}\n{printed.stdout}"
        self.show(text)
        if printed.exit_code != exit_code:
            raise CommandEndedError(
                f"token-refresher {arguments[0]} ended with {printed.exit_code}: {printed.stdout}{printed.stderr}"
            )
        self.parts[-1][1].append(text)
        return printed

    def markdown(self) -> str:
        """Return the session as a page that is the same for every run."""
        normalizer = Normalizer()
        sections = []
        for heading, texts in self.parts:
            blocks = "\n".join(f"```console\n{normalizer.text(text).rstrip()}\n```\n" for text in texts)
            sections.append(f"## {heading}\n\n{blocks}")
        return "\n".join([_INTRODUCTION, *sections])

    def write(self, path: Path) -> None:
        """Write the page to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown(), "utf-8")


_INTRODUCTION: Final = """\
# A session

The output of the commands, as `make run` ran them on the local stack. Ids, fingerprints, times and invites are replaced
by fixed values, so that this page changes only if the output changes: `make session` records it again, and `make check`
compares.
"""
