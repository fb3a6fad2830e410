"""``python -m local run | up | down``: what ``make run``, ``make up`` and ``make down`` call."""

import argparse
import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from local.stack import state
from local.stack.ports import PortInUseError, Ports
from local.stack.processes import ProcessFailedError
from local.stack.stack import Progress, running
from local.stack.toolchain import ROOT, CommandFailedError
from local.story import explore
from local.story.story import Story, StoryStoppedError
from token_refresher_cli.shell.terminal import plain_console

RECORDING = ROOT / "build" / "session.md"
"""What the commands of the story printed; docs/session.md is a copy."""


class _StoppedError(BaseException):
    """The user pressed Ctrl-C, or the process received SIGTERM."""


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["run", "up", "down"])
    command = parser.parse_args().command
    console = plain_console()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _raise_stopped)
    try:
        match command:
            case "run":
                return run(console)
            case "up":
                up(console)
            case _:
                return down(console)
    except (PortInUseError, ProcessFailedError, CommandFailedError, ValueError) as error:
        console.print(_failed(error))
        return 1
    except _StoppedError:
        console.print("Stopped.")
        return 130


def run(console: Console) -> int:
    """Run the whole story, print its table, and exit."""
    begun = time.monotonic()
    with running(Ports.from_environment(), _progress(console), {}, more_ticks=True) as stack:
        story = Story(stack, console)
        try:
            story.run()
        except StoryStoppedError as stopped:
            console.print(_failed(f"{stopped}\n  The logs are in {stack.logs}"), soft_wrap=True)
            return 1
        story.session.write(RECORDING)
        console.print()
        console.print(story.table())
        console.print(f"Every step was checked against the AWS APIs. It took {time.monotonic() - begun:.0f} s in all.")
    return 0


def up(console: Console) -> NoReturn:
    """Keep the stack running until the user stops it."""
    ports = Ports.from_environment()
    chosen = {
        "AuthorityUrl": os.environ.get("AUTHORITY_URL"),
        "AdsApiUrl": os.environ.get("ADS_API_URL"),
        "SandboxAdsApiUrl": os.environ.get("SANDBOX_ADS_API_URL"),
    }
    parameters = {name: value for name, value in chosen.items() if value}
    with (
        running(ports, _progress(console), parameters, more_ticks=False) as stack,
        state.recorded(os.getpid(), stack.pids),
    ):
        explore.prepare(stack)
        console.print(explore.guide(stack), soft_wrap=True)
        explore.watch(stack, console)


def down(console: Console) -> int:
    """Stop the stack that ``up`` started."""
    console.print("Stopped." if state.stop_recorded() else "Nothing is running.")
    return 0


def _progress(console: Console) -> Progress:
    def show(step: str) -> None:
        console.print(Text.assemble(("·", "dim"), f" {step}"))

    return show


def _failed(why: object) -> Text:
    return Text.assemble(("✗", "red"), f" {why}")


def _raise_stopped(_signal: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not interrupt the cleanup.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    raise _StoppedError


if __name__ == "__main__":
    sys.exit(main())
