"""One deployed stack for all flows: the real template, with IAM enforced, on its own ports."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.stack.ports import Ports
from local.stack.stack import LocalStack, running
from tests.flows.household import Household
from token_refresher.base.clock import system_clock, to_rfc3339

UNREADABLE = '{"credential": 7}'
"""A message that dispatch never sends. It takes a while to reach the dead-letter queue, so it is sent first."""


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
    with running(Ports.free(), print, {"LogLevel": "DEBUG", "EventBusName": "default"}, more_ticks=True) as deployed:
        sqs, queue_url = deployed.aws.client("sqs"), deployed.outputs["RefreshQueueUrl"]
        _dead_letter_after(sqs, queue_url, deliveries=2)
        sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=UNREADABLE,
            MessageGroupId="unreadable",
            MessageDeduplicationId="unreadable",
        )
        yield deployed


def _dead_letter_after(sqs: Any, queue_url: str, deliveries: int) -> None:
    """Lower the queue's maxReceiveCount, so that the test need not wait for five visibility timeouts."""
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["RedrivePolicy"])
    policy = {**json.loads(found["Attributes"]["RedrivePolicy"]), "maxReceiveCount": deliveries}
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"RedrivePolicy": json.dumps(policy)})


@pytest.fixture(scope="session")
def household(stack: LocalStack) -> Household:
    """The operator, the person and the pipeline of the stack, with the credentials of most flows."""
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
        | {"strict": {"rotation": "strict"}, "unrotated": {"rotation": "none"}}
        | {"published": {"publish_to": "analytics/published"}},
    )
    # First what takes time: a refresh after the consent, and the minute for which a function caches the keys.
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
