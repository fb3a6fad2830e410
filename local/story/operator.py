"""An operator who runs ``token-refresher`` against a running stack, in a terminal or from a script."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pexpect
import pyte

from local.stack.stack import LocalStack
from local.stack.toolchain import ROOT, local_environment
from local.stack.waiting import GENEROUS_SECONDS

_COMMAND: Final = ("-m", "token_refresher_cli")
_LINES, _COLUMNS = 60, 100
"""The size of the operator's terminal."""


_LONGEST_LINE, _SCROLLED = 400, 400
"""The size of the recorded screen: so large that no line is broken and none scrolls away."""


@dataclass(frozen=True)
class _Display:
    """A log for `pexpect` that draws the program's output on a screen."""

    stream: pyte.Stream

    def write(self, text: str) -> None:
        self.stream.feed(text)

    def flush(self) -> None:
        """There is nothing to flush."""


def _text_of(screen: pyte.Screen) -> str:
    """Return the final text of a screen, without what was drawn over."""
    return "\n".join(line.rstrip() for line in screen.display).rstrip() + "\n"


@dataclass(frozen=True)
class Printed:
    """The exit code and the output of a command.

    Attributes:
        exit_code: Its exit code.
        stdout: Its standard output; in a terminal, the whole screen.
        stderr: Its standard error.
    """

    exit_code: int
    stdout: str
    stderr: str = ""


@dataclass(frozen=True)
class Operator:
    """Runs the command on the local AWS, with the permissions of the account's root user."""

    stack: LocalStack

    def run(self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Printed:
        """Run one command from a script.

        Args:
            arguments: The arguments of ``token-refresher``.
            stdin: The text on its standard input.
            variables: More environment variables, for secrets.
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
        """Run one command in a terminal, and answer its questions.

        Args:
            arguments: The arguments of ``token-refresher``.
            answers: A part of each question and its answer, in order.
        """
        screen = pyte.Screen(_LONGEST_LINE, _SCROLLED)
        terminal = pexpect.spawn(
            sys.executable,
            [*_COMMAND, *arguments],
            env={**self._environment, "TERM": "xterm"},
            encoding="utf-8",
            dimensions=(_LINES, _COLUMNS),
            timeout=GENEROUS_SECONDS,
        )
        terminal.logfile_read = _Display(pyte.Stream(screen))
        try:
            for question, answer in answers:
                terminal.expect_exact(question)
                terminal.sendline(answer)
            terminal.expect(pexpect.EOF)
        except (pexpect.TIMEOUT, pexpect.EOF):
            terminal.close(force=True)
            return Printed(-1, _text_of(screen), "It did not ask the expected question, or did not end.")
        terminal.close()
        return Printed(terminal.exitstatus or 0, _text_of(screen))

    @property
    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(str(ROOT / part) for part in ("layers", "cli"))
        return {**local_environment(self.stack.ports.aws), "PYTHONPATH": path}
