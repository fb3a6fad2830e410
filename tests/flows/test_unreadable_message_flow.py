"""A message that dispatch never sent, against the deployed stack."""

from local.patience import eventually
from local.stack import LocalStack
from tests.flows.conftest import UNREADABLE

PATIENCE_SECONDS = 240
"""Three deliveries, a visibility timeout apart."""


def test_an_unreadable_message_ends_in_the_dead_letter_queue(stack: LocalStack) -> None:
    sqs = stack.aws.client("sqs")
    queue_url = stack.outputs["RefreshDeadLetterQueueUrl"]

    def put_aside() -> list[str] | None:
        messages = sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=0).get("Messages", [])
        return [message["Body"] for message in messages] or None

    assert eventually(put_aside, PATIENCE_SECONDS) == [UNREADABLE]
