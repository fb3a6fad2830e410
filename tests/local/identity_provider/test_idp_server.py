"""The server listens on loopback only, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from local.identity_provider.__main__ import main
from local.identity_provider.app import create_app
from local.identity_provider.server import listening, running

ROOT = Path(__file__).parents[3]


def test_a_stopped_server_leaves_no_thread_and_no_listener() -> None:
    before = set(threading.enumerate())
    with running() as url:
        assert requests.get(f"{url}/health", timeout=10).status_code == 200
    assert [one for one in set(threading.enumerate()) - before if one.name == "identity-provider"] == []
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/health", timeout=10)


def test_it_does_not_listen_to_the_network() -> None:
    with pytest.raises(ValueError, match=r"0\.0\.0\.0 is not loopback"), listening(create_app(), "0.0.0.0"):  # noqa: S104  # The test is about the refusal.
        pass


def test_a_port_in_use_is_reported_in_one_line_with_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with running() as url:
        port = urlsplit(url).port
        assert main(["--port", str(port)]) == 2
    printed = capsys.readouterr().err
    assert printed == (f"Port {port} on 127.0.0.1 is in use: stop what listens there, or choose another --port.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "local.identity_provider", "--port", "0"]
    command += ["--client-id", "an-app", "--redirect-uri", "http://localhost:8080/callback"]
    with subprocess.Popen(  # The module of this repository.
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[4].rstrip(";")
        journal = requests.get(f"{url}/_control/apps/an-app/journal", timeout=10)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert (journal.json(), process.returncode, errors) == ([], 0, "")
