"""A provider on loopback, and apps that are registered with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.identity_provider.server import running
from tests.local.identity_provider.client_app import ClientApp, Clock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def idp(clock: Clock) -> Iterator[str]:
    with running(clock=clock) as url:
        yield url


@pytest.fixture
def app(idp: str, clock: Clock) -> ClientApp:
    return ClientApp(idp, clock).register()


@pytest.fixture
def public_app(idp: str, clock: Clock) -> ClientApp:
    return ClientApp(idp, clock, secret=None).register()


@pytest.fixture
def asking_app(app: ClientApp) -> ClientApp:
    """An app without an auto account, so that a person has to choose."""
    return app.register(auto_account=None)
