"""The Python examples do what the documents say."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.cli.desk import Desk
from tests.unit.alerts.test_alert import ALERT
from tools.docs.documents import DOCUMENTS

SLACK = next(block for block in DOCUMENTS["docs/deploy.md"].blocks("python") if "handler" in block)
FOLLOW = next(block for block in DOCUMENTS["docs/operations.md"].blocks("python") if "moved_to" in block)
READ = [pytest.param(DOCUMENTS[name].blocks("python")[0], id=name) for name in ("docs/credentials.md", "README.md")]
NAME = "token-refresher/acme-bing-ads"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def _run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(source, "a document", "exec"), names)  # noqa: S102 - It is an example of our own documents.
    return names


def _put(name: str, **document: str) -> None:
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(document))


@pytest.mark.parametrize("source", READ)
def test_the_token_is_read_and_sent(source: str) -> None:
    for name in (NAME, "token-refresher-consumers/acme-bing-ads"):
        _put(name, access_token="planted-access-token", developer_token="planted-developer-token")
    assert _run(source)["headers"] == {
        "Authorization": "Bearer planted-access-token",
        "DeveloperToken": "planted-developer-token",
    }


def test_a_pointer_is_followed_as_often_as_it_takes() -> None:
    _put("token-refresher/old", moved_to="token-refresher/team/newer")
    _put("token-refresher/team/newer", moved_to=NAME, access_token="planted-spent-token")
    _put(NAME, access_token="planted-access-token")
    assert _run(FOLLOW)["read"]("token-refresher/old") == {"access_token": "planted-access-token"}


def _chat(message: str, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Pass a message of the alert topic to the function, and return what Amazon Q would get."""
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="chat")["TopicArn"]
    queue = sqs.create_queue(QueueName="chat")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    monkeypatch.setenv("CHAT_TOPIC_ARN", topic)
    _run(SLACK)["handler"]({"Records": [{"Sns": {"Message": message}}]}, None)
    return [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=queue).get("Messages", [])]


def test_an_alert_reaches_a_chat_as_a_custom_notification_without_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon Q requires version, source and the description.

    Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """
    [sent] = _chat(ALERT.to_json(), monkeypatch)
    assert (sent["version"], sent["source"]) == ("1.0", "custom")
    assert sent["content"]["description"].startswith(ALERT.summary)
    assert ALERT.connect_url
    assert ALERT.connect_url not in json.dumps(sent)


def test_the_function_ignores_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _chat(json.dumps({"AlarmName": "dispatch-silent", "NewStateValue": "ALARM"}), monkeypatch) == []


@pytest.mark.parametrize(
    "document", [block for block in DOCUMENTS["docs/credentials.md"].blocks("json") if "client_id" in block]
)
def test_the_command_takes_each_document_of_the_guide(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk.set_up(boto3.Session(region_name="us-east-1"), monkeypatch)
    assert "token-refresher/acme-bing-ads" in desk.done("add", "acme-bing-ads", "--stdin", "--dry-run", stdin=document)
