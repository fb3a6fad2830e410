"""The cost of keeping one credential alive for a month, against AWS's rotation template doing the same job.

The product's bill is that of docs/deploy.md. The template is given the same time and the same log for a rotation. The
secret itself and who reads it are left out, because both need them alike.
"""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import boto3

from tests.bench import rotation_template, tape
from tests.packaging.cloudformation import template
from tools.docs import cost


@dataclass(frozen=True)
class Costs:
    """The two bills, in US dollars a month for one credential.

    Attributes:
        ours: What this product pays, by the name of the price.
        theirs: What the rotation template pays.
        refreshes: How often a credential is refreshed in a month.
        calls: The calls of one rotation by the template, by name.
    """

    ours: Mapping[str, float]
    theirs: Mapping[str, float]
    refreshes: float
    calls: Mapping[str, int]

    @property
    def ratio(self) -> float:
        """What this product pays, to what the template pays."""
        return sum(self.ours.values()) / sum(self.theirs.values())


def rotation_calls() -> dict[str, int]:
    """Return the calls of one rotation by the template, on the account of `account.account`."""
    played, version, name = tape.Tape(), str(uuid.uuid4()), "rotated"
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps({"refresh_token": "planted"}))
    with tape.recording(played):
        client = boto3.client("secretsmanager")
    for step in rotation_template.STEPS:
        rotation_template.handler(client, name, version, step, lambda token: {"refresh_token": f"next of {token}"})
    counted = played.names()
    promoted = client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"]
    assert json.loads(promoted)["refresh_token"] == "next of planted"
    return counted


def compare(rotation: Mapping[str, int]) -> Costs:
    """Return both bills, given the calls of one rotation by the template."""
    price, times = cost.prices(cost.PATH.read_text("utf-8")), cost.refreshes()
    ours = Counter[str]()
    for line in cost.each():
        if line.price != "secret":
            ours[line.price] += line.quantity * price[line.price]  # type: ignore[assignment] # Dollars, not a count.
    gigabytes = float(template()["Globals"]["Function"]["MemorySize"]) / 1024
    of_one_rotation = {
        "secret-calls": sum(rotation.values()),
        "scheduler": 1,
        "lambda-calls": len(rotation_template.STEPS),
        "lambda-time": cost.REFRESH_SECONDS * gigabytes,
        "logs": cost.LOG_KILOBYTES / 1_000_000,
    }
    theirs = {name: quantity * times * price[name] for name, quantity in of_one_rotation.items()}
    return Costs(dict(ours), theirs, times, rotation)


def rows(costs: Costs) -> list[list[str]]:
    """Return the bills as a table: the head and the rows."""
    names = sorted(costs.ours.keys() | costs.theirs.keys(), key=lambda name: -costs.ours.get(name, 0))
    ours, theirs = sum(costs.ours.values()), sum(costs.theirs.values())
    return [
        ["USD a credential and month", "this product", "rotation template"],
        *([name, f"{costs.ours.get(name, 0):.4f}", f"{costs.theirs.get(name, 0):.4f}"] for name in names),
        ["together", f"{ours:.4f}", f"{theirs:.4f}"],
        ["to the rotation template", f"{costs.ratio:.2f}", "1.00"],
    ]
