"""The FIFO queue in memory and that of moto keep the same contract; where they differ, AWS's documentation decides."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from moto.sqs import models

from tests.contracts.fifo_queue_contract import RECEIVES, VISIBILITY, FifoQueueContract
from tests.fakes.manual_clock import START, ManualClock
from tests.fakes.memory_fifo import DEDUPLICATION, MemoryFifo

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Passing = Callable[[timedelta], None]


class TestMemoryFifo(FifoQueueContract):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    def queue(self, clock: ManualClock) -> MemoryFifo:
        return MemoryFifo(clock, VISIBILITY, RECEIVES)

    @pytest.fixture
    def url(self) -> str:
        return ""

    @pytest.fixture
    def passing(self, clock: ManualClock) -> Passing:
        return clock.advance

    @pytest.fixture
    def dead_letters(self, queue: MemoryFifo) -> Callable[[], list[str]]:
        return lambda: queue.dead_letters

    def test_an_id_is_remembered_after_its_message_was_deleted(self, queue: MemoryFifo, passing: Passing) -> None:
        """AWS documents this; moto forgets the id."""
        self._send(queue, "", "first", deduplication_id="one")
        assert self._done(queue, "") == "first"
        self._send(queue, "", "again", deduplication_id="one")
        assert self._done(queue, "") == ""
        passing(DEDUPLICATION)
        self._send(queue, "", "again", deduplication_id="one")
        assert self._done(queue, "") == "again"

    def test_an_id_counts_within_its_group(self, queue: MemoryFifo) -> None:
        """The template sets `DeduplicationScope` to this, which moto does not support."""
        for group in ("a", "b"):
            self._send(queue, "", f"of {group}", group=group, deduplication_id="one")
        assert [self._done(queue, "") for _ in range(2)] == ["of a", "of b"]


class TestMotoFifo(FifoQueueContract):
    @pytest.fixture
    def passing(self, monkeypatch: pytest.MonkeyPatch) -> Passing:
        clock = ManualClock(START)
        monkeypatch.setattr(models, "unix_time", lambda: clock().timestamp())
        monkeypatch.setattr(models, "unix_time_millis", lambda: clock().timestamp() * 1000)
        return clock.advance

    @pytest.fixture
    def queue(self, passing: Passing) -> "Iterator[SQSClient]":
        with mock_aws():
            yield boto3.client(
                "sqs", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
            )

    @pytest.fixture
    def dead_letter_url(self, queue: "SQSClient") -> str:
        return queue.create_queue(QueueName="dead-letters.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]

    @pytest.fixture
    def url(self, queue: "SQSClient", dead_letter_url: str) -> str:
        arn = queue.get_queue_attributes(QueueUrl=dead_letter_url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        return queue.create_queue(
            QueueName="requests.fifo",
            Attributes={
                "FifoQueue": "true",
                "VisibilityTimeout": f"{VISIBILITY.total_seconds():.0f}",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES}),
            },
        )["QueueUrl"]

    @pytest.fixture
    def dead_letters(self, queue: "SQSClient", dead_letter_url: str) -> Callable[[], list[str]]:
        return lambda: [
            message["Body"] for message in queue.receive_message(QueueUrl=dead_letter_url).get("Messages", [])
        ]
