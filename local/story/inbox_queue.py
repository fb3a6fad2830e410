"""A queue that one source may send to, as an operator's or a pipeline's would be."""

import json
from collections.abc import Iterator

from local.stack.aws import LocalAws


class InboxQueue:
    """An SQS queue, and what has arrived in it."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        self.arn = str(attributes["QueueArn"])

    def allow(self, service: str, source_arn: str) -> None:
        """Allow one topic or rule of a service to send messages."""
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sqs:SendMessage",
                    "Resource": self.arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
                }
            ],
        }
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": json.dumps(policy)})

    def take(self) -> Iterator[str]:
        """Yield the bodies of the messages that have arrived, without waiting; each is deleted after its use."""
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                yield message["Body"]
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
