"""The maps of docs/architecture.md: every module is in one, and whatever is in one is there."""

import re

import pytest

from local.toolchain import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
FOLDERS = ["layers/token_refresher", "cli/token_refresher_cli"]


def mapped(folder: str) -> list[str]:
    rows = PAGE.split(f"| concept | module of `{folder}` |", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"`([\w./]+)`", rows)


def modules(folder: str) -> set[str]:
    packages = {f"{path.name}/" for path in (ROOT / folder).iterdir() if path.is_dir() and path.name != "__pycache__"}
    return packages | {path.stem for path in (ROOT / folder).glob("*.py") if not path.stem.startswith("__")}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_is_in_the_map_and_once(folder: str) -> None:
    named = mapped(folder)
    assert sorted(named) == sorted(set(named))
    assert not modules(folder) - set(named)


@pytest.mark.parametrize("folder", FOLDERS)
def test_whatever_is_in_the_map_is_there(folder: str) -> None:
    assert not set(mapped(folder)) - modules(folder)
