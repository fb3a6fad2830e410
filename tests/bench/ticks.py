"""Measures ticks of dispatch at fleets of several sizes: the calls to AWS, and the processor time."""

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from unittest.mock import patch

import boto3
from boto3.dynamodb.types import TypeSerializer

from tests.bench import tape
from tests.bench.account import AWS, TABLES
from tests.bench.fleet import Fleet, Item, Table, serve
from tests.bench.spread import Spread
from tests.contracts.template_tables import table_properties
from tests.unit.entrypoints.test_settings import GOOD
from token_refresher.aws.registry_item import to_item
from token_refresher.base.clock import system_clock
from token_refresher.credential.document import Credential
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.status_tags import status_tags_of
from token_refresher.rotation.secret_store import successor

_A_TENTH: Final = 10
_FIRST_TICKS: Final = 2
_SERVICES: Final = ("dynamodb", "secretsmanager", "sqs", "ssm")
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Tick:
    """Ticks of one fleet, in a warm environment.

    Attributes:
        credentials: The size of the fleet.
        enqueued: How many credentials each tick enqueues.
        calls: The calls to AWS of the last tick, by name.
        to_same_calls: The processor time of a tick, to that of a loop of the same calls.
        to_smallest: The processor time of a tick, to that of the smallest fleet with as large a share due.
        seconds: The processor time of a tick on this machine.
    """

    credentials: int
    enqueued: int
    calls: Mapping[str, int]
    to_same_calls: Spread
    to_smallest: float
    seconds: Spread


def run(sizes: Sequence[int], turns: int, progress: Callable[[str], None]) -> list[Tick]:
    """Measure ticks with nothing due and nothing changed, and with a tenth of the fleet due.

    Args:
        sizes: The sizes of the fleet, in ascending order.
        turns: How many ticks of each kind to measure.
        progress: Called with a text at each step.
    """
    found = []
    for share in (0, 1):
        smallest: float | None = None
        for size in sizes:
            due = size * share // _A_TENTH
            progress(f"Ticks of {size:,} credentials, {due:,} due")
            with _account(size, due):
                measured = _turns(turns)
            ours = [turn.ours for turn in measured]
            seconds, last = Spread.of(ours), measured[-1]
            smallest = smallest or seconds.median
            ratios = Spread.of_ratios(ours, [turn.bare for turn in measured])
            found.append(Tick(size, last.result["enqueued"], last.calls, ratios, seconds.median / smallest, seconds))
    return found


@dataclass(frozen=True)
class _Turn:
    """One tick, and a loop of the calls that it made.

    Attributes:
        result: What the handler returned.
        calls: The calls to AWS of the tick, by name.
        ours: The processor time of the tick, in seconds.
        bare: The processor time of the loop.
    """

    result: Mapping[str, int]
    calls: Mapping[str, int]
    ours: float
    bare: float


def _turns(number: int) -> list[_Turn]:
    clients = {service: boto3.client(service) for service in _SERVICES}
    tick, played = tape.quietly(tape.handler("dispatch")), tape.Tape()
    # The first ticks of a process open the connections, and read more than the next ones.
    with tape.recording(played):
        return [_turn(tick, played, clients) for _ in range(number + _FIRST_TICKS)][_FIRST_TICKS:]


def _turn(tick: Callable[[Any], Any], played: tape.Tape, clients: Mapping[str, Any]) -> _Turn:
    played.calls.clear()
    played.answers.clear()
    begun = time.process_time()
    result = tick({})
    ended = time.process_time()
    for service, operation, arguments in played.calls:
        getattr(clients[service], operation)(**arguments)
    bare = time.process_time() - ended
    return _Turn(result, played.names(), ended - begun, bare)


@contextmanager
def _account(size: int, due: int) -> Iterator[None]:
    """Point the builders of the functions at a fleet in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    service = multiprocessing.get_context("spawn").Process(target=serve, args=(partial(fleet, size, due), theirs))
    service.start()
    theirs.close()  # If the process ends, `recv` raises and does not wait for it.
    try:
        variables = {**GOOD, **AWS, **TABLES, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ours.recv()}"}
        with patch.dict(os.environ, variables):
            boto3.setup_default_session()
            yield
    finally:
        service.terminate()
        service.join()


def fleet(size: int, due: int) -> Fleet:
    """Return a fleet in which some credentials are due.

    If some are due, all were refreshed evenly within the last hour. If none is, nothing has changed for a day.
    """
    now = system_clock()
    entry = _entry(now)
    tags = status_tags_of(entry)
    assert tags is not None
    listed_tags = [{"Key": key, "Value": value} for key, value in tags.to_tags().items()]
    serialize = TypeSerializer().serialize
    items: list[Item] = []
    secrets = []
    for number in range(size):
        name, previous = f"customer-{number:06}", f"{number:08x}-0000-4000-8000-000000000000"
        arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{GOOD['SECRET_PREFIX']}/{name}-AbCdEf"
        version_id = successor(arn, previous)  # As a refresh leaves it.
        # All of the first ones are due; the others become due evenly over the next day.
        next_action_at = now - timedelta(minutes=1) if number < due else now + _A_DAY * (1 + number / size)
        one = replace(entry, name=name, version_id=version_id, next_action_at=next_action_at)
        items.append({key: dict(serialize(value)) for key, value in to_item(one).items()})
        changed = (now - (timedelta(hours=1) * (number / size) if due else _A_DAY)).timestamp()
        secrets.append(
            {
                "ARN": arn,
                "Name": f"{GOOD['SECRET_PREFIX']}/{name}",
                "LastChangedDate": changed,
                "CreatedDate": changed,
                "Tags": listed_tags,
                "SecretVersionsToStages": {version_id: ["AWSCURRENT"], previous: ["AWSPREVIOUS"]},
            }
        )
    tables = {
        name: Table(table_properties(name), items if name == TABLES["CREDENTIALS_TABLE"] else ())
        for name in TABLES.values()
    }
    return Fleet(tables, secrets)


def _entry(now: datetime) -> RegistryEntry:
    """Return the entry of a credential that was refreshed just now."""
    document = {
        "client_id": "00000000-0000-4000-8000-000000000001",
        "client_secret": "planted-client-secret",
        "refresh_token": "planted-refresh-token",
        "access_token": "planted-access-token",
        "expires_at": (now + timedelta(hours=1)).isoformat(),
        "refreshed_at": now.isoformat(),
    }
    credential = Credential.parse(json.dumps(document))
    entry = RegistryEntry.discovered("customer", "version", now)
    return replace(entry.fresh("version", credential, now), revision=1)


def rows(ticks: Sequence[Tick]) -> list[list[str]]:
    """Return the figures as a table: the head and the rows."""
    head = ["credentials", "due", "calls", "calls by name", "to the same calls", "to the smallest fleet"]
    return [
        head,
        *(
            [
                f"{tick.credentials:,}",
                f"{tick.enqueued:,}",
                f"{sum(tick.calls.values()):,}",
                ", ".join(f"{count:,} {name}" for name, count in sorted(tick.calls.items())),
                f"{tick.to_same_calls:.2f}",
                f"{tick.to_smallest:.1f}",
            ]
            for tick in ticks
        ),
    ]
