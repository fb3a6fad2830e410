"""An Amazon SQS FIFO queue as the refresh queue."""

import hashlib
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from token_refresher.base.errors import EnqueueError
from token_refresher.dispatch.refresh_request import RefreshRequest

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH: Final = 10
"""The most that SendMessageBatch takes."""

_IN_FLIGHT: Final = 8
"""How many calls are made side by side; a client of boto3 has ten connections."""


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
        random_part = secrets.token_hex(8)
        batches = [requests[start : start + _BATCH] for start in range(0, len(requests), _BATCH)]
        if len(batches) == 1:
            ends = [self._sent(batches[0], random_part)]
        else:
            with ThreadPoolExecutor(_IN_FLIGHT) as pool:
                ends = list(pool.map(lambda batch: self._sent(batch, random_part), batches))
        for end in ends:
            if isinstance(end, Exception):
                raise end
        if refused := sum(end for end in ends if isinstance(end, int)):
            raise EnqueueError(f"the queue did not accept {refused} of {len(requests)} messages")

    def _sent(self, batch: Sequence[RefreshRequest], random_part: str) -> int | Exception:
        """Send one batch; return how many messages SQS refused, or why the call failed."""
        entries = [_entry(number, request, random_part) for number, request in enumerate(batch)]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            return error
        return len(answer.get("Failed", []))


def _entry(number: int, request: RefreshRequest, random_part: str) -> "SendMessageBatchRequestEntryTypeDef":
    body = request.dump()
    return {
        "Id": str(number),
        "MessageBody": body,
        # Hashed, because both ids may have 128 characters at most, and a secret's name may have more.
        "MessageGroupId": hashlib.sha256(request.credential.encode()).hexdigest(),
        "MessageDeduplicationId": hashlib.sha256(f"{random_part} {body}".encode()).hexdigest(),
    }
