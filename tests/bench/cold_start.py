"""Measures cold starts: the processor time of a process that loads a function and handles one event.

It is compared with a process that makes one call with a bare boto3 client, and with one that makes the same calls to
AWS without the code of the product. All take turns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import built, tape
from tests.bench.certificate import Certificate
from tests.bench.spread import Spread
from tests.bench.token_server import TOKEN_PATH

# Each script ends without the end of the interpreter, which is no part of a start.
_END: Final = """
sys.stderr.write(json.dumps(len(sys.modules)))
sys.stderr.flush()
os._exit(0)
"""

_BARE: Final = f"""
import json, os, sys
import boto3
boto3.client("secretsmanager").list_secrets()
{_END}
"""

_SAME_CALLS: Final = f"""
import json, os, sys
import boto3
clients = {{}}
for service, operation, arguments in json.load(open(sys.argv[1])):
    if service not in clients:
        clients[service] = boto3.client(service)
    getattr(clients[service], operation)(**arguments)
{_END}
"""

_AND_TOKEN_CALL: Final = _SAME_CALLS.replace(
    _END,
    f"""
sys.path[:0] = sys.argv[4:]
import requests
requests.post(sys.argv[2], data=json.load(open(sys.argv[3])), timeout=5).json()["access_token"]
{_END}
""",
)

_FUNCTION: Final = f"""
import json, os, runpy, sys
sys.path[:0] = sys.argv[4:]
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "bench", 512, "bench"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    def get_remaining_time_in_millis(self):
        return 60000
result = runpy.run_path(sys.argv[1])["handler"](json.load(open(sys.argv[2])), Context())
assert result == json.load(open(sys.argv[3])), result
{_END}
"""


@dataclass(frozen=True)
class ColdStart:
    """The cold start of one function. Times are processor time as a ratio.

    Attributes:
        function: The name of the function.
        calls: How many calls to AWS it makes.
        modules: How many modules are loaded at its end.
        same_calls: The same calls to AWS without the code of the product, to a bare boto3 client that makes one call.
        compiled: The function as it is shipped, with bytecode, to the same bare client.
        plain: The function without bytecode, to the same bare client.
        to_same_calls: The function as it is shipped, to the same calls to AWS.
        to_all_calls: The same for a refresh, to the calls to AWS and the token call, with requests.
    """

    function: str
    calls: int
    modules: int
    same_calls: Spread
    compiled: Spread
    plain: Spread
    to_same_calls: Spread
    to_all_calls: Spread | None


def run(
    copies: tuple[built.Built, built.Built],
    tapes: Mapping[str, tape.Tape],
    token_call: tuple[str, Path],
    certificate: Certificate,
    starts: int,
) -> list[ColdStart]:
    """Measure every function.

    Args:
        copies: The functions with bytecode, and without.
        tapes: What each function does.
        token_call: The address of the authority, and the file with the form of a token call.
        certificate: The certificate of AWS's stand-in and of the authority.
        starts: How often to start each process.
    """
    found, (authority, form) = [], token_call
    for function, played in tapes.items():
        files = played.write(form.parent, function)
        with tape.replaying(played, certificate) as endpoint:
            environment = built.environment(endpoint, authority, certificate)
            ours = [(_FUNCTION, [copy.app(function), files["event"], files["result"], *copy.path()]) for copy in copies]
            contenders = [(_BARE, []), (_SAME_CALLS, [files["calls"]]), *ours]
            if function == "refresh":
                url = f"{authority}{TOKEN_PATH}"
                contenders.append((_AND_TOKEN_CALL, [files["calls"], url, str(form), *copies[0].path()]))
            turns = [[built.run(*contender, environment) for contender in contenders] for _ in range(starts)]
        bare, same, compiled, plain, *everything = zip(*([taken for _, taken in turn] for turn in turns), strict=True)
        found.append(
            ColdStart(
                function,
                len(played.calls),
                turns[0][2][0],
                Spread.of_ratios(same, bare),
                Spread.of_ratios(compiled, bare),
                Spread.of_ratios(plain, bare),
                Spread.of_ratios(compiled, same),
                Spread.of_ratios(compiled, everything[0]) if everything else None,
            )
        )
    return found


def rows(measured: Sequence[ColdStart]) -> list[list[str]]:
    """Return the figures as a table: the head and the rows."""
    head = [
        "function",
        "modules",
        "calls to AWS",
        "the same calls alone",
        "as shipped",
        "without bytecode",
        "shipped to the same calls",
        "and to the token call as well",
    ]
    return [
        head,
        *(
            [
                one.function,
                str(one.modules),
                str(one.calls),
                f"{one.same_calls:.2f}",
                f"{one.compiled:.2f}",
                f"{one.plain:.2f}",
                f"{one.to_same_calls:.2f}",
                f"{one.to_all_calls:.2f}" if one.to_all_calls else "",
            ]
            for one in measured
        ),
    ]
