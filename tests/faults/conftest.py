"""A deployed stack without ticks and deliveries, and the proxy that makes its AWS fail."""

from collections.abc import Iterator

import pytest

from local.soak.credentials import Fleet
from local.soak.faults import FaultyAws, faulty_aws
from local.stack.calm import no_deliveries, no_ticks
from local.stack.ports import Ports
from local.stack.stack import running


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """The credentials of a stack without ticks and deliveries, so that each case meets only its own fault.

    In the stack of the other flows a tick comes every ten seconds, and would do the work that a fault has stopped.
    """
    # Only here do so many people sign in at once. The timing is that of AWS, where a worker may spend some seconds
    # before it has too little time left for an exchange.
    parameters = {"ConnectRateLimit": "1000", "RefreshTimeoutSeconds": "60", "QueueVisibilitySeconds": "102"}
    with running(Ports.free(), print, parameters, more_ticks=False) as deployed:
        aws, refresh = deployed.aws, deployed.outputs["RefreshFunctionName"]
        with no_ticks(aws), no_deliveries(aws, refresh):
            yield Fleet(deployed)


@pytest.fixture(scope="session")
def faulty(fleet: Fleet) -> Iterator[FaultyAws]:
    """The proxy in front of that stack's AWS."""
    with faulty_aws(fleet.stack.ports.aws, fleet.stack.logs) as proxy:
        yield proxy
