"""The built functions and layers, and the interpreter that runs them as Lambda does."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from local.stack.toolchain import ROOT
from tests.bench.certificate import Certificate

LAYERS: Final = ("PackageLayer", "DependenciesLayer")


def python() -> Path:
    """Return an interpreter with boto3 and without the packages of the project: the runtime's Python, if it is here."""
    return next(path for name in ("runtime", "aws") if (path := ROOT / f".venv-{name}/bin/python").exists())


@cache
def versions() -> dict[str, str]:
    """Return the versions of that interpreter and of its boto3."""
    script = "import boto3, json, platform; print(json.dumps([platform.python_version(), boto3.__version__]))"
    done = subprocess.run([python(), "-I", "-c", script], capture_output=True, text=True, check=True)
    number, boto3 = json.loads(done.stdout)
    return {"Python of the functions": number, "boto3": boto3}


@dataclass(frozen=True)
class Built:
    """A copy of the output of ``make build``."""

    folder: Path

    def app(self, function: str) -> str:
        """Return the file of a function."""
        return str(self.folder / f"{function.capitalize()}Function" / "app.py")

    def path(self) -> list[str]:
        """Return the folders from which a function imports."""
        return [str(self.folder / layer / "python") for layer in LAYERS]


def copies(build: Path, folder: Path, certificate: Certificate) -> tuple[Built, Built]:
    """Copy what was built, once with the bytecode of the interpreter that runs it, and once without bytecode.

    The copies trust the certificate, beside those that certifi has.
    """
    made = Built(folder / "compiled"), Built(folder / "plain")
    for copy in made:
        shutil.rmtree(copy.folder, ignore_errors=True)
        shutil.copytree(build, copy.folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copyfile(certificate.bundle, copy.folder / "DependenciesLayer/python/certifi/cacert.pem")
    subprocess.run([python(), ROOT / "tools/bytecode.py", made[0].folder], check=True)
    return made


def environment(endpoint: str, authority: str, certificate: Certificate) -> Mapping[str, str]:
    """Return the environment of a function whose AWS and whose authority are at these URLs."""
    machine = {name: value for name, value in os.environ.items() if not name.endswith("_CA_BUNDLE")}
    return {
        **machine,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CA_BUNDLE": str(certificate.bundle),
        "AUTHORITY_URL": authority,
        "NO_PROXY": "*",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


def run(script: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Any, float]:
    """Run a script in a process of its own.

    Returns:
        The JSON that the script writes to its standard error, and its processor time in milliseconds, user and system.
    """
    process = subprocess.Popen(
        [python(), "-I", "-B", "-c", script, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    return json.loads(said.splitlines()[-1]), (usage.ru_utime + usage.ru_stime) * 1000
