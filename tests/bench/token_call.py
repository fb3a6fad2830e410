"""Compares the token call through TLS with requests alone, and with the OAuth clients that people use."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.stack.toolchain import ROOT
from tests.bench.certificate import Certificate
from tests.bench.spread import Spread
from tests.bench.token_server import listening

_PYTHON: Final = ROOT / ".venv-bench/bin/python"
_BARE: Final = "a session with one TLS context"


@dataclass(frozen=True)
class TokenCalls:
    """The contenders.

    Attributes:
        rates: How many calls each makes in a second of processor time, to the bare session.
        versions: The versions of the libraries.
    """

    rates: Mapping[str, Spread]
    versions: Mapping[str, str]


def run(certificate: Certificate, turns: int, calls: int) -> TokenCalls:
    """Let every contender make calls in turns."""
    with listening(certificate) as url:
        # With a bundle in the environment, requests would read that one, for each connection.
        machine = {name: value for name, value in os.environ.items() if not name.endswith("_CA_BUNDLE")}
        environment = {**machine, "PYTHONPATH": str(ROOT / "layers"), "NO_PROXY": "*"}
        script = Path(__file__).with_name("token_contenders.py")
        done = subprocess.run(
            [_PYTHON, "-B", script, url, certificate.bundle, str(turns), str(calls)],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    said = json.loads(done.stdout)
    seconds = said["seconds"]
    return TokenCalls(
        {name: Spread.of_ratios(seconds[_BARE], theirs) for name, theirs in seconds.items()}, said["versions"]
    )


def rows(measured: TokenCalls) -> list[list[str]]:
    """Return the figures as a table: the head and the rows."""
    return [
        ["the token call by", "calls, to the bare session"],
        *([name, f"{rate:.2f}"] for name, rate in measured.rates.items()),
    ]
