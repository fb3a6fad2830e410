"""Measures the command at fleet size: time, memory and calls to AWS, and what its help costs beside a bare Typer.

``python -m tests.bench.commands`` prints the figures; ``run`` and ``help_costs`` return them. AWS is
`tests.bench.fleet_server` on loopback, which answers each call after 15 ms.
"""

import argparse
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import requests
from rich.table import Table

from local.stack.toolchain import ROOT
from tests.bench.fleet_server import COUNTS
from token_refresher_cli.shell.terminal import plain_console

SIZES: Final = (1_000, 10_000)

_CHECKS: Final = ("secrets", "people", "duplicates", "client-secrets", "refresh-tokens", "pointers")
"""The checks of ``doctor`` that read the fleet and nothing else."""

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "list": ("list",),
    "list --output json": ("list", "--output", "json"),
    "export": ("export",),
    "doctor": ("doctor", *(word for check in _CHECKS for word in ("--only", check))),
}
_MAIN: Final = "from token_refresher_cli.main import main; main()"
_BARE: Final = """
import typer
app = typer.Typer()
@app.command()
def first(name: str) -> None:
    pass
@app.command()
def second(name: str) -> None:
    pass
app()
"""


@dataclass(frozen=True)
class CommandRun:
    """What one command costs.

    Attributes:
        command: The command.
        credentials: The size of the fleet.
        seconds: The time until it ends; the median.
        processor_seconds: Its processor time, user and system; the median.
        megabytes: The most memory that its process had.
        calls: Its calls to AWS, by operation.
        first_row_seconds: The time until a terminal shows the first row; ``None`` for what prints no rows.
    """

    command: str
    credentials: int
    seconds: float
    processor_seconds: float
    megabytes: float
    calls: Mapping[str, int]
    first_row_seconds: float | None


@dataclass(frozen=True)
class HelpCosts:
    """The processor time of ``--help`` in milliseconds; medians.

    Attributes:
        ours: That of the command.
        bare: That of a Typer with two commands that do nothing.
    """

    ours: float
    bare: float


@dataclass(frozen=True)
class _Ended:
    """What a process used: seconds, seconds, megabytes."""

    seconds: float
    processor_seconds: float
    megabytes: float


def run(
    sizes: Sequence[int] = SIZES, times: int = 3, tree: Path = ROOT, commands: Sequence[str] = tuple(COMMANDS)
) -> list[CommandRun]:
    """Measure every command on fleets of these sizes.

    Args:
        sizes: How many credentials there are.
        times: How often each command runs; the median counts.
        tree: The folder of the sources that are measured: another one gives the figures of another version.
        commands: Which of `COMMANDS` to run.
    """
    found = []
    for size in sizes:
        with _fleet(size) as url:
            environment = _environment(tree, url)
            for name in commands:
                arguments = COMMANDS[name]
                _counts(url)
                ended = [_run(environment, "-c", _MAIN, *arguments) for _ in range(times)]
                calls = {operation: number // times for operation, number in sorted(_counts(url).items())}
                first = _first_row(environment, *arguments) if name == "list" else None
                found.append(
                    CommandRun(
                        name,
                        size,
                        median(one.seconds for one in ended),
                        median(one.processor_seconds for one in ended),
                        max(one.megabytes for one in ended),
                        calls,
                        first,
                    )
                )
    return found


def help_costs(times: int = 5, tree: Path = ROOT) -> HelpCosts:
    """Measure ``--help`` and that of a bare Typer, in turn."""
    environment = _environment(tree, "")
    pairs = [(_run(environment, "-c", _MAIN, "--help"), _run(environment, "-c", _BARE, "--help")) for _ in range(times)]
    ours, bare = (median(pair[at].processor_seconds for pair in pairs) * 1000 for at in (0, 1))
    return HelpCosts(ours, bare)


@contextmanager
def _fleet(size: int) -> Iterator[str]:
    """Start the stand-in for AWS, and yield its URL."""
    command = [sys.executable, "-m", "tests.bench.fleet_server", str(size)]
    with subprocess.Popen(
        command, cwd=ROOT, env=_environment(ROOT, ""), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def _environment(tree: Path, url: str) -> dict[str, str]:
    """Return the environment of an operator whose AWS is the stand-in."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in (tree / "layers", tree / "cli", ROOT)),
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "TERM": "xterm",
        "COLUMNS": "160",
        "LINES": "40",
    }


def _counts(url: str) -> dict[str, int]:
    counts: dict[str, int] = requests.get(f"{url}{COUNTS}", timeout=5).json()
    return counts


def _run(environment: Mapping[str, str], *command: str) -> _Ended:
    """Run Python until it ends."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    # The exit code of doctor is 10 or 11 if it found something.
    assert process.returncode in {0, 10, 11}, said.decode()
    return _Ended(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _first_row(environment: Mapping[str, str], *arguments: str) -> float:
    """Run a command in a terminal, and return the seconds until a credential appears."""
    ours, its = pty.openpty()
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _MAIN, *arguments], env=environment, stdin=its, stdout=its, stderr=its
    ) as process:
        os.close(its)
        seen, first = b"", 0.0
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                seen = seen[-100:] + os.read(ours, 65_536)
            except OSError:  # The terminal is closed with its last process.
                break
            if not first and b"client-0" in seen:
                first = time.perf_counter() - started
    os.close(ours)
    assert first, "No credential was shown."
    return first


def table(runs: Sequence[CommandRun]) -> Table:
    """Return the figures as a table for people."""
    shown = Table("command", "credentials", "s", "processor s", "MB", "first row, s", "calls to AWS")
    for one in runs:
        first = "" if one.first_row_seconds is None else f"{one.first_row_seconds:.2f}"
        calls = f"{sum(one.calls.values())}: " + ", ".join(f"{number} {name}" for name, number in one.calls.items())
        figures = (f"{one.seconds:.2f}", f"{one.processor_seconds:.2f}", f"{one.megabytes:.0f}", first)
        shown.add_row(one.command, str(one.credentials), *figures, calls)
    return shown


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="sizes of the fleet")
    parser.add_argument("--times", type=int, default=3, help="how often each command runs")
    parser.add_argument("--tree", type=Path, default=ROOT, help="sources of another version")
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=list(COMMANDS), help="which commands")
    given = parser.parse_args()
    console = plain_console(width=200)
    costs = help_costs(tree=given.tree)
    console.print(f"--help: {costs.ours:.0f} ms of processor time, a bare Typer: {costs.bare:.0f} ms")
    console.print(table(run(given.sizes, given.times, given.tree, given.commands)))


if __name__ == "__main__":
    main()
