"""An operator at their desk: an installation on this machine's AWS, and a terminal to run the command in."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3
from typer.testing import CliRunner, Result

from tests.contracts.template_tables import table_properties
from tests.unit.entrypoints.test_settings import GOOD as ENVIRONMENT
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.installation.installation import Installation
from token_refresher_cli.installation.where import Where
from token_refresher_cli.main import app

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLIENT_ID = "0f6c1f1e-5a2b-4a51-9c4e-2d1b7f1c9a10"


@dataclass
class Desk:
    """What an operator has before them; every AWS call is answered by moto."""

    installation: Installation
    monkeypatch: Any

    @classmethod
    def set_up(cls, session: boto3.Session, monkeypatch: Any) -> "Desk":
        """Make what the template makes, as far as commands ask for it."""
        sqs, sns, secrets = session.client("sqs"), session.client("sns"), session.client("secretsmanager")
        tables = {"CREDENTIALS_TABLE": "CredentialsTable", "CONSENTS_TABLE": "ConsentsTable"}
        tables["INCIDENTS_TABLE"] = "IncidentsTable"
        for logical_id in tables.values():
            session.client("dynamodb").create_table(TableName=logical_id, **table_properties(logical_id))
        signing = json.dumps({"key": "planted-signing-key", "previous": []})
        environment = {
            **ENVIRONMENT,
            **tables,
            "REFRESH_QUEUE_URL": sqs.create_queue(QueueName="refresh.fifo", Attributes={"FifoQueue": "true"})[
                "QueueUrl"
            ],
            "ALERT_TOPIC_ARN": sns.create_topic(Name="alerts")["TopicArn"],
            "INVITE_SECRET_ARN": secrets.create_secret(Name="signing", SecretString=signing)["ARN"],
        }
        dead_letters = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        outputs = {
            "CallbackUrl": f"{environment['PUBLIC_URL']}/callback",
            "ConnectBaseUrl": f"{environment['PUBLIC_URL']}/connect",
            "ApiUrl": environment["PUBLIC_URL"],
            "AlertTopicArn": environment["ALERT_TOPIC_ARN"],
            "RefreshQueueUrl": environment["REFRESH_QUEUE_URL"],
            "RefreshDeadLetterQueueUrl": dead_letters,
            "DispatchFunctionName": "dispatch",
            "RefreshFunctionName": "refresh",
            "CallbackFunctionName": "callback",
            "CredentialsTableName": environment["CREDENTIALS_TABLE"],
            "DashboardUrl": "https://console.example.com/dashboard",
        }
        installation = Installation("token-refresher", session, outputs, {}, environment, clock=lambda: NOW)
        desk = cls(installation, monkeypatch)
        monkeypatch.setattr(Installation, "find", desk.find)
        for name in ("NO_COLOR", "FORCE_COLOR", "TOKEN_REFRESHER_STACK"):
            monkeypatch.delenv(name, raising=False)
        return desk

    def find(self, where: Where) -> Installation:
        self.asked_for = where
        return self.installation

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run the command as from a script: nobody can be asked, and the output is piped."""
        return CliRunner().invoke(app, list(arguments), input=stdin)

    def done(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command that is to succeed, and return what it prints on standard output."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, f"{arguments}: exit {result.exit_code}\n{result.stderr}"
        return result.stdout

    # --- what is in the account --------------------------------------------------------------------------------

    def put(self, name: str, **changes: Any) -> str:
        """Put a secret, as `add` or another tool would, and return its version."""
        document = {"client_id": CLIENT_ID, "client_secret": "planted-client-secret", **changes}
        kept = {key: value for key, value in document.items() if value is not None}
        answer = self.installation.secrets_client.create_secret(
            Name=self.installation.secret_id(name), SecretString=json.dumps(kept)
        )
        return answer["VersionId"]

    def document(self, name: str) -> dict[str, Any]:
        """Read what is current of a credential."""
        answer = self.installation.secrets_client.get_secret_value(
            SecretId=self.installation.secret_id(name), VersionStage="AWSCURRENT"
        )
        document: dict[str, Any] = json.loads(answer["SecretString"])
        return document

    def know(self, name: str, status: Status = Status.HEALTHY, **changes: Any) -> RegistryEntry:
        """Record a credential as dispatch and refresh would, with what its secret says, and return the entry."""
        state = self.installation.store.describe(name)
        entry = RegistryEntry.discovered(name, state.require_current(), NOW)
        credential = Credential.parse(json.dumps(self.document(name)))
        values = {"status": status, "next_action_at": None, **changes}
        return self.installation.registry.save(replace(entry.observing(credential), **values))

    def requests(self) -> list[dict[str, Any]]:
        """Return the refresh requests that wait in the queue."""
        sqs = self.installation.client("sqs")
        answer = sqs.receive_message(QueueUrl=self.installation.outputs["RefreshQueueUrl"], MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def clear(self, *names: str) -> None:
        """Take credentials away again, so that what comes next costs no more than what was."""
        for name in names:
            self.installation.secrets_client.delete_secret(
                SecretId=self.installation.secret_id(name), ForceDeleteWithoutRecovery=True
            )
            self.installation.registry.forget(name)
