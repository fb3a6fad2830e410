"""What the help costs: it imports no more than a bare Typer, and each command is imported when it is run."""

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import pytest
import typer.main

from local.stack.toolchain import ROOT
from tests.cli.registered import commands
from token_refresher_cli.main import app

_LOADED = """
import json, sys
try:
    {program}
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
_OURS = "from token_refresher_cli.main import main; main()"
_BARE = "import typer; app = typer.Typer(); app.command()(lambda: None); app.callback()(lambda: None); app()"
LIGHT = {"main", "commands", "commands.lazy_group", "commands.where_options", "installation", "installation.where"}
"""The modules of the command that its help needs."""


@cache
def loaded(program: str, *arguments: str, **variables: str) -> frozenset[str]:
    """Return the modules that a process has loaded when it ends."""
    code = _LOADED.format(program=program)
    environment = {**os.environ, **variables, "PYTHONPATH": f"{ROOT / 'layers'}{os.pathsep}{ROOT / 'cli'}"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return frozenset(modules)


def libraries(modules: frozenset[str]) -> set[str]:
    """Return the libraries of modules, without the standard library and this project."""
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    return {top for top in tops if not top.startswith(("_", "token_refresher"))}


def ours(modules: frozenset[str], package: str) -> set[str]:
    """Return the modules of a package, without its name."""
    return {module.removeprefix(f"{package}.") for module in modules if module.startswith(f"{package}.")}


COMPLETION = {"_TOKEN_REFRESHER_COMPLETE": "complete_bash", "COMP_WORDS": "token-refresher re", "COMP_CWORD": "1"}


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        pytest.param(("--help",), {}, id="the help"),
        pytest.param(("--version",), {}, id="the version"),
        pytest.param((), {}, id="no command"),
        pytest.param(("lst",), {}, id="a command that is not there"),
        pytest.param((), COMPLETION, id="the completion of a command"),
    ],
)
def test_what_runs_no_command_loads_no_library_that_a_bare_typer_does_not(
    arguments: tuple[str, ...], variables: Mapping[str, str]
) -> None:
    modules = loaded(_OURS, *arguments, **variables)
    assert libraries(modules) <= libraries(loaded(_BARE, "--help") | loaded(_BARE, "lst"))
    assert ours(modules, "token_refresher_cli") == LIGHT
    assert ours(modules, "token_refresher") == {"base", "base.version"}


def test_a_command_does_not_load_the_others() -> None:
    modules = loaded(_OURS, "pause", "--help")
    assert "token_refresher_cli.commands.pause" in modules
    assert not {f"token_refresher_cli.commands.{other}" for other in ("add", "doctor", "export")} & modules


def test_the_help_lists_each_command_with_the_first_sentence_of_its_own_help() -> None:
    stubs = typer.main.get_command(app).commands  # type: ignore[attr-defined] # It is a group.
    for name, command in commands().items():
        described = inspect.getdoc(command.callback) or ""
        assert stubs[name].help == described.splitlines()[0], name
        assert (stubs[name].rich_help_panel, stubs[name].name) == (command.rich_help_panel, command.name)
