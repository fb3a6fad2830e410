"""Makes the environment of a client: exactly the packages that its file pins, cached in build/recipes."""

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local.stack.toolchain import ROOT, call, tool

REQUIREMENTS: Final = Path(__file__).parent / "requirements"
"""Here, and not in the project's requirements: nothing of the project needs any of these packages."""

ALL_RUN_ON: Final = "3.11"
"""The Python that all of the clients run on; the pins of some are too old for later ones."""

THIS_PYTHON: Final = sys.executable
"""The Python of this process, which is there in any case. Only a client that runs on later ones, too, can use it."""

_CACHE: Final = ROOT / "build" / "recipes"


def programs(name: str, python: str = ALL_RUN_ON) -> Path:
    """Return the folder with the programs of a client's environment, and make the environment if need be.

    Args:
        name: The name of the client.
        python: The Python to make it with, by its version or its path.
    """
    pinned, builders = REQUIREMENTS / f"{name}.txt", REQUIREMENTS / "build.txt"
    used = f"{python} {sys.version}" if python == THIS_PYTHON else python
    state = hashlib.sha256(pinned.read_bytes() + builders.read_bytes() + used.encode()).hexdigest()[:12]
    label = f"{name}.this-python" if python == THIS_PYTHON else name
    folder = _CACHE / f"{label}-{state}"
    with _alone(label):
        if not (folder / "ready").exists():
            for old in _CACHE.glob(f"{label}-*"):
                shutil.rmtree(old)
            _make(folder, python, builders, pinned)
            (folder / "ready").touch()
    return folder / "bin"


def _make(folder: Path, python: str, builders: Path, pinned: Path) -> None:
    uv = tool(".venv", "uv")
    into = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--require-hashes"]
    call([uv, "venv", "--quiet", "--clear", "--python", python, str(folder)], os.environ)
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
