"""Amazon EventBridge as the bus of credential events: what its failures mean. The contract has the call."""

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from tests.unit.alerts.test_credential_event import NEED, REFRESHED
from token_refresher.aws.event_bus import EventBridgeBus
from token_refresher.base.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

BUS = "pipelines"


@pytest.fixture
def client() -> "EventBridgeClient":
    return boto3.client("events", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.mark.parametrize(
    ("codes", "passing"),
    [
        pytest.param(["ThrottlingException"], True, id="a limit of the account"),
        pytest.param(["InternalFailure"], True, id="a failure of AWS"),
        pytest.param(["NotAuthorizedForSourceException"], False, id="a source that is not ours"),
        pytest.param(["ThrottlingException", "MalformedDetail"], False, id="two reasons of which one stays"),
    ],
)
def test_one_event_that_the_bus_did_not_take_is_a_failure_of_all(
    client: "EventBridgeClient", stub: Stubber, codes: list[str], passing: bool
) -> None:
    results = [{"EventId": "1"}, *({"ErrorCode": code, "ErrorMessage": "canary-message"} for code in codes)]
    stub.add_response("put_events", {"FailedEntryCount": len(codes), "Entries": results})
    with pytest.raises(ServiceUnavailableError) as caught:
        EventBridgeBus(client, BUS).send([REFRESHED, NEED])
    assert (str(caught.value), caught.value.passing) == (f"events.PutEvents: {codes[0]}", passing)


@pytest.mark.parametrize(
    ("code", "passing"), [("AccessDeniedException", False), ("ResourceNotFoundException", False), ("Throttling", True)]
)
def test_a_refusal_says_whether_it_passes(client: "EventBridgeClient", stub: Stubber, code: str, passing: bool) -> None:
    stub.add_client_error("put_events", code, "canary-message")
    with pytest.raises(ServiceUnavailableError) as caught:
        EventBridgeBus(client, BUS).send([REFRESHED])
    assert (str(caught.value), caught.value.passing) == (f"events.PutEvents: {code}", passing)


def test_no_answer_may_pass(client: "EventBridgeClient", monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://events.example.com")

    monkeypatch.setattr(client, "put_events", unreachable)
    with pytest.raises(ServiceUnavailableError) as caught:
        EventBridgeBus(client, BUS).send([REFRESHED])
    assert caught.value.passing
