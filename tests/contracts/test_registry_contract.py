"""The registry in memory and the one on DynamoDB keep the same contract."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.contracts.registry_contract import BARE, FULL, RegistryContract
from tests.fakes.manual_clock import START
from tests.fakes.memory_registry import MemoryRegistry
from token_refresher.dynamodb_registry import DynamoDbRegistry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class TestMemoryRegistry(RegistryContract):
    @pytest.fixture
    def registry(self) -> MemoryRegistry:
        return MemoryRegistry()


class TestDynamoDbRegistry(RegistryContract):
    @pytest.fixture
    def table(self, create_table: Callable[[str], "Table"]) -> "Table":
        return create_table("CredentialsTable")

    @pytest.fixture
    def registry(self, table: "Table") -> DynamoDbRegistry:
        return DynamoDbRegistry(table)

    def test_every_page_of_the_table_is_read(self, registry: DynamoDbRegistry) -> None:
        # A page of DynamoDB ends at one megabyte.
        diagnosis = replace(FULL.diagnosis, cause="x" * 300_000) if FULL.diagnosis else None
        for number in range(5):
            registry.save(replace(FULL, name=f"credential-{number}", diagnosis=diagnosis), observed=None)
        assert len(dict(registry.versions())) == 5

    def test_a_paused_entry_leaves_the_index(self, registry: DynamoDbRegistry, table: "Table") -> None:
        registry.save(BARE, observed=None)
        registry.save(replace(BARE, next_action_at=None), observed="version-1")
        assert table.scan(IndexName="due")["Items"] == []

    def test_an_error_of_the_table_stays_what_it_is(self, registry: DynamoDbRegistry, table: "Table") -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            registry.save(BARE, observed=None)

    def test_the_times_are_texts_that_sort_as_they_do(self, registry: DynamoDbRegistry, table: "Table") -> None:
        registry.save(BARE, observed=None)
        assert table.scan()["Items"][0]["next_action_at"] == "2026-01-31T09:00:00Z"
        assert START.isoformat() == "2026-01-31T09:00:00+00:00"
