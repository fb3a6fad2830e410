"""Which stack is up: written down, so that ``make down`` finds it, and what it may have left behind."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from local.processes import end_group
from local.toolchain import ROOT

_FILE = ROOT / ".local" / "up.json"
_PATIENCE_SECONDS = 20


@contextmanager
def recorded(pid: int, groups: tuple[int, ...]) -> Iterator[None]:
    """Write down a running stack for as long as it runs."""
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(json.dumps({"pid": pid, "groups": groups}), "utf-8")
    try:
        yield
    finally:
        _FILE.unlink(missing_ok=True)


def stop_recorded() -> bool:
    """End the stack that is written down, and tell whether there was one."""
    if not _FILE.exists():
        return False
    written = json.loads(_FILE.read_text("utf-8"))
    if _signal(written["pid"], signal.SIGTERM):
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while _signal(written["pid"], 0) and time.monotonic() < give_up_at:
            time.sleep(0.1)
    # Only where it was killed outright is anything left.
    for group in written["groups"]:
        end_group(group, signal.SIGKILL)
    _FILE.unlink(missing_ok=True)
    return True


def _signal(pid: int, how: signal.Signals | int) -> bool:
    try:
        os.kill(pid, how)
    except (ProcessLookupError, PermissionError):
        return False
    return True
