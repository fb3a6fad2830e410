"""Faults of AWS on demand: a proxy between the functions of the local stack and the local AWS.

The proxy is microburst. It answers in AWS's own protocols, so botocore treats its throttling as real, and it can break
a connection before a call reaches AWS or after AWS has executed the call.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import requests

from local.stack.ports import HOST, free_port
from local.stack.processes import Child
from local.stack.stack import LocalStack
from local.stack.waiting import GENEROUS_SECONDS
from local.stack.warmth import wake

HELD_MILLISECONDS: Final = 6000
"""How long the proxy holds a call that times out: longer than any client here waits for an answer."""


class FaultKind(StrEnum):
    """The ways in which a call fails."""

    THROTTLED = "throttled"
    SERVER_ERROR = "server error"
    TIMEOUT = "timeout"
    """No answer; AWS never saw the call."""
    RESET_BEFORE = "reset before"
    """The connection breaks; AWS never saw the call."""
    RESET_AFTER = "reset after"
    """AWS executes the call, and the connection breaks before the answer."""

    @property
    def effect(self) -> dict[str, Any]:
        """The part of a rule of microburst that causes it."""
        match self:
            case FaultKind.THROTTLED:
                return {"error": {"code": "ThrottlingException", "status": 400, "message": "Rate exceeded"}}
            case FaultKind.SERVER_ERROR:
                return {"error": {"code": "InternalServerError", "status": 500}}
            case FaultKind.TIMEOUT:
                return {"timeout_ms": HELD_MILLISECONDS}
            case FaultKind.RESET_BEFORE:
                return {"reset": True}
            case FaultKind.RESET_AFTER:
                return {"response": {"abort_bytes": 0}}


@dataclass(frozen=True)
class Fault:
    """One injected fault.

    Attributes:
        kind: How the call fails.
        service: The service, by the name in request signatures, such as ``dynamodb``.
        operation: The operation, such as ``PutItem``.
        where: A JMESPath expression on the body of the call; ``None`` matches every call.
        times: For how many matching calls, or ``None`` for all until the fault is ended.
        probability: The probability that a matching call fails, from 0 to 1.
    """

    kind: FaultKind
    service: str
    operation: str
    where: str | None = None
    times: int | None = None
    probability: float = 1.0

    def rule(self) -> dict[str, Any]:
        """Return the fault as a rule of microburst."""
        chosen = {"body": self.where, "times": self.times}
        return {
            "service": self.service,
            "operation": self.operation,
            "probability": self.probability,
            **self.kind.effect,
            **{name: value for name, value in chosen.items() if value is not None},
        }


class FaultyAws:
    """The control API of a running proxy.

    Attributes:
        url: The URL of the proxy, which functions use in place of AWS.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._faults: dict[int, Fault] = {}

    def inject(self, *faults: Fault) -> list[int]:
        """Inject faults from now on; return an id for each of them."""
        rules = self._call("PATCH", "rules", [fault.rule() for fault in faults])
        ids = [int(rule["id"]) for rule in rules]
        self._faults |= dict(zip(ids, faults, strict=True))
        return ids

    def end(self, *faults: Fault) -> None:
        """End some faults."""
        # The proxy deletes rules only by their content, not by id.
        for fault in faults:
            self._call(
                "DELETE", "rules", [{"service": fault.service, "operation": fault.operation, "body": fault.where}]
            )

    def clear(self) -> None:
        """End all faults."""
        self._call("DELETE", "rules", [])

    def fired(self, fault_id: int) -> int:
        """Return how often a fault has happened."""
        return self._happened().get(fault_id, 0)

    def counts(self) -> dict[Fault, int]:
        """Return how often each fault has happened so far, including ended ones."""
        counts: dict[Fault, int] = {}
        for fault_id, times in self._happened().items():
            fault = self._faults[fault_id]
            counts[fault] = counts.get(fault, 0) + times
        return counts

    def _happened(self) -> dict[int, int]:
        return {int(rule["id"]): int(rule["fired"]) for rule in self._call("GET", "stats", None)["by_rule"]}

    def _call(self, method: str, path: str, document: Any) -> Any:
        answer = self._session.request(
            method, f"{self.url}/_microburst/{path}", json=document, timeout=GENEROUS_SECONDS
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def faulty_aws(aws_port: int, logs: Path) -> Iterator[FaultyAws]:
    """Run a proxy in front of a local AWS, on a free loopback port."""
    port = free_port()
    command = [sys.executable, "-m", "microburst", "--host", HOST, "--port", str(port)]
    command += ["--upstream", f"http://{HOST}:{aws_port}", "--no-resign"]
    proxy = Child("faults", command, {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}, logs)
    try:
        url = f"http://{HOST}:{port}"
        # Through the proxy: its first call takes seconds, which would look like a fault.
        proxy.wait_until_it_answers(f"{url}/_ministack/health")
        yield FaultyAws(url)
    finally:
        proxy.stop()


@contextmanager
def behind(faulty: FaultyAws, stack: LocalStack, functions: list[str], copies: int) -> Iterator[None]:
    """Let functions reach AWS through the proxy; on leaving, restore their configuration.

    Args:
        faulty: The proxy.
        stack: The stack with the functions.
        functions: The names of the functions.
        copies: How many execution environments to start for each function: a new configuration ends the old ones.
    """
    client = stack.aws.client("lambda")
    before = {name: _variables(client, name) for name in functions}
    for name, variables in before.items():
        # As a forward proxy and not as the endpoint: signatures stay valid, so AWS still checks each call against the
        # role of its function. The functions reach the identity provider, at localhost, directly.
        _configure(client, name, {**variables, "HTTP_PROXY": faulty.url, "NO_PROXY": "localhost"})
    wake(stack.aws, stack.outputs, functions, copies)
    try:
        yield
    finally:
        for name, variables in before.items():
            _configure(client, name, variables)


def _variables(client: Any, name: str) -> dict[str, str]:
    variables: dict[str, str] = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return variables


def _configure(client: Any, name: str, variables: dict[str, str]) -> None:
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
