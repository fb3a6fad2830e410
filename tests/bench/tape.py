"""A tape of the calls that one invocation makes to AWS, and a server that replays the answers.

So neither a network nor a fake of AWS is measured.
"""

import gc
import io
import json
import logging
import os
import runpy
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import parse_qs

import boto3
from botocore import xform_name
from botocore.session import Session

from local.stack.toolchain import ROOT
from tests.bench.account import forget_clients
from tests.bench.certificate import HOST, Certificate
from tests.local.identity_provider.client_app import ClientApp, Clock
from token_refresher.base.clock import system_clock
from token_refresher.entrypoints import clients, people

CREDENTIAL: Final = "example"
"""The credential of the sample events."""
EVENTS: Final = {
    "refresh": "refresh/one_credential.json",
    "callback": "callback/landing.json",
    "dispatch": "dispatch/tick.json",
}
"""The sample event that each function handles, in the order in which they are recorded."""

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
    """One invocation.

    Attributes:
        event: The event.
        result: What the handler returned.
        calls: The calls to AWS in their order: service, operation and arguments.
        answers: The answers of AWS, by operation and table.
    """

    event: Any = None
    result: Any = None
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)

    def note_call(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Record the arguments of a call; botocore passes them before it builds the request."""
        context["table"] = params.get("TableName", "")
        self.calls.append((model.service_model.service_name, xform_name(model.name), params))

    def note_answer(self, http_response: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        """Record an answer; botocore passes the context of its call."""
        kind = http_response.headers.get("Content-Type", "")
        answers = self.answers.setdefault((model.name, context["table"]), [])
        answers.append((http_response.status_code, kind, http_response.content))

    def names(self) -> dict[str, int]:
        """Return how often each operation was called, by AWS's names."""
        session = Session()
        methods = {
            service: {xform_name(name): name for name in session.get_service_model(service).operation_names}
            for service in {service for service, _, _ in self.calls}
        }
        return dict(Counter(f"{service}.{methods[service][operation]}" for service, operation, _ in self.calls))

    def write(self, folder: Path, function: str) -> Mapping[str, str]:
        """Write event, result and calls as files, and return their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = {part: folder / f"{function}-{part}.json" for part in ("event", "result", "calls")}
        for part, path in paths.items():
            path.write_text(json.dumps(getattr(self, part)), "utf-8")
        return {part: str(path) for part, path in paths.items()}


def manage(url: str, name: str = CREDENTIAL) -> dict[str, str]:
    """Store a credential of the identity provider, and return its document."""
    registered = ClientApp(url, Clock()).register()
    document = {
        "client_id": registered.client_id,
        "client_secret": str(registered.secret),
        "refresh_token": registered.consent()["refresh_token"],
    }
    secret_id = f"{os.environ['SECRET_PREFIX']}/{name}"
    boto3.client("secretsmanager").create_secret(Name=secret_id, SecretString=json.dumps(document))
    return document


def record_all(url: str) -> dict[str, Tape]:
    """Record an ordinary refresh, the landing page, and a tick that finds a new secret, on `account.account`."""
    manage(url)
    tapes = {function: _record(function) for function in ("refresh", "callback")}
    manage(url, "new")
    return {"dispatch": _record("dispatch"), **tapes}


def _record(function: str) -> Tape:
    """Let a function handle its event in this process."""
    forget_clients()
    sent = json.loads((ROOT / "events" / EVENTS[function]).read_text("utf-8"))
    if function == "refresh":
        # The first refresh writes the status tags as well. So it was an hour ago, and the next one is recorded.
        with patch("token_refresher.entrypoints.refresh.system_clock", _an_hour_ago):
            handle(function, sent)
    elif function == "callback":
        links = people.links(clients.settings_of_the_function())
        sent["queryStringParameters"] = {"invite": links.sign(links.invite(CREDENTIAL, ""))}
    tape = Tape(sent)
    with recording(tape):
        tape.result = handle(function, sent)
    return tape


@contextmanager
def recording(tape: Tape) -> Iterator[None]:
    """Record the calls of clients that are built meanwhile, and the answers."""
    session = boto3.DEFAULT_SESSION
    assert session is not None
    forget_clients()
    session.events.register_last("before-parameter-build", tape.note_call, unique_id="tape-calls")
    session.events.register("after-call", tape.note_answer, unique_id="tape-answers")
    try:
        yield
    finally:
        session.events.unregister("before-parameter-build", unique_id="tape-calls")
        session.events.unregister("after-call", unique_id="tape-answers")
        forget_clients()


def _an_hour_ago() -> datetime:
    return system_clock() - timedelta(hours=1)


def handler(function: str) -> Callable[[Any, Any], Any]:
    """Return the handler of a function, in this process."""
    with patch.dict(os.environ, {"POWERTOOLS_TRACE_DISABLED": "true"}):
        found: Callable[[Any, Any], Any] = runpy.run_path(str(ROOT / "functions" / function / "app.py"))["handler"]
    gc.enable()  # The function has turned it off for its cold start, and this is none.
    return found


def quietly(handles: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Return a function that handles an event without a log."""

    def handle(event: Any) -> Any:
        logging.disable()
        try:
            with redirect_stdout(io.StringIO()):
                return handles(event, Context())
        finally:
            logging.disable(logging.NOTSET)

    return handle


def handle(function: str, event: Any) -> Any:
    """Handle one event in this process, without its log."""
    return quietly(handler(function))(event)


@contextmanager
def replaying(tape: Tape, certificate: Certificate) -> Iterator[str]:
    """Serve the answers of a tape repeatedly, through TLS, and yield the URL."""
    left: dict[tuple[str, str], Iterator[Answer]] = {call: cycle(answers) for call, answers in tape.answers.items()}

    class Replay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two packets, and the second would wait for the acknowledgement of the first.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            operation = target.rpartition(".")[2] or parse_qs(body.decode())["Action"][0]
            call = operation, json.loads(body).get("TableName", "") if target else ""
            # A call that is not on the tape, such as the bare client's, gets an empty answer.
            status, content_type, content = next(left[call]) if call in left else (200, "", b"{}")
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Replay)
    server.daemon_threads = True
    # The handshake is made by the thread of the connection, and not by the one that accepts connections.
    server.socket = certificate.context().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
