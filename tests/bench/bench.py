"""Measures a tick and a refresh: calls to AWS, which are the same in production, and time, which is this machine's."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import boto3
from rich.table import Table

from local.identity_provider.app import create_app
from local.identity_provider.server import listening
from tests.bench.account import Calls, account
from tests.local.identity_provider.client_app import ClientApp, Clock
from tests.unit.entrypoints.test_settings import GOOD
from token_refresher.aws.registry_table import DynamoDbRegistry
from token_refresher.aws.secrets_manager import SecretsManagerStore
from token_refresher.base.clock import system_clock
from token_refresher.entrypoints.dispatch import dispatch_service
from token_refresher.entrypoints.refresh import refresh_service
from token_refresher.registry.outcome import Result
from token_refresher.registry.status_tags import status_tags_of

_LONG: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Tick:
    """The cost of one tick.

    Attributes:
        finds: What it finds, in words.
        credentials: The size of the fleet.
        due: How many credentials it sent to the queue.
        calls: Calls to AWS, by operation.
        cpu_seconds: CPU time of this process, including moto.
    """

    finds: str
    credentials: int
    due: int
    calls: Mapping[str, int]
    cpu_seconds: float


@dataclass(frozen=True)
class Bench:
    """The figures.

    Attributes:
        ticks: For each size of the fleet, a tick that finds new credentials, one with all due, and one with none due.
        refresh_calls: Calls to AWS of a first refresh, by operation. Later ones do not set the status tags.
        refresh_milliseconds: The time of each refresh, including moto and the identity provider on loopback.
    """

    ticks: Sequence[Tick]
    refresh_calls: Mapping[str, int]
    refresh_milliseconds: Sequence[float]

    def write(self, folder: Path) -> None:
        """Write the figures as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bench.json").write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")

    def tables(self) -> list[Table]:
        """Return the figures as tables for people."""
        ticks = Table("credentials", "it finds", "due", "calls to AWS", "CPU seconds", title="A tick of dispatch")
        for tick in self.ticks:
            ticks.add_row(
                f"{tick.credentials:,}", tick.finds, f"{tick.due:,}", _listed(tick.calls), f"{tick.cpu_seconds:.2f}"
            )
        middle, high = median(self.refresh_milliseconds), quantiles(self.refresh_milliseconds, n=20)[-1]
        refresh = Table(
            "calls to AWS", "median", "95 of 100", title=f"{len(self.refresh_milliseconds)} first refreshes"
        )
        refresh.add_row(_listed(self.refresh_calls), f"{middle:.0f} ms", f"{high:.0f} ms")
        return [ticks, refresh]


def _listed(calls: Mapping[str, int]) -> str:
    return f"{sum(calls.values())}: " + ", ".join(f"{calls[name]} {name}" for name in sorted(calls))


def run(sizes: Sequence[int], refreshes: int, progress: Callable[[str], None]) -> Bench:
    """Measure ticks and refreshes.

    Args:
        sizes: The sizes of the fleet, in ascending order.
        refreshes: How many credentials to refresh, one after the other; at most the smallest size.
        progress: Called with a text at each step.
    """
    with listening(create_app()) as url, account(url) as calls:
        ticks, put, refreshed = [], 0, list[tuple[float, Counter[str]]]()
        for size in sizes:
            progress(f"A fleet of {size:,}")
            for number in range(put, size):
                _put(url, f"bench-{number:06}", granted=number < refreshes)
            put = size
            ticks += [_tick(calls, "new ones", size), _tick(calls, "all due", size)]
            if not refreshed:
                progress(f"{refreshes} refreshes")
                refreshed = [_refresh(calls, f"bench-{number:06}") for number in range(refreshes)]
            _calm_down()
            ticks.append(_tick(calls, "none due", size))
    took, each = zip(*refreshed, strict=True)
    assert len({tuple(sorted(counted.items())) for counted in each}) == 1, "refreshes made different calls"
    return Bench(ticks, dict(each[0]), took)


def _put(url: str, name: str, *, granted: bool) -> None:
    document = {"client_id": "bench", "note": "kept"}
    if granted:
        app = ClientApp(url, Clock()).register()
        token = app.consent()["refresh_token"]
        document |= {"client_id": app.client_id, "client_secret": str(app.secret), "refresh_token": token}
    boto3.client("secretsmanager").create_secret(Name=f"token-refresher/{name}", SecretString=json.dumps(document))


def _calm_down() -> None:
    """Make nothing due for a day, and set the status tags of every secret."""
    store = SecretsManagerStore(boto3.client("secretsmanager"), GOOD["SECRET_PREFIX"])
    registry = DynamoDbRegistry(boto3.resource("dynamodb").Table(os.environ["CREDENTIALS_TABLE"]))
    later = system_clock() + timedelta(days=1)
    for known in registry.overview():
        if entry := registry.get(known.name):
            later_due = registry.save(entry.reminded_at(later))
            label = status_tags_of(later_due)
            assert label is not None
            store.set_status_tags(known.name, label)


def _tick(calls: Calls, finds: str, size: int) -> Tick:
    calls.taken()
    begun = time.process_time()
    plan = dispatch_service().tick()
    return Tick(finds, size, plan.enqueued, dict(calls.taken()), time.process_time() - begun)


def _refresh(calls: Calls, name: str) -> tuple[float, Counter[str]]:
    calls.taken()
    begun = time.perf_counter()
    outcome = refresh_service().refresh(name, lambda: _LONG)
    took = (time.perf_counter() - begun) * 1000
    assert outcome.result is Result.REFRESHED, outcome.result
    return took, calls.taken()
