"""What a command costs on a thousand credentials: calls by their names, and documents that are held at a time.

The counts are guarded and the seconds are not: ``python -m tests.bench.commands`` measures them.
"""

import json
import weakref
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore.client
import pytest
from typer.testing import Result

from tests.cli.commands.test_list import TOKENS
from tests.cli.desk import CLIENT_ID, NOW, Desk
from token_refresher.aws.registry_item import to_item
from token_refresher.credential.document import Credential
from token_refresher.credential.status import Status
from token_refresher.registry.entry import RegistryEntry
from token_refresher_cli.changes.client_secret_rotation import ClientSecretRotation
from token_refresher_cli.installation.current_document import CurrentDocument
from token_refresher_cli.installation.documents import BATCH, HELD

FLEET = 1_000
PAGES = 10
"""Of ``ListSecrets``, which returns 100 secrets a call."""

BATCHES = FLEET // BATCH
SEEN = 10
"""One of so many credentials has an entry in the registry."""

LIST = {"ListSecrets": PAGES, "BatchGetSecretValue": BATCHES, "Scan": 1}
OF_CREDENTIALS = ("secrets", "people", "duplicates", "kms-keys", "client-secrets", "refresh-tokens", "pointers")
"""The checks of ``doctor`` that look at every credential, but for the one that reads CloudTrail."""

COSTS: Mapping[str, tuple[tuple[str, ...], Mapping[str, int]]] = {
    "list": (("list",), LIST),
    "list for a program": (("list", "--output", "json"), LIST),
    # Twice: an export is whole or none, and does not hold the whole.
    "export": (("export",), {"ListSecrets": PAGES, "BatchGetSecretValue": 2 * BATCHES}),
    # One list for the secrets as they are described, and one for their versions.
    "doctor": (
        ("doctor", *(word for check in OF_CREDENTIALS for word in ("--only", check))),
        {**LIST, "ListSecrets": 2 * PAGES + 1},
    ),
    "next": (("next",), {"ListSecrets": PAGES, "Scan": 1, "ListSubscriptionsByTopic": 1}),
    "add": (
        ("add", "another", "--client-id", CLIENT_ID, "--public-client", "--account-id", "99", "--dry-run"),
        {**LIST, "Query": 2, "DescribeSecret": 1},
    ),
}
"""Each command that reads the whole fleet, and its calls."""


@pytest.fixture
def fleet(desk: Desk) -> Desk:
    """A thousand credentials. The registry knows a tenth of them: moto takes long for each that it lists."""
    table = desk.installation.registry._table
    with table.batch_writer() as writer:
        for number in range(FLEET):
            name = f"client-{number:04}"
            document = {
                "client_id": CLIENT_ID,
                "client_secret": "planted",
                **TOKENS,
                "refresh_token": f"planted-{number}",
            }
            document["account_id"] = str(1_000_000 + number)
            text = json.dumps(document)
            answer = desk.installation.secrets_client.create_secret(
                Name=desk.installation.secret_id(name), SecretString=text
            )
            if number % SEEN:
                continue
            entry = RegistryEntry.discovered(name, answer["VersionId"], NOW).observing(Credential.parse(text))
            writer.put_item(Item=to_item(replace(entry, status=Status.HEALTHY)))
    return desk


class Meter:
    """Counts the calls to AWS, and the documents that are there at a time."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.batches: list[int] = []
        self.peak = 0
        self._held: weakref.WeakSet[Any] = weakref.WeakSet()

    def call(self, operation: str, arguments: Mapping[str, Any]) -> None:
        """Count a call."""
        self.calls[operation] += 1
        if operation == "BatchGetSecretValue":
            self.batches.append(len(arguments["SecretIdList"]))

    def document(self, read: CurrentDocument) -> CurrentDocument:
        """Count a document until nobody has it any more."""
        self._held.add(_Key.of(read))
        self.peak = max(self.peak, len(self._held))
        return read

    def start(self) -> None:
        """Forget what was counted."""
        self.calls.clear()
        self.batches.clear()
        self.peak = 0


class _Key:
    """Lives as long as a document: two equal documents are two."""

    @classmethod
    def of(cls, read: CurrentDocument) -> "_Key":
        key = cls()
        object.__setattr__(read, "_key", key)
        return key


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    meter = Meter()
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined] # Every call goes through it.
    parse = CurrentDocument.of

    def counted(client: Any, operation: str, arguments: Any) -> Any:
        meter.call(operation, arguments)
        return call(client, operation, arguments)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", counted)
    monkeypatch.setattr(CurrentDocument, "of", lambda version_id, text: meter.document(parse(version_id, text)))
    return meter


def _ran(desk: Desk, arguments: tuple[str, ...]) -> Result:
    result = desk.run(*arguments)
    assert result.exit_code in {0, 10, 11}, result.stderr
    return result


def test_no_command_makes_a_call_for_each_credential_or_holds_their_documents(fleet: Desk, meter: Meter) -> None:
    made, held = {}, {}
    for command, (arguments, _) in COSTS.items():
        meter.start()
        _ran(fleet, arguments)
        made[command], held[command] = dict(meter.calls), meter.peak
        assert max(meter.batches, default=0) <= BATCH, f"{command} asks for more secrets a call than AWS takes"
    assert made == {command: dict(calls) for command, (_, calls) in COSTS.items()}
    assert max(held.values()) <= HELD + 2 * BATCH, f"documents that were held: {held}"


def test_a_rotation_looks_for_the_others_of_its_application_in_batches(fleet: Desk, meter: Meter) -> None:
    rotation = ClientSecretRotation(fleet.installation, 1)
    _, credential = rotation.check_possible("client-0000")
    meter.start()
    assert rotation.others("client-0000", replace(credential, client_secret=None))
    assert dict(meter.calls) == {"Query": 2, "BatchGetSecretValue": BATCHES // SEEN}


def test_an_export_of_many_is_the_same_json_as_of_few(fleet: Desk) -> None:
    printed = _ran(fleet, ("export",)).stdout
    document = json.loads(printed)
    assert printed == json.dumps(document, indent=2) + "\n"
    assert [one["name"] for one in document["credentials"]] == [f"client-{number:04}" for number in range(FLEET)]
    [few] = json.loads(fleet.done("export", "client-0500"))["credentials"]
    assert few == document["credentials"][500]


def test_an_export_of_many_prints_nothing_if_the_last_one_may_not_be_read(
    fleet: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = fleet.installation.secrets_client
    read, last = secrets.batch_get_secret_value, fleet.installation.secret_id(f"client-{FLEET - 1:04}")

    def refused(*, SecretIdList: list[str]) -> Any:  # noqa: N803 - As boto3 has it.
        answer = read(SecretIdList=SecretIdList)
        kept = [one for one in answer["SecretValues"] if one["Name"] != last]
        error = {"SecretId": last, "ErrorCode": "AccessDeniedException", "Message": "no"}
        return {"SecretValues": kept, "Errors": [error] if last in SecretIdList else []}

    monkeypatch.setattr(secrets, "batch_get_secret_value", refused)
    result = fleet.run("export")
    assert (result.exit_code, result.stdout) == (4, "")
    assert f"client-{FLEET - 1:04}" in result.stderr
