"""Measures the steady refresh: the function in a warm environment, against a bare loop of the same calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import built, tape
from tests.bench.certificate import Certificate
from tests.bench.spread import Spread
from tests.bench.token_server import TOKEN_PATH

_TURNS: Final = """
import contextlib, io, json, os, runpy, sys, time
_, app, event, result, form, url, turns, refreshes, *path = sys.argv
sys.path[:0] = path
import boto3, requests, urllib3
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "bench", 512, "bench"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    def get_remaining_time_in_millis(self):
        return 60000
from botocore import xform_name
made, calls = [], []
def note(params, model, **_):
    made.append((model.service_model.service_name, model.name, params))
boto3.setup_default_session()
boto3.DEFAULT_SESSION.events.register_last("before-parameter-build", note)
handler = runpy.run_path(app)["handler"]
event, result, form = (json.load(open(file)) for file in (event, result, form))
clients = {service: boto3.Session().client(service) for service in ("dynamodb", "secretsmanager")}
class OneContext(requests.adapters.HTTPAdapter):
    def init_poolmanager(self, *arguments, **named):
        context = urllib3.util.ssl_.create_urllib3_context()
        context.load_verify_locations(requests.certs.where())
        super().init_poolmanager(*arguments, ssl_context=context, **named)
    def cert_verify(self, conn, url, verify, cert):
        conn.cert_reqs = "CERT_REQUIRED"
kept, closed = requests.Session(), requests.Session()
for session in (kept, closed):
    session.mount("https://", OneContext())
closed.headers["Connection"] = "close"
def ours():
    assert handler(event, Context()) == result
def same_calls(session):
    for service, operation, arguments in calls:
        getattr(clients[service], xform_name(operation))(**arguments)
    session.post(url, data=form, timeout=5).json()["access_token"]
def closing():
    same_calls(closed)
def keeping():
    same_calls(kept)
measured = {"ours": [], "closing": [], "keeping": []}
with contextlib.redirect_stdout(io.StringIO()):
    ours()  # The first refresh of a process also reads the circuit.
    made.clear()
    ours()
    calls = list(made)
    for turn in range(int(turns) + 1):
        for contender in (ours, closing, keeping):
            begun = time.process_time()
            for _ in range(int(refreshes)):
                contender()
            # The first turn opens the connections.
            if turn:
                measured[contender.__name__].append(time.process_time() - begun)
names = [f"{service}.{operation}" for service, operation, _ in calls]
sys.stderr.write(json.dumps({**measured, "calls": {name: names.count(name) for name in names}}))
sys.stderr.flush()
os._exit(0)
"""

WRITES: Final = frozenset({"PutSecretValue", "UpdateSecretVersionStage"})
"""The calls that count for Secrets Manager's quota of 50 writes a second."""


@dataclass(frozen=True)
class SteadyRefresh:
    """A refresh in a warm environment.

    Attributes:
        calls: The calls to AWS, by name.
        to_bare_loop: Its processor time, to that of a loop of the same calls. The token call opens a connection, as the
            function does for its reasons (docs/decisions/0037), and reads the trusted certificates once.
        to_keeping_loop: The same, to a loop that keeps the connection of the token call.
    """

    calls: Mapping[str, int]
    to_bare_loop: Spread
    to_keeping_loop: Spread

    @property
    def writes(self) -> int:
        """How often it writes the secret."""
        return sum(self.calls.get(f"secretsmanager.{name}", 0) for name in WRITES)


def run(
    copy: built.Built,
    played: tape.Tape,
    token_call: tuple[str, Path],
    certificate: Certificate,
    turns: tuple[int, int],
) -> SteadyRefresh:
    """Measure the refresh.

    Args:
        copy: The functions with bytecode.
        played: What a refresh does.
        token_call: The address of the authority, and the file with the form of a token call.
        certificate: The certificate of AWS's stand-in and of the authority.
        turns: How many turns to measure, and how many refreshes each has.
    """
    authority, form = token_call
    files = played.write(form.parent, "refresh")
    with tape.replaying(played, certificate) as endpoint:
        arguments = [copy.app("refresh"), files["event"], files["result"], str(form)]
        measured, _ = built.run(
            _TURNS,
            [*arguments, f"{authority}{TOKEN_PATH}", *map(str, turns), *copy.path()],
            built.environment(endpoint, authority, certificate),
        )
    return SteadyRefresh(
        measured["calls"],
        Spread.of_ratios(measured["ours"], measured["closing"]),
        Spread.of_ratios(measured["ours"], measured["keeping"]),
    )


def rows(measured: SteadyRefresh) -> list[list[str]]:
    """Return the figures as a table: the head and the row."""
    return [
        ["calls to AWS", "by name", "secret writes", "to the bare loop", "to one that keeps its connection"],
        [
            str(sum(measured.calls.values())),
            ", ".join(f"{count} {name}" for name, count in sorted(measured.calls.items())),
            str(measured.writes),
            f"{measured.to_bare_loop:.2f}",
            f"{measured.to_keeping_loop:.2f}",
        ],
    ]
