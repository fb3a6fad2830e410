"""An operator who runs the command ``token-refresher`` against a running stack, as anybody would in a terminal."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from local.stack import LocalStack
from local.toolchain import ROOT, local_environment

_COLUMNS = 110
"""How wide the operator's terminal is."""


@dataclass(frozen=True)
class Printed:
    """What a command left behind.

    Attributes:
        command: The arguments.
        exit_code: How it ended.
        stdout: Its result.
        stderr: What else it said.
    """

    command: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str

    @property
    def all(self) -> str:
        """Everything that a terminal shows, the result last."""
        return f"{self.stderr}{self.stdout}"


@dataclass(frozen=True)
class Operator:
    """Runs the command; the AWS that it sees is the local one, with the rights of the account's owner."""

    stack: LocalStack

    def run(self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Printed:
        """Run one command to its end.

        Args:
            arguments: What stands behind ``token-refresher``.
            stdin: What is on its standard input.
            variables: More of its environment, where secrets go.
        """
        environment = {
            **local_environment(self.stack.ports.aws),
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("layers", "cli")),
            "COLUMNS": str(_COLUMNS),
            **(variables or {}),
        }
        done = subprocess.run(
            [sys.executable, "-m", "token_refresher_cli", *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Printed(arguments, done.returncode, done.stdout, done.stderr)
