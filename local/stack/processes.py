"""Child processes that end together with this one, and their log files."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from local.stack.waiting import GENEROUS_SECONDS

_ANSWER_SECONDS = 60
"""How long one request may take. More, shorter ones would only load a busy machine further."""


class ProcessFailedError(Exception):
    """A process ended, or did not answer in time. The message holds the end of its log."""


class Child:
    """One process in its own process group, so that the processes that it starts end with it.

    Args:
        name: Its name in messages, and the name of its log.
        command: The program and its arguments.
        environment: Its whole environment.
        logs: The folder for its log.
    """

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process and of its group."""
        return self._process.pid

    def wait_until_it_answers(self, url: str) -> Self:
        """Wait until a URL answers with success.

        Raises:
            ProcessFailedError: The process ended, or did not answer within `GENEROUS_SECONDS`.
        """
        give_up_at = time.monotonic() + GENEROUS_SECONDS
        while time.monotonic() < give_up_at:
            if self._process.poll() is not None:
                raise ProcessFailedError(f"{self.name} ended at its start. Its log says:\n{self.log_tail()}")
            try:
                with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise ProcessFailedError(f"{self.name} did not answer at {url}. Its log says:\n{self.log_tail()}")

    def log_tail(self, lines: int = 20) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """Stop the process and its group: with SIGTERM first, then with SIGKILL."""
        end_group(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        # What is left of the group, including the process itself.
        end_group(self.pid, signal.SIGKILL)
        self._process.wait(timeout=5)


def end_group(pid: int, how: signal.Signals) -> None:
    """Send a signal to a process group, if it still exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, how)
