"""A message that dispatch never sent, on the deployed stack."""

from local.stack.stack import LocalStack
from local.stack.waiting import eventually
from tests.flows.conftest import UNREADABLE


def test_an_unreadable_message_ends_in_the_dead_letter_queue(stack: LocalStack) -> None:
    sqs = stack.aws.client("sqs")
    queue_url = stack.outputs["RefreshDeadLetterQueueUrl"]

    def dead_letters() -> list[str]:
        messages = sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=0).get("Messages", [])
        return [message["Body"] for message in messages]

    # After two deliveries, a visibility timeout apart.
    assert eventually(dead_letters) == [UNREADABLE]
