"""Amazon SNS as the alert topic: the parameters of its one call, and its errors."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from tests.unit.alerts.test_alert import ALERT
from token_refresher.alerts.alert import Alert
from token_refresher.alerts.email import mail
from token_refresher.aws.alert_topic import SnsAlertTopic
from token_refresher.base.errors import AlertNotSentError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

TOPIC = "arn:aws:sns:eu-west-1:000000000000:alerts"
SHARED = replace(ALERT, credentials=("team/ads", "team/video"))
LONGEST = replace(
    ALERT, credential="x" * 512, credentials=tuple(f"{number:x>512}" for number in range(2000)), stopped="y" * 25_000
)
"""The largest alert: as many and as long names as possible, and a text that names forty of them."""


def expected(alert: Alert, credential: dict[str, str]) -> dict[str, Any]:
    return {
        "TopicArn": TOPIC,
        "Subject": alert.subject,
        "MessageStructure": "json",
        "Message": json.dumps({"default": alert.to_json(), "email": mail(alert)}),
        "MessageAttributes": {
            "event": {"DataType": "String", "StringValue": "reconsent_required"},
            "severity": {"DataType": "String", "StringValue": "critical"},
            "credential": credential,
        },
    }


@pytest.fixture
def client() -> "SNSClient":
    return boto3.client("sns", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.mark.parametrize(
    ("alert", "credential"),
    [
        pytest.param(ALERT, {"DataType": "String", "StringValue": "team/ads"}, id="one credential is a text"),
        pytest.param(
            SHARED,
            {"DataType": "String.Array", "StringValue": '["team/ads", "team/video"]'},
            id="several are a list, so that a filter on any of them matches",
        ),
    ],
)
def test_mail_gets_the_text_and_every_other_protocol_the_json(
    client: "SNSClient", stub: Stubber, alert: Alert, credential: dict[str, str]
) -> None:
    stub.add_response("publish", {"MessageId": "1"}, expected(alert, credential))
    SnsAlertTopic(client, TOPIC).publish(alert)


def test_sns_accepts_the_longest_message(client: "SNSClient", monkeypatch: pytest.MonkeyPatch) -> None:
    """A message has at most 256 KB, attributes included (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)."""
    published: list[dict[str, Any]] = []
    monkeypatch.setattr(client, "publish", lambda **request: published.append(request))
    SnsAlertTopic(client, TOPIC).publish(LONGEST)
    assert len(json.dumps(published[0]).encode()) < 256 * 1024


@pytest.mark.parametrize("code", ["AuthorizationError", "Throttled", "NotFound", "InternalError"])
def test_a_refusal_raises_alert_not_sent(client: "SNSClient", stub: Stubber, code: str) -> None:
    stub.add_client_error("publish", code, "canary-message")
    with pytest.raises(AlertNotSentError) as caught:
        SnsAlertTopic(client, TOPIC).publish(ALERT)
    assert str(caught.value) == "reconsent_required of team/ads"


def test_no_answer_raises_alert_not_sent(client: "SNSClient", monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://sns.example.com")

    monkeypatch.setattr(client, "publish", unreachable)
    with pytest.raises(AlertNotSentError):
        SnsAlertTopic(client, TOPIC).publish(ALERT)
