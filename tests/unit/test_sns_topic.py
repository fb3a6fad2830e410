"""Amazon SNS as the alert topic, by the parameters of its one call."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from tests.unit.test_alert import ALERT
from token_refresher.errors import AlertNotSentError
from token_refresher.sns_topic import SnsAlertTopic

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

TOPIC = "arn:aws:sns:eu-west-1:000000000000:alerts"
EXPECTED = {
    "TopicArn": TOPIC,
    "Subject": "Sign-in needed: team/ads",
    "MessageStructure": "json",
    "Message": json.dumps({"default": ALERT.to_json(), "email": ALERT.to_text()}),
    "MessageAttributes": {
        "event": {"DataType": "String", "StringValue": "reconsent_required"},
        "severity": {"DataType": "String", "StringValue": "critical"},
        "credential": {"DataType": "String", "StringValue": "team/ads"},
    },
}


@pytest.fixture
def client() -> "SNSClient":
    return boto3.client("sns", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def stub(client: "SNSClient") -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_mail_gets_the_text_and_every_other_protocol_the_json(client: "SNSClient", stub: Stubber) -> None:
    stub.add_response("publish", {"MessageId": "1"}, EXPECTED)
    SnsAlertTopic(client, TOPIC).publish(ALERT)


@pytest.mark.parametrize("code", ["AuthorizationError", "Throttled", "NotFound", "InternalError"])
def test_a_refusal_is_an_alert_not_sent(client: "SNSClient", stub: Stubber, code: str) -> None:
    stub.add_client_error("publish", code, "canary-message")
    with pytest.raises(AlertNotSentError) as caught:
        SnsAlertTopic(client, TOPIC).publish(ALERT)
    assert str(caught.value) == "reconsent_required of team/ads"


def test_no_answer_is_an_alert_not_sent(client: "SNSClient", monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://sns.example.com")

    monkeypatch.setattr(client, "publish", unreachable)
    with pytest.raises(AlertNotSentError):
        SnsAlertTopic(client, TOPIC).publish(ALERT)
