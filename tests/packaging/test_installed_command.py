"""The command as an operator installs it: ``pip install .`` into an empty environment."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.toolchain import ROOT, tool
from tests.cli.registered import commands
from token_refresher.base.version import __version__

PACKAGES = {"token_refresher": "layers", "token_refresher_cli": "cli"}
"""The folders of the installed packages' sources."""

IMPORT_ALL = """
import importlib, pkgutil, token_refresher_cli
for module in pkgutil.walk_packages(token_refresher_cli.__path__, "token_refresher_cli."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from token_refresher.diagnosis.diagnosis import diagnose_malformed
"""

pytestmark = pytest.mark.exhaustive  # It installs the command into an environment of its own.


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh environment with the project installed."""
    folder = tmp_path_factory.mktemp("installed")
    # From a copy, because a build leaves files beside the sources.
    for package, parent in PACKAGES.items():
        shutil.copytree(
            ROOT / parent / package, folder / "source" / parent / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    fresh = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", fresh], check=True)
    # With the pinned versions, as in all other tests.
    locked = str(ROOT / "requirements" / "dev.txt")
    pins = ["--constraint", locked, "--build-constraint", locked]
    into = ["--quiet", "--python", str(fresh / "bin" / "python")]
    subprocess.run([tool(".venv", "uv"), "pip", "install", *into, *pins, str(folder / "source")], check=True)
    return fresh


def run(environment: Path, program: str, *arguments: str, **more: str) -> str:
    """Run a program of an environment outside of the project's folder."""
    command = [str(environment / "bin" / program), *arguments]
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(environment), "COLUMNS": "120", **more}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=environment, env=variables)
    return done.stdout


def test_the_installed_command_says_its_version(environment: Path) -> None:
    assert run(environment, "token-refresher", "--version") == f"token-refresher {__version__}\n"


def test_the_help_of_the_installed_command_names_every_command(environment: Path) -> None:
    shown = run(environment, "token-refresher", "--help")
    names = list(commands())
    assert names
    assert not [name for name in names if f" {name} " not in shown]


def test_the_command_works_in_a_terminal_that_takes_only_ascii(environment: Path) -> None:
    """A monitor may run in one; the help has bullets, and the doctor has check marks."""
    shown = run(environment, "token-refresher", "doctor", "--help", PYTHONIOENCODING="ascii")
    assert "token-refresher doctor --only people" in shown


def test_everything_that_the_command_imports_is_installed_with_it(environment: Path) -> None:
    run(environment, "python", "-I", "-W", "error", "-c", IMPORT_ALL)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_the_sources_is_installed(environment: Path, package: str) -> None:
    [installed] = environment.glob(f"lib/python*/site-packages/{package}")
    assert files(installed) == files(ROOT / PACKAGES[package] / package)


def files(folder: Path) -> set[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in paths if "__pycache__" not in path.parts}
