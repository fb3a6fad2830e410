"""A deployed stack in which nothing happens by itself, and the proxy that makes its AWS fail."""

from collections.abc import Iterator

import pytest

from local.calm import no_deliveries, no_ticks
from local.estate import Estate
from local.faults import FaultyAws, faulty_aws
from local.ports import Ports
from local.stack import running


@pytest.fixture(scope="session")
def estate() -> Iterator[Estate]:
    """A stack in which nothing happens by itself, so that each case is about the one fault that it is about.

    In the stack of the other flows a tick comes every ten seconds, and would do the work that a fault has stopped.
    """
    # So many people do not sign in at once but here; and the timing is that of AWS, where some seconds may go by before
    # an exchange is given up for lack of time.
    parameters = {"ConnectRateLimit": "1000", "RefreshTimeoutSeconds": "60", "QueueVisibilitySeconds": "61"}
    with running(Ports.free(), print, parameters, more_ticks=False) as deployed:
        aws, refresh = deployed.aws, deployed.outputs["RefreshFunctionName"]
        with no_ticks(aws), no_deliveries(aws, refresh):
            yield Estate(deployed)


@pytest.fixture(scope="session")
def faulty(estate: Estate) -> Iterator[FaultyAws]:
    """The proxy in front of the AWS of that stack."""
    with faulty_aws(estate.stack.ports.aws, estate.stack.logs) as proxy:
        yield proxy
