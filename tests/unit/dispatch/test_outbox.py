import pytest

from tests.fakes.fake_queue import FakeQueue
from tests.fakes.manual_clock import ManualClock
from token_refresher.dispatch.outbox import Outbox
from token_refresher.dispatch.refresh_request import RefreshRequest


class FullError(Exception):
    """The error of the queue in these tests."""


def full() -> None:
    raise FullError


def request(name: str, version_id: str = "version-1") -> RefreshRequest:
    return RefreshRequest(name, version_id, ManualClock()())


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


def test_requests_are_sent_eighty_at_a_time_in_their_order(queue: FakeQueue) -> None:
    outbox, names = Outbox(queue), [f"{number:03}" for number in range(200)]
    for name in names:
        outbox.add(request(name))
    assert queue.names == names[:160]
    outbox.flush()
    assert (queue.names, queue.calls.count("queue.send")) == (names, 3)


def test_the_second_request_of_a_credential_is_dropped(queue: FakeQueue) -> None:
    outbox = Outbox(queue)
    outbox.add(request("one"))
    outbox.add(request("one", "version-2"))
    outbox.flush()
    assert queue.messages == [request("one")]


def test_an_empty_outbox_calls_no_queue(queue: FakeQueue) -> None:
    Outbox(queue).flush()
    assert queue.calls.log == []


def test_an_error_of_the_queue_is_kept_and_does_not_stop_the_next_batch(queue: FakeQueue) -> None:
    outbox = Outbox(queue)
    queue.calls.at("before", "queue.send", full)
    for number in range(85):
        outbox.add(request(f"{number:02}"))
    outbox.flush()
    assert [type(error) for error in outbox.errors] == [FullError]
    assert queue.names == [f"{number:02}" for number in range(80, 85)]
