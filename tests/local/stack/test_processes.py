import sys
from pathlib import Path

import psutil
import pytest

from local.stack import state
from local.stack.ports import free_port
from local.stack.processes import Child, ProcessFailedError
from local.stack.waiting import eventually

WAITING = "import threading; threading.Event().wait()"

SLOW_WITH_ONE_ANSWER = """
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
asked, _ = listener.accept()
threading.Event().wait(1.5)
asked.recv(1000)
asked.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
asked.close()
listener.close()
threading.Event().wait()
"""
"""A server whose first answer takes a while, as on a busy machine, and that gives no second one."""


def test_a_child_ends_together_with_the_processes_that_it_started(tmp_path: Path) -> None:
    waits = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {WAITING!r}]).wait()"
    child = Child("parent", [sys.executable, "-c", waits], {}, tmp_path)
    family = eventually(lambda: psutil.Process(child.pid).children())
    assert family
    child.stop()
    assert not psutil.pid_exists(child.pid)
    assert eventually(lambda: not family[0].is_running())


def test_a_child_that_ends_at_its_start_is_reported_with_its_log(tmp_path: Path) -> None:
    child = Child("broken", [sys.executable, "-c", "print('no such setting'); raise SystemExit(3)"], {}, tmp_path)
    with pytest.raises(ProcessFailedError, match=r"(?s)broken ended at its start.*no such setting"):
        child.wait_until_it_answers("http://127.0.0.1:9/")
    child.stop()


def test_a_slow_child_gets_one_request_and_not_many(tmp_path: Path) -> None:
    port = str(free_port())
    child = Child("slow", [sys.executable, "-c", SLOW_WITH_ONE_ANSWER, port], {}, tmp_path)
    assert child.wait_until_it_answers(f"http://127.0.0.1:{port}/") is child
    child.stop()


def test_down_does_not_stop_a_later_process_with_the_same_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_FILE", tmp_path / "up.json")
    stranger = Child("stranger", [sys.executable, "-c", WAITING], {}, tmp_path)
    (tmp_path / "up.json").write_text(f'{{"{stranger.pid}": 1.0}}', "utf-8")
    assert state.stop_recorded()
    assert psutil.pid_exists(stranger.pid)
    stranger.stop()


def test_down_says_when_nothing_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_FILE", tmp_path / "up.json")
    assert not state.stop_recorded()
