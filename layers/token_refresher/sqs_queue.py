"""An Amazon SQS FIFO queue as the refresh queue."""

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Final

from token_refresher.errors import TokenRefresherError
from token_refresher.work import RefreshRequest

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH: Final = 10
"""The most that SendMessageBatch takes."""


class EnqueueError(TokenRefresherError):
    """SQS did not take some messages; they stay due, and the next tick sends them again."""


class SqsRefreshQueue:
    """Sends requests with the credential as their message group: SQS hands each group to one worker at a time."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, requests: list[RefreshRequest]) -> None:
        """See `RefreshQueue.send`.

        Raises:
            EnqueueError: Some were not taken; every batch was tried.

        Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
        """
        remaining, refused = iter(requests), 0
        while batch := list(islice(remaining, _BATCH)):
            entries = [_entry(number, request) for number, request in enumerate(batch)]
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            refused += len(answer.get("Failed", []))
        if refused:
            raise EnqueueError(f"{refused} of {len(requests)} messages were not taken by the queue")


def _entry(number: int, request: RefreshRequest) -> "SendMessageBatchRequestEntryTypeDef":
    body = request.dump()
    return {
        "Id": str(number),
        "MessageBody": body,
        # Both are limited to 128 characters, and a secret's name is not.
        "MessageGroupId": hashlib.sha256(request.credential.encode()).hexdigest(),
        "MessageDeduplicationId": hashlib.sha256(body.encode()).hexdigest(),
    }
