"""The file that says which stack is up, so that ``make down`` can stop it and what it may have left behind."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from local.stack.processes import end_group
from local.stack.toolchain import ROOT
from local.stack.waiting import eventually

_FILE = ROOT / ".local" / "up.json"
_PATIENCE_SECONDS = 20


@contextmanager
def recorded(pid: int, groups: tuple[int, ...]) -> Iterator[None]:
    """Keep the process ids of a running stack in the file while it runs."""
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(json.dumps({str(known): _born(known) for known in (pid, *groups)}), "utf-8")
    try:
        yield
    finally:
        _FILE.unlink(missing_ok=True)


def stop_recorded() -> bool:
    """Stop the stack in the file, and return whether there was one."""
    if not _FILE.exists():
        return False
    written: dict[str, float | None] = json.loads(_FILE.read_text("utf-8"))
    stack, *groups = ((int(pid), born) for pid, born in written.items())
    if _is_still(*stack):
        os.kill(stack[0], signal.SIGTERM)
        eventually(lambda: not _is_still(*stack), _PATIENCE_SECONDS)
    # If the stack was killed, its process groups are left.
    for group, born in groups:
        if _is_still(group, born):
            end_group(group, signal.SIGKILL)
    _FILE.unlink(missing_ok=True)
    return True


def _is_still(pid: int, born: float | None) -> bool:
    """Return whether an id still belongs to the process in the file, and not to a later one."""
    return born is not None and _born(pid) == born


def _born(pid: int) -> float | None:
    """Return when a process began, or ``None`` if there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None
