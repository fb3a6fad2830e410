"""What Lambda's poller hands to a function for a message of a FIFO queue, and what it makes of the answer."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from local.toolchain import REGION


def event_of(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    """Return the event for one message as ReceiveMessage returned it.

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
    """Return a message as ReceiveMessage returns it, for a body that was never sent."""
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
    """Tell whether an invocation handled its message: no error, and no failed item in its report.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html (ReportBatchItemFailures)
    """
    report = json.loads(answer["Payload"].read() or b"null")
    return "FunctionError" not in answer and not (report or {}).get("batchItemFailures")
