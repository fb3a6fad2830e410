"""Runs commands from the environments that ``make`` sets up."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"


class CommandFailedError(Exception):
    """A command failed. The message holds its output."""


def tool(environment: str, name: str) -> str:
    """Return the path of a command in one of the project's environments."""
    return str(ROOT / environment / "bin" / name)


def local_environment(aws_port: int) -> dict[str, str]:
    """Return an environment in which AWS tools use the local stack and nothing else.

    The AWS variables of the shell are left out, so that no tool uses a real profile by accident.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    return {
        **kept,
        "AWS_ENDPOINT_URL": f"http://localhost:{aws_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        # "sam build" calls make, and the Makefile of the layers calls the first python3 on the path.
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def call(command: Sequence[str], environment: Mapping[str, str], cwd: Path = ROOT) -> str:
    """Run a command, and return its standard output.

    Raises:
        CommandFailedError: The command failed.
    """
    done = subprocess.run(
        command, env=dict(environment), cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        printed = f"{done.stdout}\n{done.stderr}".strip()
        raise CommandFailedError(f"{' '.join(command[:3])} ended with {done.returncode}:\n{printed}")
    return done.stdout
