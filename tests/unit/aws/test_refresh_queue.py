"""The FIFO queue: the parameters of its calls, and its errors."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from token_refresher.aws.refresh_queue import SqsRefreshQueue
from token_refresher.base.errors import EnqueueError, TokenRefresherError
from token_refresher.dispatch.refresh_request import RefreshRequest

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

URL = "https://sqs.example.com/queue.fifo"
AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


def request(name: str = "team/ads", version: str = "version-1", at: datetime = AT) -> RefreshRequest:
    return RefreshRequest(name, version, at)


@pytest.fixture
def client() -> "SQSClient":
    return boto3.client("sqs", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


def answer(failed: int = 0) -> dict[str, Any]:
    failures = [{"Id": str(number), "SenderFault": False, "Code": "InternalError"} for number in range(failed)]
    return {"Successful": [], "Failed": failures}


class Recorder:
    """Stands in for the client, and keeps the batches that were sent."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, str]]] = []

    def send_message_batch(self, **parameters: Any) -> dict[str, Any]:
        self.batches.append(parameters["Entries"])
        return answer()


def sent(*requests: RefreshRequest) -> list[dict[str, str]]:
    recorder = Recorder()
    SqsRefreshQueue(recorder, URL).send(list(requests))  # type: ignore[arg-type] # It has the one method.
    return [entry for batch in recorder.batches for entry in batch]


def test_a_batch_is_one_call_of_sqs(client: "SQSClient", stub: Stubber) -> None:
    entry = {
        "Id": "0",
        "MessageBody": request().dump(),
        "MessageGroupId": ANY,
        "MessageDeduplicationId": ANY,
    }
    stub.add_response("send_message_batch", answer(), {"QueueUrl": URL, "Entries": [entry]})
    SqsRefreshQueue(client, URL).send([request()])


@pytest.mark.parametrize(
    ("number", "sizes"),
    [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])],
    ids=["none", "one", "a full batch", "one more than a batch", "several batches"],
)
def test_requests_are_sent_ten_at_a_time_in_their_order(number: int, sizes: list[int]) -> None:
    recorder = Recorder()
    requests = [request(f"credential-{index}") for index in range(number)]
    SqsRefreshQueue(recorder, URL).send(requests)  # type: ignore[arg-type] # It has the one method.
    assert [len(batch) for batch in recorder.batches] == sizes
    assert [entry["MessageBody"] for batch in recorder.batches for entry in batch] == [one.dump() for one in requests]
    assert all(len({entry["Id"] for entry in batch}) == len(batch) for batch in recorder.batches)


@pytest.mark.parametrize("name", ["a", "team/a+b=c.d@e-f", "x" * 512], ids=["short", "odd characters", "long"])
def test_the_ids_fit_for_every_name(name: str) -> None:
    entry = sent(request(name))[0]
    for key in ("MessageGroupId", "MessageDeduplicationId"):
        assert len(entry[key]) <= 128
        assert entry[key].isalnum()
        assert entry[key].isascii()


@pytest.mark.parametrize(
    ("other", "same_group", "same_message"),
    [
        pytest.param(request(), True, True, id="the same planned action"),
        pytest.param(request(version="version-2"), True, False, id="another version"),
        pytest.param(request(at=AT + timedelta(minutes=5)), True, False, id="the next planned action"),
        pytest.param(request("team/other"), False, False, id="another credential"),
    ],
)
def test_a_group_is_a_credential_and_a_duplicate_is_a_planned_action(
    other: RefreshRequest, *, same_group: bool, same_message: bool
) -> None:
    one, two = sent(request(), other)
    assert (one["MessageGroupId"] == two["MessageGroupId"]) is same_group
    assert (one["MessageDeduplicationId"] == two["MessageDeduplicationId"]) is same_message


def test_a_request_that_is_sent_again_is_another_message() -> None:
    """SQS remembers an id for five minutes, even after the message was processed, and drops messages with that id."""
    recorder = Recorder()
    for _ in range(2):
        SqsRefreshQueue(recorder, URL).send([request()])  # type: ignore[arg-type] # It has the one method.
    [one], [two] = recorder.batches
    assert one["MessageGroupId"] == two["MessageGroupId"]
    assert one["MessageBody"] == two["MessageBody"]
    assert one["MessageDeduplicationId"] != two["MessageDeduplicationId"]


def test_a_message_contains_only_the_request() -> None:
    assert set(json.loads(sent(request())[0]["MessageBody"])) == {"credential", "version_id", "due_at"}


def test_refused_messages_are_counted_after_every_batch_was_tried(client: "SQSClient", stub: Stubber) -> None:
    for failed in (2, 0, 1):
        stub.add_response("send_message_batch", answer(failed))
    with pytest.raises(EnqueueError, match="3 of 25 messages"):
        SqsRefreshQueue(client, URL).send([request(f"credential-{index}") for index in range(25)])


def test_the_error_is_one_of_the_package_so_that_its_text_is_logged() -> None:
    assert issubclass(EnqueueError, TokenRefresherError)


def test_a_refused_call_is_raised_after_every_batch_was_tried(client: "SQSClient", stub: Stubber) -> None:
    """A batch that SQS refuses must not keep the others from being sent."""
    stub.add_client_error("send_message_batch", "InvalidMessageContents")
    stub.add_response("send_message_batch", answer(), {"QueueUrl": URL, "Entries": ANY})
    with pytest.raises(ClientError):
        SqsRefreshQueue(client, URL).send([request(f"credential-{number}") for number in range(11)])
    stub.assert_no_pending_responses()
