"""The contract of a FIFO queue, for the one in memory and for moto."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

VISIBILITY = timedelta(seconds=120)
RECEIVES = 2
SECOND = timedelta(seconds=1)
DEDUPLICATION = timedelta(minutes=5)

Passing = Callable[[timedelta], None]


class FifoQueueContract:
    """Inherited by the test class of each queue, which has the fixtures ``queue``, ``passing`` and ``url``."""

    def _send(self, queue: Any, url: str, body: str, *, group: str = "a", deduplication_id: str = "") -> None:
        entry = {
            "Id": "0",
            "MessageBody": body,
            "MessageGroupId": group,
            "MessageDeduplicationId": deduplication_id or body,
        }
        answer = queue.send_message_batch(QueueUrl=url, Entries=[entry])
        assert (len(answer["Successful"]), answer.get("Failed", [])) == (1, [])

    def _receive(self, queue: Any, url: str) -> tuple[str, str]:
        found = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=0).get("Messages", [])
        return (found[0]["Body"], found[0]["ReceiptHandle"]) if found else ("", "")

    def _done(self, queue: Any, url: str) -> str:
        body, receipt = self._receive(queue, url)
        if body:
            queue.delete_message(QueueUrl=url, ReceiptHandle=receipt)
        return body

    def test_messages_of_a_group_come_in_their_order(self, queue: Any, url: str) -> None:
        self._send(queue, url, "first")
        self._send(queue, url, "second")
        assert [self._done(queue, url) for _ in range(3)] == ["first", "second", ""]

    def test_while_a_message_of_a_group_is_in_flight_the_others_wait(self, queue: Any, url: str) -> None:
        self._send(queue, url, "first")
        self._send(queue, url, "second")
        assert [self._receive(queue, url)[0] for _ in range(2)] == ["first", ""]

    def test_another_group_does_not_wait(self, queue: Any, url: str) -> None:
        self._send(queue, url, "first")
        self._send(queue, url, "of another group", group="b")
        assert [self._receive(queue, url)[0] for _ in range(2)] == ["first", "of another group"]

    def test_a_message_that_is_not_deleted_comes_back_after_the_visibility_timeout_and_before_the_next(
        self, queue: Any, url: str, passing: Passing
    ) -> None:
        self._send(queue, url, "first")
        self._send(queue, url, "second")
        self._receive(queue, url)
        passing(VISIBILITY - SECOND)
        assert self._receive(queue, url)[0] == ""
        passing(2 * SECOND)
        assert [self._done(queue, url) for _ in range(2)] == ["first", "second"]

    def test_a_message_with_the_same_id_within_five_minutes_is_never_delivered(
        self, queue: Any, url: str, passing: Passing
    ) -> None:
        self._send(queue, url, "first", deduplication_id="one")
        passing(DEDUPLICATION - SECOND)
        self._send(queue, url, "again", deduplication_id="one")
        assert [self._done(queue, url) for _ in range(2)] == ["first", ""]

    def test_the_same_id_after_five_minutes_is_another_message(self, queue: Any, url: str, passing: Passing) -> None:
        self._send(queue, url, "first", deduplication_id="one")
        passing(DEDUPLICATION)
        self._send(queue, url, "again", deduplication_id="one")
        assert [self._done(queue, url) for _ in range(2)] == ["first", "again"]

    def test_the_same_text_with_another_id_is_another_message(self, queue: Any, url: str) -> None:
        self._send(queue, url, "text", deduplication_id="one")
        self._send(queue, url, "text", deduplication_id="two")
        assert [self._done(queue, url) for _ in range(3)] == ["text", "text", ""]

    def test_a_message_received_too_often_becomes_a_dead_letter_and_its_group_goes_on(
        self, queue: Any, url: str, passing: Passing, dead_letters: Callable[[], list[str]]
    ) -> None:
        self._send(queue, url, "first")
        self._send(queue, url, "second")
        for _ in range(RECEIVES):
            assert self._receive(queue, url)[0] == "first"
            passing(VISIBILITY + SECOND)
        assert self._done(queue, url) == "second"
        assert dead_letters() == ["first"]
