"""One deployed stack for the command: the real template, IAM enforced, and a tick a minute as for everybody."""

from collections.abc import Iterator

import pytest

from local.operator import Operator
from local.ports import Ports
from local.stack import LocalStack, running
from tests.flows.household import Household

AN_HOUR = 3600


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    with running(Ports.free(), print, {}, more_ticks=False) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def household(stack: LocalStack) -> Household:
    return Household(stack)


@pytest.fixture(scope="session")
def operator(stack: LocalStack) -> Operator:
    return Operator(stack)
