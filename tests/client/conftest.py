"""A reader on secrets in memory, and an API that refuses tokens."""

from collections.abc import Iterator

import pytest

from tests.client.aws import CONSUMER, FakeSecrets, ManualClock, consumer
from tests.client.http_server import Api, serving
from token_refresher_client import TokenReader


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def secrets(clock: ManualClock) -> FakeSecrets:
    secrets = FakeSecrets(clock)
    secrets.put(CONSUMER, consumer())
    return secrets


@pytest.fixture
def reader(secrets: FakeSecrets, clock: ManualClock) -> TokenReader:
    return TokenReader("acme-ads", client=secrets, clock=clock)


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as api:
        yield api


@pytest.fixture
def elsewhere() -> Iterator[Api]:
    """Another host."""
    with serving() as api:
        yield api
