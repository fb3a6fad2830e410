"""Each test of the contract runs at every provider of the catalogue."""

from collections.abc import Iterator

import pytest

from local.identity_provider.server import running
from tests.conformance.connection import Connection
from tests.local.identity_provider.client_app import Clock
from token_refresher.providers.catalogue.builtin import builtin_names


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The clock of all tests of a module: each has an app of its own, and time only goes on."""
    return Clock()


@pytest.fixture(scope="module")
def url(clock: Clock) -> Iterator[str]:
    with running(clock) as started:
        yield started


@pytest.fixture(params=builtin_names())
def connection(request: pytest.FixtureRequest, url: str, clock: Clock) -> Connection:
    """A credential at a provider that behaves as its entry says."""
    return Connection(request.param, url, clock)
