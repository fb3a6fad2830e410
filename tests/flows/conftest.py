"""One deployed stack for all flows: the real template, IAM enforced, on ports of its own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.ports import Ports
from local.stack import LocalStack, running
from tests.flows.household import Household
from token_refresher.clock import system_clock, to_rfc3339

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
    "shared-first",
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
    waiting = ["waiting", "double-click", "by-hand", "role-target", "unverified"]
    household.prepare(
        plain={name: {} for name in waiting}
        | {
            "wrong-client-secret": {"client_secret": "planted-wrong-client-secret"},
            "mended": {"client_id": None},
            "malformed": {"tenant": "../../elsewhere"},
        },
        connected={name: {} for name in CONNECTED}
        | {"expiring": {"client_secret_expires_at": to_rfc3339(system_clock() + timedelta(days=6))}}
        | {"strict": {"rotation": "strict"}, "unrotated": {"rotation": "none"}},
    )
    # What takes its time goes first: a refresh after the consent, and the minute for which a function keeps the keys.
    connect_unverified(household)
    assert household.link("waiting")
    household.rotate_the_signing_key()
    return household


def connect_unverified(household: Household) -> None:
    """Let a person consent while Microsoft Advertising does not answer."""
    held = household.put("unverified")
    household.stack.identity_provider.fault(held.client_id, "ads_unavailable")
    page = household.consent(household.link("unverified"))
    assert "could not be checked yet" in page.text, page.text
