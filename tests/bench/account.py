"""A moto account with the resources of the functions, and a counter of their calls."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

import boto3
from moto import mock_aws

from tests.contracts.template_tables import table_properties
from tests.unit.entrypoints.test_settings import GOOD
from token_refresher.entrypoints import clients
from token_refresher.entrypoints.callback import callback_routes
from token_refresher.entrypoints.dispatch import dispatch_service
from token_refresher.entrypoints.refresh import refresh_service

TABLES: Final = {
    "CREDENTIALS_TABLE": "CredentialsTable",
    "CONSENTS_TABLE": "ConsentsTable",
    "INCIDENTS_TABLE": "IncidentsTable",
}
AWS: Final = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def forget_clients() -> None:
    """Let the builders of the functions build anew: clients take over the handlers of a session when they are made."""
    for cached in (dispatch_service, refresh_service, callback_routes, clients.secrets_manager, clients.dynamodb):
        cached.cache_clear()


class Calls:
    """Counts the calls to AWS by service and operation, including retries."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def count(self, model: Any, **_: Any) -> None:
        """Count one call; botocore runs this before each."""
        self.counted[f"{model.service_model.service_name}.{model.name}"] += 1

    def taken(self) -> Counter[str]:
        """Return the counts since the last call of this method."""
        taken, self.counted = self.counted, Counter()
        return taken


@contextmanager
def account(authority_url: str) -> Iterator[Calls]:
    """Set up an account, and point the builders of the functions at it."""
    with patch.dict(os.environ, {**GOOD, **AWS, **TABLES, "AUTHORITY_URL": authority_url}), mock_aws():
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            os.environ.pop(name, None)
        forget_clients()
        boto3.setup_default_session()
        for logical_id in TABLES.values():
            boto3.client("dynamodb").create_table(TableName=logical_id, **table_properties(logical_id))
        queue = boto3.client("sqs").create_queue(QueueName="refresh.fifo", Attributes={"FifoQueue": "true"})
        signing = json.dumps({"key": "planted-signing-key", "previous": []})
        os.environ |= {
            "REFRESH_QUEUE_URL": queue["QueueUrl"],
            "ALERT_TOPIC_ARN": boto3.client("sns").create_topic(Name="alerts")["TopicArn"],
            "INVITE_SECRET_ARN": boto3.client("secretsmanager").create_secret(Name="s", SecretString=signing)["ARN"],
        }
        calls = Calls()
        session = boto3.DEFAULT_SESSION
        assert session is not None
        session.events.register("before-call", calls.count)
        yield calls
