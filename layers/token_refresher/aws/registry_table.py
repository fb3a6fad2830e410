"""Amazon DynamoDB as the registry."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import ConditionBase, Key

from token_refresher.aws.conditional_put import conditional_put
from token_refresher.aws.errors import all_translated, translated
from token_refresher.aws.read_ahead import read_ahead
from token_refresher.aws.registry_item import DUE_SHARDS, due_entry_of, from_item, summary_of, to_item
from token_refresher.base import identifiers
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.registry.entry import RegistryEntry
from token_refresher.registry.summary import DueEntry, EntrySummary

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DUE_INDEX: Final = "due_by_shard"
DUE_INDEX_BEFORE: Final = "due"
"""The index of earlier versions, which gets no new entries. CloudFormation changes one index an update."""

_SUMMARY: Final[Mapping[str, Any]] = {
    "ProjectionExpression": "#name, version_id, #status, refresh_token_issued_at, refresh_token_expires_at",
    "ExpressionAttributeNames": {"#name": "name", "#status": "status"},  # Reserved words of DynamoDB.
}
_FIRST_PAGE: Final = 100
"""How many entries the first page of a shard has. If nothing is due, no other is read."""

_BATCH: Final = 100
"""The most keys of one BatchGetItem."""

_TRIES: Final = 3
"""How often BatchGetItem may leave all keys unprocessed, because DynamoDB throttles."""
APPLICATION_INDEX: Final = "application"


class DynamoDbRegistry:
    """The table ``credentials``, keyed by ``name``, with the index ``due_by_shard`` of what has a next action."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._may_have_old_entries = True
        """Whether the index of earlier versions may have entries."""

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
        with all_translated("dynamodb"):
            for item in _pages(self._table.scan, {**_SUMMARY, "ConsistentRead": True}):
                yield summary_of(item)

    def summaries(self, names: Sequence[str]) -> dict[str, EntrySummary]:
        """See `Registry.summaries`.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
        """
        found: dict[str, EntrySummary] = {}
        for start in range(0, len(names), _BATCH):
            keys = [{"name": name} for name in dict.fromkeys(names[start : start + _BATCH])]
            found |= {item["name"]: summary_of(item) for item in self._batch(keys)}
        return found

    def _batch(self, keys: list[dict[str, str]]) -> Iterator[Mapping[str, Any]]:
        asked, tries = keys, 0
        while asked and tries < _TRIES:
            arguments: Any = {self._table.name: {"Keys": asked, "ConsistentRead": True, **_SUMMARY}}
            with all_translated("dynamodb"):
                answer = self._table.meta.client.batch_get_item(RequestItems=arguments)
            yield from answer["Responses"].get(self._table.name, [])
            unprocessed: Any = answer.get("UnprocessedKeys", {})
            left = unprocessed.get(self._table.name, {}).get("Keys", [])
            tries = tries + 1 if len(left) == len(asked) else 0
            asked = left
        if asked:
            raise ServiceUnavailableError("dynamodb.BatchGetItem", "ProvisionedThroughputExceededException")

    def entries(self) -> Iterator[RegistryEntry]:
        """Yield every entry in full. Only the command reads so much; a tick takes `overview`."""
        for item in _pages(self._table.scan, {"ConsistentRead": True}):
            yield from_item(item)

    def next_actions(self, now: datetime) -> Iterator[DueEntry]:
        """See `Registry.next_actions`. The shards are read side by side, page by page."""
        shards = [self._due_pages(DUE_INDEX, Key("due_shard").eq(shard), now) for shard in DUE_SHARDS]
        if self._may_have_old_entries:
            old = list(chain.from_iterable(self._due_pages(DUE_INDEX_BEFORE, Key("scheduled").eq("yes"), now)))
            self._may_have_old_entries = bool(old)
            shards.append(iter([old]))
        with ThreadPoolExecutor(len(shards)) as pool:
            firsts: list[list[DueEntry]] = list(pool.map(lambda pages: next(pages, []), shards))
        rests = (chain.from_iterable(read_ahead(pages)) for pages in shards)
        yield from merge(*map(chain, firsts, rests), key=_due_first)

    def _due_pages(self, index: str, shard: ConditionBase, now: datetime) -> Iterator[list[DueEntry]]:
        """Yield the entries of one shard in the order of their next actions; the last page has one that is not due."""
        arguments: dict[str, Any] = {"IndexName": index, "KeyConditionExpression": shard, "Limit": _FIRST_PAGE}
        while True:
            with all_translated("dynamodb"):
                answer = self._table.query(**arguments)
            found = [due_entry_of(item) for item in answer["Items"]]
            yield found
            if "LastEvaluatedKey" not in answer or (found and found[-1].next_action_at > now):
                return
            arguments = {**arguments, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
            arguments.pop("Limit", None)

    def of_application(self, client_id: str) -> Iterator[str]:
        """See `Registry.of_application`."""
        for recorded in identifiers.client_ids(client_id):
            arguments = {"IndexName": APPLICATION_INDEX, "KeyConditionExpression": Key("client_id").eq(recorded)}
            with translated("dynamodb"):
                for item in _pages(self._table.query, arguments):
                    yield str(item["name"])


def _due_first(entry: DueEntry) -> tuple[datetime, str]:
    return entry.next_action_at, entry.name


def _pages(operation: Any, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    start: dict[str, Any] = {}
    while True:
        answer = operation(**arguments, **start)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
