"""Makes the environment of a client: exactly the packages that its file pins, cached in build/recipes."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.stack.toolchain import ROOT, call, tool

REQUIREMENTS: Final = Path(__file__).parent / "requirements"
"""Here, and not in the project's requirements: nothing of the project needs any of these packages."""

_PYTHON: Final = "3.11"
"""All of the clients run on it; the pins of some are too old for later ones."""

_CACHE: Final = ROOT / "build" / "recipes"


def programs(name: str) -> Path:
    """Return the folder with the programs of a client's environment, and make the environment if need be."""
    pinned, builders = REQUIREMENTS / f"{name}.txt", REQUIREMENTS / "build.txt"
    state = hashlib.sha256(pinned.read_bytes() + builders.read_bytes()).hexdigest()[:12]
    folder = _CACHE / f"{name}-{state}"
    with _alone(name):
        if not (folder / "ready").exists():
            for old in _CACHE.glob(f"{name}-*"):
                shutil.rmtree(old)
            _make(folder, builders, pinned)
            (folder / "ready").touch()
    return folder / "bin"


def _make(folder: Path, builders: Path, pinned: Path) -> None:
    uv = tool(".venv", "uv")
    into = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--require-hashes"]
    call([uv, "venv", "--quiet", "--clear", "--python", _PYTHON, str(folder)], os.environ)
    call([*into, "--no-build", "--requirement", str(builders)], os.environ)
    # Some clients come as source only. No isolation: they are built by what is pinned, and nothing else is fetched.
    call([*into, "--no-build-isolation", "--requirement", str(pinned)], os.environ)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one process at a time make an environment."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
