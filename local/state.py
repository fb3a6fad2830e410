"""Which stack is up: written down, so that ``make down`` finds it, and what it may have left behind."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from local.patience import eventually
from local.processes import end_group
from local.toolchain import ROOT

_FILE = ROOT / ".local" / "up.json"
_PATIENCE_SECONDS = 20


@contextmanager
def recorded(pid: int, groups: tuple[int, ...]) -> Iterator[None]:
    """Write down a running stack for as long as it runs."""
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(json.dumps({str(known): _born(known) for known in (pid, *groups)}), "utf-8")
    try:
        yield
    finally:
        _FILE.unlink(missing_ok=True)


def stop_recorded() -> bool:
    """End the stack that is written down, and tell whether there was one."""
    if not _FILE.exists():
        return False
    written: dict[str, float | None] = json.loads(_FILE.read_text("utf-8"))
    stack, *groups = ((int(pid), born) for pid, born in written.items())
    if _is_still(*stack):
        os.kill(stack[0], signal.SIGTERM)
        eventually(lambda: None if _is_still(*stack) else True, _PATIENCE_SECONDS)
    # Only where it was killed outright is anything left.
    for group, born in groups:
        if _is_still(group, born):
            end_group(group, signal.SIGKILL)
    _FILE.unlink(missing_ok=True)
    return True


def _is_still(pid: int, born: float | None) -> bool:
    """Tell whether an id is still that of the process that was written down, and not of another one since."""
    return born is not None and _born(pid) == born


def _born(pid: int) -> float | None:
    """Return when a process began, or ``None`` when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None
