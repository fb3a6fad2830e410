"""The bench: cold starts, the steady refresh, the token call, ticks and costs, in one run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.identity_provider.app import create_app
from local.identity_provider.server import listening
from tests.bench import built, certificate, cold_start, costs, steady_refresh, tape, ticks, token_call, token_server
from tests.bench.account import account
from tests.bench.report import Result
from token_refresher.credential.scopes import DEFAULT_SCOPE


@dataclass(frozen=True)
class Effort:
    """How much to measure.

    Attributes:
        starts: How often to start each process of a cold start.
        refreshes: How many turns of steady refreshes, and how many in each.
        token_calls: How many turns of token calls, and how many in each.
        sizes: The sizes of the fleets, in ascending order.
        ticks: How many ticks of each fleet.
    """

    starts: int = 15
    refreshes: tuple[int, int] = (15, 10)
    token_calls: tuple[int, int] = (9, 20)
    sizes: Sequence[int] = (1_000, 10_000, 100_000)
    ticks: int = 5


def run(build: Path, folder: Path, effort: Effort, progress: Callable[[str], None]) -> Result:
    """Measure everything.

    Args:
        build: The folder that ``make build`` has written.
        folder: The folder for copies of it, and for the files of the processes.
        effort: How much to measure.
        progress: Called with a text at each step.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trusted = certificate.make(folder / "tls")
    copies = built.copies(build, folder, trusted)
    form = folder / "form.json"
    form.write_text(
        json.dumps(
            {
                "client_id": "00000000-0000-4000-8000-000000000001",
                "client_secret": "planted-client-secret",
                "grant_type": "refresh_token",
                "refresh_token": "planted-refresh-token",
                "scope": DEFAULT_SCOPE,
            }
        ),
        "utf-8",
    )
    with listening(create_app()) as url, account(url):
        tapes, rotation = tape.record_all(url), costs.rotation_calls()
        with token_server.listening(trusted) as authority:
            token = (authority, form)
            progress("Cold starts")
            starts = cold_start.run(copies, tapes, token, trusted, effort.starts)
            progress("Steady refreshes")
            steady = steady_refresh.run(copies[0], tapes["refresh"], token, trusted, effort.refreshes)
    progress("Token calls")
    calls = token_call.run(trusted, *effort.token_calls)
    ticked = ticks.run(effort.sizes, effort.ticks, progress)
    return Result(starts, steady, calls, ticked, costs.compare(rotation))
