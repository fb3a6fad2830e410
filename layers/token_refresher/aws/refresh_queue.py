"""An Amazon SQS FIFO queue as the refresh queue."""

import hashlib
import secrets
from itertools import islice
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.base.errors import EnqueueError
from token_refresher.dispatch.refresh_request import RefreshRequest

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH: Final = 10
"""The most that SendMessageBatch takes."""


class SqsRefreshQueue:
    """Sends requests with the credential as message group: SQS gives each group to one worker at a time."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, requests: list[RefreshRequest]) -> None:
        """See `RefreshQueue.send`.

        SQS remembers a deduplication id for five minutes, even after the message was processed, and drops further
        messages with the same id. So each call of this method puts a new random part into its ids: SQS drops a batch
        that botocore sends again because an answer was lost, but not the request of a later tick.

        Raises:
            EnqueueError: SQS did not accept some messages.
            BotoCoreError: SQS did not answer.
            ClientError: SQS refused a call. In all three cases every batch was tried.

        Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html and
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
        """
        remaining, refused, random_part = iter(requests), 0, secrets.token_hex(8)
        failure: BotoCoreError | ClientError | None = None
        while batch := list(islice(remaining, _BATCH)):
            entries = [_entry(number, request, random_part) for number, request in enumerate(batch)]
            try:
                answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            except (BotoCoreError, ClientError) as error:
                failure = failure or error
            else:
                refused += len(answer.get("Failed", []))
        if failure is not None:
            raise failure
        if refused:
            raise EnqueueError(f"the queue did not accept {refused} of {len(requests)} messages")


def _entry(number: int, request: RefreshRequest, random_part: str) -> "SendMessageBatchRequestEntryTypeDef":
    body = request.dump()
    return {
        "Id": str(number),
        "MessageBody": body,
        # Hashed, because both ids may have 128 characters at most, and a secret's name may have more.
        "MessageGroupId": hashlib.sha256(request.credential.encode()).hexdigest(),
        "MessageDeduplicationId": hashlib.sha256(f"{random_part} {body}".encode()).hexdigest(),
    }
