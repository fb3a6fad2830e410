"""The handlers with the sample events on moto: their answers, writes and metrics."""

import importlib.util
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.stack.toolchain import REGION, ROOT
from tests.contracts.template_tables import table_properties
from token_refresher.aws.registry_table import DynamoDbRegistry
from token_refresher.base.clock import system_clock
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.credential.status import Status
from token_refresher.entrypoints import clients, people
from token_refresher.entrypoints.callback import callback_routes
from token_refresher.entrypoints.dispatch import dispatch_service
from token_refresher.entrypoints.metrics import Metric
from token_refresher.entrypoints.observability import logger, metrics
from token_refresher.entrypoints.refresh import refresh_service
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.outcome import Result
from token_refresher.rotation.secret_store import NAMELESS

EVENTS = ROOT / "events"
SECRET = "token-refresher/example"
STACK = "my-stack"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "DETAILED_METRICS": "true",
    "POWERTOOLS_TRACE_DISABLED": "1",
    "POWERTOOLS_SERVICE_NAME": STACK,
    "SECRET_PREFIX": "token-refresher",
    "CONSUMER_PREFIX": "token-refresher-consumers",
    "CREDENTIALS_TABLE": "credentials",
    "CONSENTS_TABLE": "consents",
    "INCIDENTS_TABLE": "incidents",
    "AUTHORITY_URL": "http://localhost:9",
    "ADS_API_URL": "http://localhost:9",
    "SANDBOX_ADS_API_URL": "http://localhost:9/sandbox",
    "PUBLIC_URL": "http://localhost:8080",
    "REFRESH_SCHEDULE": "rate(5 minutes)",
    "MINIMUM_FRESHNESS_SECONDS": "900",
    "ACCESS_TOKEN_LIFETIME_SECONDS": "3600",
    "MINIMUM_INTERVAL_SECONDS": "1200",
    "JITTER_SECONDS": "0",
    "HEARTBEAT_MINUTES": "15",
    "REFRESH_TIMEOUT_SECONDS": "60",
    "QUEUE_VISIBILITY_SECONDS": "120",
    "REMINDER_HOURS": "24",
    "LATER_REMINDER_DAYS": "3,7",
    "RUNBOOK_URL": "docs/operations.md",
    "CONNECT_LINK_DAYS": "7",
    "ESCROW_PATH": "/token-refresher/escrow/example",
    "ESCROW_KEY_ARN": "arn:aws:kms:eu-west-1:000000000000:key/escrow",
    "KMS_KEY_ARN": "",
    "EVENT_BUS_NAME": "",
    "PROVIDERS_PATH": "",
}


class Context:
    """The context object of an invocation."""

    function_name = "example"
    memory_limit_in_mb = 512
    invoked_function_arn = f"arn:aws:lambda:{REGION}:123456789012:function:example"
    aws_request_id = "example"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An AWS account with the resources of the template, and one credential that waits for its first consent."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        services = (dispatch_service, refresh_service, callback_routes)
        for cached in (*services, clients.secrets_manager, clients.dynamodb):
            cached.cache_clear()
        for logical_id, name in (("CredentialsTable", "credentials"), ("ConsentsTable", "consents")):
            boto3.client("dynamodb").create_table(TableName=name, **table_properties(logical_id))
        queue = boto3.client("sqs").create_queue(QueueName="refresh.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
        secrets = boto3.client("secretsmanager")
        signing = secrets.create_secret(Name="signing", SecretString='{"key": "signing-key-of-the-test"}')["ARN"]
        secrets.create_secret(Name=SECRET, SecretString='{"client_id": "example"}')
        monkeypatch.setenv("REFRESH_QUEUE_URL", queue)
        monkeypatch.setenv("ALERT_TOPIC_ARN", topic)
        monkeypatch.setenv("INVITE_SECRET_ARN", signing)
        # A function reads this when it starts, and this interpreter has started without it.
        monkeypatch.setattr(metrics.provider, "service", STACK)
        metrics.clear_metrics()
        yield {"queue": queue, "topic": topic}
    # An invocation adds its context to the logger, which lives on.
    logger.structure_logs()


def _handler(function: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{function}_app", ROOT / "functions" / function / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _invoke(path: str, **changes: Any) -> Any:
    event = json.loads((EVENTS / path).read_text("utf-8"))
    return _handler(Path(path).parts[0]).handler({**event, **changes}, Context())


def _manage(name: str, left: timedelta) -> None:
    """Add the entry of a healthy credential with this time left, whose refresh token is two days old."""
    registry, now = clients.registry(clients.settings_of_the_function()), system_clock()
    version_id = boto3.client("secretsmanager").list_secret_version_ids(SecretId=SECRET)["Versions"][0]["VersionId"]
    registry.save(
        RegistryEntry(
            name,
            version_id,
            Status.HEALTHY,
            next_action_at=now + left,
            expires_at=now + left,
            refresh_token_issued_at=now - timedelta(days=2),
        )
    )


def _invite() -> str:
    links = people.links(clients.settings_of_the_function())
    return links.sign(links.invite("example", ""))


def _emitted(written: str) -> dict[tuple[str, str], list[float]]:
    """Return the metrics that CloudWatch would read from the output of a function, by name and last dimension.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    found: dict[tuple[str, str], list[float]] = {}
    for record in map(json.loads, written.splitlines()):
        for directive in record.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert directive["Namespace"] == "TokenRefresher"
            [dimensions] = directive["Dimensions"]
            assert record["service"] == STACK
            [label] = [record[name] for name in dimensions if name != "service"] or [""]
            for metric in directive["Metrics"]:
                assert metric["Unit"] == str(Metric(metric["Name"]).unit.value)
                found[metric["Name"], label] = record[metric["Name"]]
    return found


def test_every_function_accepts_its_sample_events(account: dict[str, str]) -> None:
    for path in sorted(EVENTS.glob("*/*.json")):
        answer = _invoke(str(path.relative_to(EVENTS)))
        assert isinstance(answer, dict), path
        assert answer.get("statusCode", 200) < 500, path


def test_a_tick_enqueues_the_new_credential(account: dict[str, str]) -> None:
    assert _invoke("dispatch/tick.json") == {"managed": 1, "enqueued": 1}
    [message] = boto3.client("sqs").receive_message(QueueUrl=account["queue"])["Messages"]
    assert json.loads(message["Body"])["credential"] == "example"


def test_a_secret_whose_name_is_only_the_prefix_stops_no_tick_and_no_refresh(account: dict[str, str]) -> None:
    boto3.client("secretsmanager").create_secret(Name="token-refresher/", SecretString="{}")
    assert _invoke("dispatch/tick.json") == {"managed": 2, "enqueued": 2}
    messages = boto3.client("sqs").receive_message(QueueUrl=account["queue"], MaxNumberOfMessages=10)["Messages"]
    assert {json.loads(message["Body"])["credential"] for message in messages} == {"example", NAMELESS}
    [record] = json.loads((EVENTS / "refresh/one_credential.json").read_text("utf-8"))["Records"]
    for message in messages:
        assert _invoke("refresh/one_credential.json", Records=[{**record, "body": message["Body"]}]) == {
            "batchItemFailures": []
        }
    item = boto3.resource("dynamodb").Table("credentials").get_item(Key={"name": NAMELESS})["Item"]
    assert item["status"] == "needs_operator"


def test_a_tick_emits_the_state_of_all_credentials(account: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    _manage("example", timedelta(minutes=20))
    capsys.readouterr()
    _invoke("dispatch/tick.json")
    emitted = _emitted(capsys.readouterr().out)
    assert emitted["Ticks", ""] == [1.0]
    assert 19 * 60 < emitted["WorstSecondsLeft", ""][0] <= 20 * 60
    assert emitted["OldestRefreshTokenDays", ""][0] == pytest.approx(2, abs=0.01)
    assert {label: values for (name, label), values in emitted.items() if name == "Credentials"} == {
        status: [1.0 if status is Status.HEALTHY else 0.0] for status in Status
    }
    assert emitted.keys() >= {("DueCredentials", ""), ("EscrowedCredentials", ""), ("PutOffCredentials", "")}


def test_a_failed_tick_does_not_count_as_a_tick(
    account: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CREDENTIALS_TABLE", "a-table-that-is-not-there")
    with pytest.raises(ServiceUnavailableError):
        _invoke("dispatch/tick.json")
    assert _emitted(capsys.readouterr().out) == {("Faults", ""): [1.0]}


def test_a_refresh_that_needs_a_person_emits_the_actor_and_the_alert(
    account: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    _invoke("refresh/one_credential.json")
    assert _emitted(capsys.readouterr().out) == {
        ("Looked", ""): [1.0],
        ("Failed", "user"): [1.0],
        ("AlertsSent", "reconsent_required"): [1.0],
    }


def test_an_alert_that_the_topic_refuses_is_counted(
    account: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("sns").delete_topic(TopicArn=account["topic"])
    answer = _invoke("refresh/one_credential.json")
    assert answer["batchItemFailures"] == []
    assert _emitted(capsys.readouterr().out) == {
        ("AlertsNotSent", ""): [1.0],
        ("Failed", "user"): [1.0],
        ("Looked", ""): [1.0],
    }


def test_a_request_for_a_page_is_counted(account: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    _invoke("callback/code.json")
    assert _emitted(capsys.readouterr().out) == {("Requests", ""): [1.0], ("ConsentNotGiven", ""): [1.0]}


def test_a_processed_message_is_not_delivered_again(account: dict[str, str]) -> None:
    assert _invoke("refresh/one_credential.json") == {"batchItemFailures": []}
    item = boto3.resource("dynamodb").Table("credentials").get_item(Key={"name": "example"})["Item"]
    assert item["status"] == "awaiting_consent"


def test_a_request_of_an_operator_is_answered(account: dict[str, str]) -> None:
    _invoke("refresh/on_demand.json")
    entry = DynamoDbRegistry(boto3.resource("dynamodb").Table("credentials")).get("example")
    assert entry is not None
    assert entry.answer is not None
    assert (entry.answer.request_id, entry.answer.outcome.result) == ("9f86d081884c7d65", Result.NEEDS_A_PERSON)


def test_an_unreadable_message_is_reported_and_the_others_of_its_batch_are_processed(account: dict[str, str]) -> None:
    answer = _invoke("refresh/unreadable_message_in_a_batch.json")
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == [
        "22222222-2222-4222-8222-222222222222"
    ]
    assert "Item" in boto3.resource("dynamodb").Table("credentials").get_item(Key={"name": "example"})


def test_a_link_shows_the_landing_page(account: dict[str, str]) -> None:
    answer = _invoke("callback/landing.json", queryStringParameters={"invite": _invite()})
    assert answer["statusCode"] == 200
    assert "Continue to Microsoft" in answer["body"]


def test_the_button_leads_to_microsoft_with_a_cookie(account: dict[str, str]) -> None:
    answer = _invoke("callback/start.json", body=f"invite={_invite()}", isBase64Encoded=False)
    assert answer["statusCode"] == 303
    assert answer["headers"]["Location"].startswith("http://localhost:9/common/oauth2/v2.0/authorize?")
    assert answer["cookies"][0].startswith("consent-")


def test_an_unknown_state_gets_a_page_and_no_error(account: dict[str, str]) -> None:
    assert _invoke("callback/code.json")["statusCode"] == 400


def test_settings_that_cannot_hold_stop_a_function_with_the_reason(
    account: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMUM_FRESHNESS_SECONDS", "3600")
    with pytest.raises(Exception, match=r"The promise cannot be kept: margin = freshness 3600 s \+ schedule 300 s"):
        _invoke("dispatch/tick.json")


def test_no_log_level_logs_a_secret(account: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """An operator can set the level of the root logger in Lambda, and botocore logs whole answers at DEBUG."""
    caplog.set_level("DEBUG")
    document = {
        "client_id": "example",
        "client_secret": "planted-client-secret",
        "previous_client_secret": "planted-client-secret-of-before",
        "refresh_token": "planted-token",
    }
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=json.dumps(document))
    _invoke("refresh/one_credential.json")
    _invoke("callback/landing.json", queryStringParameters={"invite": _invite()})
    assert "planted" not in caplog.text
    assert "signing-key-of-the-test" not in caplog.text
