"""Measures cold starts: the processor time of a process that loads a function and handles one event.

AWS is a server on loopback that replays moto's answers, so that neither a network nor moto is measured. The result is
compared with a process that makes one call with a bare boto3 client, and with one that makes the same calls to AWS
without the code of the product.
"""

import io
import json
import logging
import os
import runpy
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import parse_qs

import boto3
from botocore import xform_name
from rich.table import Table

from local.identity_provider.app import create_app
from local.identity_provider.server import listening
from local.stack.toolchain import ROOT
from tests.bench.account import account
from tests.local.identity_provider.client_app import ClientApp, Clock
from token_refresher.entrypoints import clients, people
from token_refresher.entrypoints.callback import callback_routes
from token_refresher.entrypoints.dispatch import dispatch_service
from token_refresher.entrypoints.refresh import refresh_service

CREDENTIAL: Final = "example"
"""The credential of the sample events."""
EVENTS: Final = {
    "dispatch": "dispatch/tick.json",
    "refresh": "refresh/one_credential.json",
    "callback": "callback/landing.json",
}
"""The sample event that each function handles."""

LAYERS: Final = ("PackageLayer", "DependenciesLayer")
PYTHON: Final = ROOT / ".venv-aws/bin/python"
"""An interpreter with boto3, as in Lambda, and without the packages of the project."""

_BARE: Final = """
import boto3
from botocore import xform_name
boto3.client("secretsmanager").list_secrets()
"""

_SAME_CALLS: Final = """
import json, sys
import boto3
from botocore import xform_name
clients = {}
for service, operation, arguments in json.load(open(sys.argv[1])):
    if service not in clients:
        clients[service] = boto3.client(service)
    getattr(clients[service], operation)(**arguments)
"""

_FUNCTION: Final = """
import json, runpy, sys
sys.path[:0] = sys.argv[3:]
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "bench", 512, "bench"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    def get_remaining_time_in_millis(self):
        return 60000
runpy.run_path(sys.argv[1])["handler"](json.load(open(sys.argv[2])), Context())
"""


Answer = tuple[int, str, bytes]
"""The status, the type and the body of an answer of AWS."""


class Context:
    """Lambda's context of an invocation."""

    function_name, memory_limit_in_mb, aws_request_id = "bench", 512, "bench"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return more than enough time."""
        return 60_000


@dataclass
class Tape:
    """The calls to AWS and its answers, in order."""

    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def note_call(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Record the arguments of a call; botocore passes them before it builds the request."""
        self.calls.append((model.service_model.service_name, xform_name(model.name), params))

    def note_answer(self, http_response: Any, model: Any, **_: Any) -> None:
        """Record an answer."""
        kind = http_response.headers.get("Content-Type", "")
        self.answers.setdefault(model.name, []).append((http_response.status_code, kind, http_response.content))


@dataclass(frozen=True)
class ColdStart:
    """The processor time of one function, in milliseconds.

    Attributes:
        function: The name of the function.
        calls: How many calls to AWS it makes.
        bare: The time of a bare boto3 client that makes one call.
        same_calls: The time of the same calls to AWS, without the code of the product.
        compiled: The time of the function as it is shipped, with bytecode.
        plain: The time of the function without bytecode.
    """

    function: str
    calls: int
    bare: float
    same_calls: float
    compiled: float
    plain: float


def table(measured: Sequence[ColdStart]) -> Table:
    """Return the figures as a table for people."""
    shown = Table(
        "function",
        "calls to AWS",
        "the same calls alone",
        "as shipped",
        "without bytecode",
        "to the same calls",
        title="A cold start, as processor time to a bare client of boto3 that makes one call",
    )
    for one in measured:
        times = (one.same_calls, one.compiled, one.plain)
        shown.add_row(
            one.function,
            str(one.calls),
            *(f"{time / one.bare:.2f} ({time:.0f} ms)" for time in times),
            f"{one.compiled / one.same_calls:.2f}",
        )
    return shown


def run(build: Path, folder: Path, times: int) -> list[ColdStart]:
    """Measure every function.

    Args:
        build: The folder that ``make build`` has written.
        folder: The folder for copies of it.
        times: How often to start each process; the median counts.
    """
    compiled, plain = _copies(build, folder)
    found = []
    with listening(create_app()) as url, account(url):
        _manage(url)
        for function, event in EVENTS.items():
            tape, event_file, calls_file = _played(function, event, folder)
            with _replaying(tape) as endpoint:
                environment = {**os.environ, "AWS_ENDPOINT_URL": endpoint, "POWERTOOLS_TRACE_DISABLED": "true"}
                bare = _milliseconds(times, environment, _BARE)
                same = _milliseconds(times, environment, _SAME_CALLS, calls_file)
                ours = [
                    _milliseconds(times, environment, _FUNCTION, _app(function, copy), event_file, *_path(copy))
                    for copy in (compiled, plain)
                ]
                found.append(ColdStart(function, len(tape.calls), bare, same, *ours))
    return found


def _app(function: str, copy: Path) -> str:
    """Return the file of a function."""
    return str(copy / f"{function.capitalize()}Function" / "app.py")


def _path(copy: Path) -> list[str]:
    """Return the folders from which a function imports."""
    return [str(copy / layer / "python") for layer in LAYERS]


def _copies(build: Path, folder: Path) -> tuple[Path, Path]:
    copies = folder / "compiled", folder / "plain"
    for copy in copies:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(build, copy, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([PYTHON, ROOT / "tools/bytecode.py", copies[0]], check=True)
    return copies


def _manage(url: str) -> None:
    registered = ClientApp(url, Clock()).register(rotation="none")
    document = {
        "client_id": registered.client_id,
        "client_secret": str(registered.secret),
        "refresh_token": registered.consent()["refresh_token"],
    }
    name = f"{os.environ['SECRET_PREFIX']}/{CREDENTIAL}"
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(document))


def _played(function: str, event: str, folder: Path) -> tuple[Tape, str, str]:
    """Let a function handle its event in this process; return the tape, and the files of the event and the calls."""
    session, tape = boto3.DEFAULT_SESSION, Tape()
    assert session is not None
    for cached in (dispatch_service, refresh_service, callback_routes, clients.secrets_manager, clients.dynamodb):
        cached.cache_clear()
    sent = json.loads((ROOT / "events" / event).read_text("utf-8"))
    if function == "callback":
        links = people.links(clients.settings_of_the_function())
        sent["queryStringParameters"] = {"invite": links.sign(links.invite(CREDENTIAL, ""))}
    session.events.register_last("before-parameter-build", tape.note_call, unique_id="tape-calls")
    session.events.register("after-call", tape.note_answer, unique_id="tape-answers")
    logging.disable()
    with redirect_stdout(io.StringIO()), patch.dict(os.environ, {"POWERTOOLS_TRACE_DISABLED": "true"}):
        runpy.run_path(str(ROOT / "functions" / function / "app.py"))["handler"](sent, Context())
    logging.disable(logging.NOTSET)
    session.events.unregister("before-parameter-build", unique_id="tape-calls")
    session.events.unregister("after-call", unique_id="tape-answers")
    folder.mkdir(parents=True, exist_ok=True)
    event_file, calls_file = folder / f"{function}-event.json", folder / f"{function}-calls.json"
    event_file.write_text(json.dumps(sent), "utf-8")
    calls_file.write_text(json.dumps(tape.calls), "utf-8")
    return tape, str(event_file), str(calls_file)


@contextmanager
def _replaying(tape: Tape) -> Iterator[str]:
    """Serve the answers of a tape repeatedly, and yield the URL."""
    left: dict[str, Iterator[Answer]] = {name: cycle(answers) for name, answers in tape.answers.items()}

    class Replay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            operation = target.rpartition(".")[2] or parse_qs(body.decode())["Action"][0]
            # A call that is not on the tape, such as the bare client's, gets an empty answer.
            status, content_type, content = next(left[operation]) if operation in left else (200, "", b"{}")
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _milliseconds(times: int, environment: Mapping[str, str], *command: str) -> float:
    """Return the median processor time of a process, user and system."""
    return median(_once(environment, command) for _ in range(times))


def _once(environment: Mapping[str, str], command: Sequence[str]) -> float:
    process = subprocess.Popen(
        [PYTHON, "-I", "-B", "-c", *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said.decode()
    return (usage.ru_utime + usage.ru_stime) * 1000
