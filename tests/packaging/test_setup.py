"""The setup of a machine: every package from a registry is pinned, and its hash is checked."""

import re
import tomllib
from typing import Final

import pytest

from local.stack.toolchain import ROOT

MAKEFILES: Final = ["Makefile", "layers/Makefile", "functions/Makefile"]
LOCKED: Final = [
    "layers/requirements.txt",
    *(f"requirements/{name}.txt" for name in ("uv", "dev", "sam", "aws", "bench", "bench-source")),
]

RECIPES: Final = sorted((ROOT / "local" / "recipes" / "requirements").glob("*.txt"))


def installs() -> list[str]:
    """Return the commands of the Makefiles that install packages."""
    text = "\n".join((ROOT / name).read_text("utf-8") for name in MAKEFILES).replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if re.search(r"pip (?:install|sync)\b", line)]


def requirements(name: str) -> list[str]:
    """Return the requirements of a locked file, each with its hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_packages_are_installed_in_eight_places() -> None:
    """The installer, the locked packages of four kinds, what has no wheel, this tree with the reader, and the layer."""
    assert len(installs()) == 8


@pytest.mark.parametrize("command", installs())
def test_an_installed_package_has_a_hash_or_is_this_tree(command: str) -> None:
    if command.endswith("--editable . --editable client"):
        # Nothing is fetched: its dependencies and its build back end are installed already.
        assert {"--no-deps", "--no-build-isolation"} <= set(command.split())
    else:
        assert "--require-hashes" in command
        # A source distribution would be built with the newest build tools of the day, unless they are those installed.
        assert re.search(r"--no-build\b(?!-)|--only-binary[ =]:all:|--no-build-isolation", command)


@pytest.mark.parametrize("name", [*LOCKED, *(path.relative_to(ROOT).as_posix() for path in RECIPES)])
def test_a_locked_requirement_is_one_version_with_hashes(name: str) -> None:
    for requirement in requirements(name):
        assert re.match(r"[A-Za-z0-9._-]+(?:\[[a-z,]+\])?==[^ ;]+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_the_build_back_end_and_the_installer_are_locked() -> None:
    projects = [tomllib.loads((ROOT / name).read_text("utf-8")) for name in ("pyproject.toml", "client/pyproject.toml")]
    backends = [backend for project in projects for backend in project["build-system"]["requires"]]
    locked = {line.partition("==")[0] for line in requirements("requirements/dev.txt")}
    assert {re.split(r"[<>=~ ]", backend)[0] for backend in backends} <= locked
    assert [line.partition("==")[0] for line in requirements("requirements/uv.txt")] == ["uv"]


def test_the_clients_of_the_recipes_are_locked() -> None:
    assert [path.with_suffix(".txt") for path in sorted(RECIPES[0].parent.glob("*.in"))] == RECIPES


def test_every_locked_file_is_renewed_by_make_lock() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nlock:")[2].partition("\n\n")[0]
    assert "layers/requirements.txt" in recipe
    names = re.search(r"for name in ([a-z ]+);", recipe)
    assert names
    renewed = {f"requirements/{name}.txt" for name in names[1].split()} | {"layers/requirements.txt"}
    assert renewed | set(re.findall(r"requirements/[a-z-]+\.txt", recipe)) == set(LOCKED)
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "requirements").glob("*.txt")} < set(LOCKED)
