"""Starts execution environments of functions before a test needs them.

A cold start takes a second or more of processor time. If many requests arrive at once, the local AWS starts as many
execution environments at once, and each start is slowed down by all the others.
"""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from local.stack.toolchain import ROOT

AT_ONCE: Final = min(12, 3 * (os.cpu_count() or 1))
"""How many requests and messages to serve at the same time. Most of their time they wait for an answer."""

_EVENTS: Final = {
    "DispatchFunctionName": "dispatch/tick",
    "RefreshFunctionName": "refresh/deleted_credential",
    "CallbackFunctionName": "callback/landing",
}
"""A sample event for each function: it reaches all services that the function uses, and changes nothing."""


class Clients(Protocol):
    """Creates clients of AWS, as `local.stack.aws.LocalAws` does."""

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        ...


def wake(aws: Clients, outputs: Mapping[str, str], functions: list[str], copies: int) -> None:
    """Start execution environments of functions, and wait until each has answered.

    Args:
        aws: The AWS with the functions.
        outputs: The outputs of the stack.
        functions: The names of the functions.
        copies: How many execution environments to start for each function.
    """
    client = aws.client("lambda")
    events = {outputs[output]: _event(name) for output, name in _EVENTS.items()}

    def call(function: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.invoke(FunctionName=function, Payload=events[function])
        return answer

    # An invocation that finds all execution environments busy starts one more.
    for function in functions:
        with ThreadPoolExecutor(copies) as pool:
            for answer in pool.map(call, [function] * copies):
                if "FunctionError" in answer:
                    raise RuntimeError(f"{function} does not start: {answer['Payload'].read()!r}")


def _event(name: str) -> str:
    return json.dumps(json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8")))
