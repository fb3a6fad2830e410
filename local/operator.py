"""An operator who runs the command ``token-refresher`` against a running stack: in a terminal, or from a script."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pexpect
import pyte

from local.stack import LocalStack
from local.toolchain import ROOT, local_environment

_COMMAND: Final = ("-m", "token_refresher_cli")
_LINES, _COLUMNS = 60, 100
"""The size of the operator's terminal."""
_PATIENCE_SECONDS: Final = 180


_LONGEST_LINE, _SCROLLED = 400, 400
"""What is kept of what was seen: nothing of it is to be broken or to scroll away."""


@dataclass(frozen=True)
class _Display:
    """Takes what a program writes to its terminal, as `pexpect` writes it to a log."""

    stream: pyte.Stream

    def write(self, text: str) -> None:
        self.stream.feed(text)

    def flush(self) -> None:
        """There is nothing to flush."""


def _shown(screen: pyte.Screen) -> str:
    """Return what is on a screen at the end, without what was drawn over."""
    return "\n".join(line.rstrip() for line in screen.display).rstrip() + "\n"


@dataclass(frozen=True)
class Printed:
    """What a command left behind.

    Attributes:
        exit_code: How it ended.
        stdout: Its result; in a terminal, everything that was seen.
        stderr: What else it said.
    """

    exit_code: int
    stdout: str
    stderr: str = ""


@dataclass(frozen=True)
class Operator:
    """Runs the command; the AWS that it sees is the local one, with the rights of the account's owner."""

    stack: LocalStack

    def run(self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Printed:
        """Run one command from a script.

        Args:
            arguments: What stands behind ``token-refresher``.
            stdin: What is on its standard input.
            variables: More of its environment, where secrets go.
        """
        done = subprocess.run(
            [sys.executable, *_COMMAND, *arguments],
            input=stdin,
            env={**self._environment, **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        return Printed(done.returncode, done.stdout, done.stderr)

    def type(self, *arguments: str, answers: Sequence[tuple[str, str]] = ()) -> Printed:
        """Run one command in a terminal, and answer what it asks.

        Args:
            arguments: What stands behind ``token-refresher``.
            answers: What the questions end with, in their order, each with its answer.
        """
        screen = pyte.Screen(_LONGEST_LINE, _SCROLLED)
        terminal = pexpect.spawn(
            sys.executable,
            [*_COMMAND, *arguments],
            env={**self._environment, "TERM": "xterm"},
            encoding="utf-8",
            dimensions=(_LINES, _COLUMNS),
            timeout=_PATIENCE_SECONDS,
        )
        terminal.logfile_read = _Display(pyte.Stream(screen))
        try:
            for question, answer in answers:
                terminal.expect_exact(question)
                terminal.sendline(answer)
            terminal.expect(pexpect.EOF)
        except (pexpect.TIMEOUT, pexpect.EOF):
            terminal.close(force=True)
            return Printed(-1, _shown(screen), "It did not ask what was expected, or did not end.")
        terminal.close()
        return Printed(terminal.exitstatus or 0, _shown(screen))

    @property
    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(str(ROOT / part) for part in ("layers", "cli"))
        return {**local_environment(self.stack.ports.aws), "PYTHONPATH": path}
