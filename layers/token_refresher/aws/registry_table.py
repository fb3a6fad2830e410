"""Amazon DynamoDB as the registry."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Key

from token_refresher.aws.conditional_put import conditional_put
from token_refresher.aws.errors import translated
from token_refresher.aws.registry_item import SCHEDULED, from_item, summary_of, to_item
from token_refresher.base import identifiers
from token_refresher.base.clock import to_rfc3339
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.summary import EntrySummary

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DUE_INDEX: Final = "due"
APPLICATION_INDEX: Final = "application"


class DynamoDbRegistry:
    """The table ``credentials``, keyed by ``name``, with the index ``due`` (``scheduled``, ``next_action_at``)."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def get(self, name: str) -> RegistryEntry | None:
        """See `Registry.get`."""
        with translated("dynamodb"):
            item = self._table.get_item(Key={"name": name}, ConsistentRead=True).get("Item")
        return None if item is None else from_item(item)

    def save(self, entry: RegistryEntry) -> RegistryEntry:
        """See `Registry.save`."""
        written = replace(entry, revision=entry.revision + 1)
        conditional_put(self._table, entry.revision, to_item(written), lambda: self.get(entry.name) == written)
        return written

    def forget(self, name: str) -> None:
        """See `Registry.forget`."""
        with translated("dynamodb"):
            self._table.delete_item(Key={"name": name})

    def overview(self) -> Iterator[EntrySummary]:
        """See `Registry.overview`."""
        arguments: dict[str, Any] = {
            "ProjectionExpression": (
                "#name, version_id, #status, expires_at, refresh_token_issued_at, failing_since, diagnosis.meaning"
            ),
            "ExpressionAttributeNames": {"#name": "name", "#status": "status"},  # Reserved words of DynamoDB.
            "ConsistentRead": True,
        }
        for item in _pages(self._table.scan, arguments):
            yield summary_of(item)

    def entries(self) -> Iterator[RegistryEntry]:
        """Yield every entry in full. Only the command reads so much; a tick takes `overview`."""
        for item in _pages(self._table.scan, {"ConsistentRead": True}):
            yield from_item(item)

    def due(self, now: datetime) -> Iterator[RegistryEntry]:
        """See `Registry.due`."""
        condition = Key("scheduled").eq(SCHEDULED) & Key("next_action_at").lte(to_rfc3339(now))
        arguments = {"IndexName": DUE_INDEX, "KeyConditionExpression": condition, "ScanIndexForward": True}
        for item in _pages(self._table.query, arguments):
            yield from_item(item)

    def of_application(self, client_id: str) -> Iterator[str]:
        """See `Registry.of_application`."""
        for recorded in identifiers.client_ids(client_id):
            arguments = {"IndexName": APPLICATION_INDEX, "KeyConditionExpression": Key("client_id").eq(recorded)}
            with translated("dynamodb"):
                for item in _pages(self._table.query, arguments):
                    yield str(item["name"])


def _pages(operation: Any, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    start: dict[str, Any] = {}
    while True:
        answer = operation(**arguments, **start)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
