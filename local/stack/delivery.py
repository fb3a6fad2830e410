"""The event that Lambda's poller builds from a message of a FIFO queue, and how it reads the function's answer."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from local.stack.toolchain import REGION


def event_of(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    """Return the event for one message that ReceiveMessage returned.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html (example FIFO queue message event)
    """
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def message_of(body: str, group: str) -> dict[str, Any]:
    """Return a message in the shape of ReceiveMessage, for a body that is in no queue."""
    now, number = str(int(time.time() * 1000)), str(uuid.uuid4())
    return {
        "MessageId": number,
        "ReceiptHandle": number,
        "Body": body,
        "MD5OfBody": "",
        "Attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": now,
            "ApproximateFirstReceiveTimestamp": now,
            "SenderId": "AROAEXAMPLE",
            "MessageGroupId": group,
            "MessageDeduplicationId": number,
            "SequenceNumber": "18850000000000000000",
        },
    }


def was_handled(answer: Mapping[str, Any]) -> bool:
    """Return whether an invocation handled its message: it has no error, and its report no failed item.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html (ReportBatchItemFailures)
    """
    report = json.loads(answer["Payload"].read() or b"null")
    return "FunctionError" not in answer and not (report or {}).get("batchItemFailures")
