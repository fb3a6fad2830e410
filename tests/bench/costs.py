"""The cost of keeping one credential alive for a month, against AWS's rotation template doing the same job.

Quantities are counted from the calls of one refresh. What both need alike is left out: the secret itself, logs, traces
and who reads.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import boto3

from tests.bench import rotation_template, tape
from tests.packaging.cloudformation import template
from tools.docs import cost

_AWS_CALL: Final = 0.015
_TOKEN_CALL: Final = 0.3
"""How long a function waits for AWS and for Microsoft, in seconds: an assumption, for Lambda's price by time."""

_SQS_CALLS: Final = 3
"""A request to refresh is sent, received and deleted."""


@dataclass(frozen=True)
class Line:
    """One line of two bills, in US dollars a month for one credential.

    Attributes:
        what: The item.
        ours: What this product pays.
        theirs: What the rotation template pays.
    """

    what: str
    ours: float
    theirs: float


@dataclass(frozen=True)
class Costs:
    """The two bills.

    Attributes:
        lines: The lines.
        refreshes: How often a credential is refreshed in a month.
        calls: The calls of one rotation by the template, by name.
    """

    lines: tuple[Line, ...]
    refreshes: float
    calls: Mapping[str, int]

    @property
    def ratio(self) -> float:
        """What this product pays, to what the template pays."""
        return sum(line.ours for line in self.lines) / sum(line.theirs for line in self.lines)


def rotation_calls() -> dict[str, int]:
    """Return the calls of one rotation by the template, on the account of `account.account`."""
    played, version = tape.Tape(), str(uuid.uuid4())
    with tape.recording(played):
        client = boto3.client("secretsmanager")
    name = "rotated"
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps({"refresh_token": "planted"}))
    for step in rotation_template.STEPS:
        rotation_template.handler(client, name, version, step, lambda token: {"refresh_token": f"next of {token}"})
    promoted = client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"]
    assert json.loads(promoted)["refresh_token"] == "next of planted"
    played.calls.pop()  # The assertion's own.
    return played.names()


def compare(refresh: Mapping[str, int], rotation: Mapping[str, int]) -> Costs:
    """Return both bills.

    Args:
        refresh: The calls of a refresh, by name.
        rotation: The calls of a rotation by the template, by name.
    """
    price, times = cost.prices(cost.PATH.read_text("utf-8")), cost.refreshes()

    def lines() -> Iterator[tuple[str, str, float, float]]:
        yield "Secrets Manager", "secret-calls", _of(refresh, "secretsmanager."), _of(rotation, "secretsmanager.")
        yield "Registry, writes", "dynamodb-writes", _of(refresh, "dynamodb.PutItem") * cost.WRITE_UNITS, 0
        yield "Registry, reads", "dynamodb-reads", _of(refresh, "dynamodb.GetItem"), 0
        yield "Queue, or schedule", "sqs", _SQS_CALLS, 0
        yield "Queue, or schedule", "scheduler", 0, 1
        yield "Lambda, calls", "lambda-calls", 1, len(rotation_template.STEPS)
        yield "Lambda, time", "lambda-time", _gigabyte_seconds(refresh), _gigabyte_seconds(rotation)

    bills: dict[str, Line] = {}
    for what, unit, ours, theirs in lines():
        before, each = bills.get(what, Line(what, 0, 0)), times * price[unit]
        bills[what] = Line(what, before.ours + ours * each, before.theirs + theirs * each)
    return Costs(tuple(bills.values()), times, rotation)


def _of(calls: Mapping[str, int], prefix: str) -> int:
    return sum(count for name, count in calls.items() if name.startswith(prefix))


def _gigabyte_seconds(calls: Mapping[str, int]) -> float:
    gigabytes = float(template()["Globals"]["Function"]["MemorySize"]) / 1024
    return (sum(calls.values()) * _AWS_CALL + _TOKEN_CALL) * gigabytes


def rows(costs: Costs) -> list[list[str]]:
    """Return the bills as a table: the head and the rows."""
    total = Line("together", sum(line.ours for line in costs.lines), sum(line.theirs for line in costs.lines))
    return [
        ["USD a credential and month", "this product", "rotation template"],
        *([line.what, f"{line.ours:.4f}", f"{line.theirs:.4f}"] for line in (*costs.lines, total)),
        ["to the rotation template", f"{costs.ratio:.2f}", "1.00"],
    ]
