"""The shipped bytecode: for this Python, reproducible, and with the file names of Lambda."""

import importlib.util
import marshal
import os
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest

from local.stack.toolchain import ROOT

SOURCE = "def handler():\n    return 'a page'\n"
FLAGS = slice(4, 8)
CODE = slice(16, None)
UNCHECKED = (0b01).to_bytes(4, "little")
"""The flags of PEP 552 for an unchecked hash of the source."""


def built(folder: Path, name: str, modified_at: int) -> Path:
    """Return the bytecode of one file of a layer or a function."""
    source = folder / name / "python" / "package" / "module.py"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE, "utf-8")
    os.utime(source, (modified_at, modified_at))
    subprocess.run([sys.executable, ROOT / "tools" / "bytecode.py", folder], check=True)
    return Path(importlib.util.cache_from_source(str(source)))


@pytest.mark.parametrize(("name", "seen_as"), [("PackageLayer", "/opt"), ("RefreshFunction", "/var/task")])
def test_a_traceback_has_the_file_name_of_lambda(tmp_path: Path, name: str, seen_as: str) -> None:
    code = marshal.loads(built(tmp_path, name, 1).read_bytes()[CODE])  # noqa: S302 - It was compiled just now.
    assert isinstance(code, CodeType)
    assert code.co_filename == f"{seen_as}/python/package/module.py"


def test_lambda_never_compares_it_with_its_source(tmp_path: Path) -> None:
    assert built(tmp_path, "PackageLayer", 1).read_bytes()[FLAGS] == UNCHECKED


def test_the_same_sources_give_the_same_bytes_at_every_place_and_time(tmp_path: Path) -> None:
    one, other = built(tmp_path / "one", "PackageLayer", 1), built(tmp_path / "other", "PackageLayer", 2_000_000_000)
    assert one.read_bytes() == other.read_bytes()


def test_a_source_that_does_not_compile_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "PackageLayer").mkdir()
    (tmp_path / "PackageLayer" / "broken.py").write_text("def", "utf-8")
    done = subprocess.run([sys.executable, ROOT / "tools" / "bytecode.py", tmp_path], capture_output=True, check=False)
    assert done.returncode == 1
