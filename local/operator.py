"""An operator who runs the command ``token-refresher`` against a running stack: in a terminal, or from a script."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pexpect

from local.stack import LocalStack
from local.toolchain import ROOT, local_environment

_COMMAND: Final = ("-m", "token_refresher_cli")
_LINES, _COLUMNS = 60, 100
"""The size of the operator's terminal."""
_PATIENCE_SECONDS: Final = 180


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
        """Run one command in a terminal that has no colours, and answer what it asks.

        Args:
            arguments: What stands behind ``token-refresher``.
            answers: What the questions end with, in their order, each with its answer.
        """
        seen = io.StringIO()
        terminal = pexpect.spawn(
            sys.executable,
            [*_COMMAND, *arguments],
            env={**self._environment, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": str(_COLUMNS)},
            encoding="utf-8",
            dimensions=(_LINES, _COLUMNS),
            timeout=_PATIENCE_SECONDS,
        )
        terminal.logfile_read = seen
        try:
            for question, answer in answers:
                terminal.expect_exact(question)
                terminal.sendline(answer)
            terminal.expect(pexpect.EOF)
        except (pexpect.TIMEOUT, pexpect.EOF):
            terminal.close(force=True)
            return Printed(
                -1, seen.getvalue().replace("\r\n", "\n"), "It did not ask what was expected, or did not end."
            )
        terminal.close()
        return Printed(terminal.exitstatus or 0, seen.getvalue().replace("\r\n", "\n"))

    @property
    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(str(ROOT / part) for part in ("layers", "cli"))
        return {**local_environment(self.stack.ports.aws), "PYTHONPATH": path}
