"""The registry in memory and the one on DynamoDB keep the same contract."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.conditional_writes import ConditionalWrites
from tests.contracts.registry_contract import BARE, FULL, INTENT, RegistryContract, due
from tests.fakes.manual_clock import START
from tests.fakes.memory_registry import MemoryRegistry
from tests.packaging.cloudformation import template
from token_refresher.aws.registry_item import DUE_SHARDS, to_item
from token_refresher.aws.registry_table import DUE_INDEX, DUE_INDEX_BEFORE, DynamoDbRegistry
from token_refresher.credential.status import Status
from token_refresher.diagnosis.diagnosis import Actor, Diagnosis
from token_refresher.registry.summary import EntrySummary
from token_refresher.rotation.secret_store import NO_VERSION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class TestMemoryRegistry(RegistryContract):
    @pytest.fixture
    def registry(self) -> MemoryRegistry:
        return MemoryRegistry()


class TestDynamoDbRegistry(RegistryContract, ConditionalWrites):
    first, key, change = BARE, BARE.name, {"failures": 7}

    @pytest.fixture
    def table(self, create_table: Callable[[str], "Table"]) -> "Table":
        return create_table("CredentialsTable")

    @pytest.fixture
    def registry(self, table: "Table") -> DynamoDbRegistry:
        return DynamoDbRegistry(table)

    @pytest.fixture
    def place(self, registry: DynamoDbRegistry) -> DynamoDbRegistry:
        return registry

    def test_every_page_of_the_table_is_read(self, registry: DynamoDbRegistry) -> None:
        # A page of DynamoDB ends at one megabyte.
        diagnosis = replace(FULL.diagnosis, cause="x" * 300_000) if FULL.diagnosis else None
        for number in range(5):
            registry.save(replace(FULL, name=f"credential-{number}", diagnosis=diagnosis))
        assert len({entry.name for entry in registry.overview()}) == 5

    @pytest.mark.parametrize(
        ("broken", "version_id"),
        [
            pytest.param("SET #field = :broken", FULL.version_id, id="with an unknown status"),
            pytest.param("SET expires_at = :broken", FULL.version_id, id="with an invalid time"),
            pytest.param("SET refresh_token_issued_at = :broken", FULL.version_id, id="with another invalid time"),
            pytest.param("SET refresh_token_expires_at = :broken", FULL.version_id, id="with an invalid end"),
            pytest.param("REMOVE #field", FULL.version_id, id="without a status"),
            pytest.param("REMOVE version_id", NO_VERSION, id="without a version"),
        ],
    )
    def test_an_unreadable_item_is_in_the_overview_and_hides_no_other(
        self, registry: DynamoDbRegistry, table: "Table", broken: str, version_id: str
    ) -> None:
        registry.save(replace(FULL, name="another"))
        registry.save(FULL)
        names = {"ExpressionAttributeNames": {"#field": "status"}} if "#field" in broken else {}
        values = {"ExpressionAttributeValues": {":broken": "nothing"}} if ":broken" in broken else {}
        arguments: dict[str, Any] = {**names, **values}
        table.update_item(Key={"name": FULL.name}, UpdateExpression=broken, **arguments)
        overview = {entry.name: entry for entry in registry.overview()}
        assert overview.keys() == {FULL.name, "another"}
        assert overview[FULL.name].version_id == version_id

    def test_an_unreadable_item_counts_as_newly_discovered(self, registry: DynamoDbRegistry, table: "Table") -> None:
        item = {**to_item(FULL), "status": "of a later version"}
        table.put_item(Item=item)
        assert list(registry.overview()) == [EntrySummary(FULL.name, FULL.version_id, Status.AWAITING_CONSENT)]

    def test_an_item_of_an_older_version_has_no_age_of_its_refresh_token(
        self, registry: DynamoDbRegistry, table: "Table"
    ) -> None:
        item = to_item(FULL)
        del item["refresh_token_issued_at"]
        table.put_item(Item=item)
        assert registry.get(FULL.name) == replace(FULL, refresh_token_issued_at=None)
        assert [entry.refresh_token_issued_at for entry in registry.overview()] == [None]

    def test_the_overview_has_the_end_of_a_refresh_token(self, registry: DynamoDbRegistry) -> None:
        registry.save(FULL)
        assert [entry.refresh_token_expires_at for entry in registry.overview()] == [FULL.refresh_token_expires_at]

    def test_a_paused_entry_leaves_the_index(self, registry: DynamoDbRegistry, table: "Table") -> None:
        registry.save(replace(registry.save(BARE), next_action_at=None))
        assert table.scan(IndexName=DUE_INDEX)["Items"] == []

    def test_an_entry_of_an_earlier_version_is_due_until_it_is_written_again(
        self, registry: DynamoDbRegistry, table: "Table"
    ) -> None:
        """It is in the index of that version, which is asked until it is empty."""
        stored = registry.save(BARE)
        item = {**to_item(stored), "scheduled": "yes"}
        del item["due_shard"]
        table.put_item(Item=item)
        for _ in range(2):
            assert due(registry, START) == [BARE.name]
        registry.save(stored)
        assert due(registry, START) == [BARE.name]
        assert table.scan(IndexName=DUE_INDEX_BEFORE)["Items"] == []

    def test_the_shards_share_the_entries(self, registry: DynamoDbRegistry, table: "Table") -> None:
        for number in range(40):
            registry.save(replace(BARE, name=f"credential-{number}"))
        counted = Counter(item["due_shard"] for item in table.scan()["Items"])
        assert counted.keys() == set(DUE_SHARDS)
        assert min(counted.values()) > 10

    def test_the_intent_of_an_exchange_does_not_touch_the_index(self) -> None:
        """A write costs more if it changes what an index has of the item."""
        before, after = to_item(BARE), to_item(BARE.intending(INTENT))
        table = template()["Resources"]["CredentialsTable"]["Properties"]
        [index] = [one for one in table["GlobalSecondaryIndexes"] if one["IndexName"] == DUE_INDEX]
        has = {*index["Projection"]["NonKeyAttributes"], *(key["AttributeName"] for key in index["KeySchema"])}
        assert {key for key in has if before.get(key) != after.get(key)} == set()

    def test_an_item_without_a_revision_may_be_overwritten(self, registry: DynamoDbRegistry, table: "Table") -> None:
        item = to_item(FULL)
        del item["revision"]
        table.put_item(Item=item)
        entry = registry.get(FULL.name)
        assert entry is not None
        assert (entry.revision, entry.status, entry.intent) == (0, Status.AWAITING_CONSENT, None)
        assert registry.save(entry).revision == 1

    def test_a_diagnosis_of_an_older_version_is_read(self, registry: DynamoDbRegistry, table: "Table") -> None:
        """Its code is the name of its meaning; policy must still tell a first consent from a later one."""
        item = to_item(replace(FULL, revision=1))
        item["diagnosis"] = {
            "code": "first_consent",
            "actor": "user",
            "certain": True,
            "cause": "Why.",
            "action": "What to do.",
            "correlation_id": "",
        }
        table.put_item(Item=item)
        entry = registry.get(FULL.name)
        assert entry is not None
        assert entry.diagnosis == Diagnosis(
            "first_consent", Actor.USER, certain=True, cause="Why.", action="What to do.", meaning="first_consent"
        )

    def test_an_unreadable_item_stays_paused(self, registry: DynamoDbRegistry, table: "Table") -> None:
        table.put_item(Item={**to_item(replace(FULL, revision=1, next_action_at=None).paused()), "intent": "nothing"})
        entry = registry.get(FULL.name)
        assert entry is not None
        assert (entry.is_paused, entry.next_action_at) == (True, None)

    def test_an_unreadable_item_keeps_its_revision(self, registry: DynamoDbRegistry, table: "Table") -> None:
        """A process that read the item before it broke must not overwrite a later write."""
        for _ in range(3):
            registry.save(registry.get(FULL.name) or FULL)
        table.update_item(
            Key={"name": FULL.name},
            UpdateExpression="SET intent = :broken",
            ExpressionAttributeValues={":broken": "nothing"},
        )
        entry = registry.get(FULL.name)
        assert entry is not None
        assert (entry.revision, entry.intent) == (3, None)
        assert registry.save(entry).revision == 4

    def test_times_are_stored_as_texts_that_sort_by_time(self, registry: DynamoDbRegistry, table: "Table") -> None:
        registry.save(BARE)
        assert table.scan()["Items"][0]["next_action_at"] == "2026-01-31T09:00:00Z"
        assert START.isoformat() == "2026-01-31T09:00:00+00:00"
