"""The deployed stacks of the flows: the real template, IAM enforced, on ports of their own."""

from collections.abc import Iterator

import pytest

from local.calm import no_deliveries, no_ticks
from local.estate import Estate
from local.faults import FaultyAws, faulty_aws
from local.ports import Ports
from local.stack import LocalStack, running
from tests.flows.household import Household

UNREADABLE = '{"credential": 7}'
"""A message that dispatch never sends. It takes a while to be put aside, so it is sent before anything else."""


CONNECTED = (
    "first-consent",
    "announced",
    "done",
    "handed-over",
    "agency/client-1",
    "rotated",
    "revoked",
    "outage",
    "import-source",
    "beside-malformed",
    "rebuilt",
    "canary",
)


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    with running(Ports.free(), print, {"LogLevel": "DEBUG"}, more_ticks=True) as deployed:
        deployed.aws.client("sqs").send_message(
            QueueUrl=deployed.outputs["RefreshQueueUrl"],
            MessageBody=UNREADABLE,
            MessageGroupId="unreadable",
            MessageDeduplicationId="unreadable",
        )
        yield deployed


@pytest.fixture(scope="session")
def household(stack: LocalStack) -> Household:
    """The operator, the person and the pipeline of the stack, with what most flows begin with."""
    household = Household(stack)
    waiting = ["waiting", "double-click", "by-hand", "role-target"]
    household.prepare(
        plain={name: {} for name in waiting}
        | {
            "wrong-client-secret": {"client_secret": "planted-wrong-client-secret"},
            "mended": {"client_id": None},
            "malformed": {"tenant": "../../elsewhere"},
        },
        connected={name: {} for name in CONNECTED}
        | {"strict": {"rotation": "strict"}, "unrotated": {"rotation": "none"}},
    )
    return household


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
