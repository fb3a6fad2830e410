"""One deployed stack for the command: the real template, with IAM enforced, and a tick a minute."""

from collections.abc import Iterator

import pytest

from local.stack.ports import Ports
from local.stack.stack import LocalStack, running
from local.story.operator import Operator
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
