"""The circuits in memory and those on DynamoDB keep the same contract."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.circuits_contract import AUTHORITY, BARE, FULL, CircuitsContract
from tests.contracts.conditional_writes import ConditionalWrites
from tests.fakes.manual_clock import START
from tests.fakes.memory_circuits import MemoryCircuits
from token_refresher.aws.circuits_table import DynamoDbCircuits
from token_refresher.refresh.circuit import Circuit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class TestMemoryCircuits(CircuitsContract):
    @pytest.fixture
    def circuits(self) -> MemoryCircuits:
        return MemoryCircuits()


class TestDynamoDbCircuits(CircuitsContract, ConditionalWrites):
    first, key, change = FULL, AUTHORITY, {"failing": ()}

    @pytest.fixture
    def table(self, create_table: Callable[[str], "Table"]) -> "Table":
        return create_table("IncidentsTable")

    @pytest.fixture
    def circuits(self, table: "Table") -> DynamoDbCircuits:
        return DynamoDbCircuits(table)

    @pytest.fixture
    def place(self, circuits: DynamoDbCircuits) -> DynamoDbCircuits:
        return circuits

    def test_the_id_of_an_item_has_the_prefix_of_circuits(self, circuits: DynamoDbCircuits, table: "Table") -> None:
        circuits.save(FULL)
        assert [item["id"] for item in table.scan()["Items"]] == [f"circuit#{AUTHORITY}"]

    @pytest.mark.parametrize(
        "circuit", [pytest.param(FULL, id="while it is open"), pytest.param(FULL.worked(), id="once it is closed")]
    )
    def test_an_item_lives_for_a_day_after_the_last_failure(
        self, circuits: DynamoDbCircuits, table: "Table", circuit: Circuit
    ) -> None:
        circuits.save(circuit)
        assert table.scan()["Items"][0]["ttl"] == int(START.timestamp()) + 24 * 60 * 60

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("failing", 5, id="names that are a number"),
            pytest.param("opened_at", "yesterday", id="a time that is a word"),
            pytest.param("window_began_at", "2026-01-31T09:00:00", id="a time without an offset"),
            pytest.param("last_failure_at", 12, id="a time that is a number"),
            pytest.param("probes", "many", id="names that are a text"),
        ],
    )
    def test_an_unreadable_item_is_a_closed_circuit_with_its_revision(
        self, circuits: DynamoDbCircuits, table: "Table", name: str, value: Any
    ) -> None:
        circuits.save(circuits.save(FULL))
        table.update_item(
            Key={"id": f"circuit#{AUTHORITY}"},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": value},
        )
        assert circuits.get(AUTHORITY) == replace(BARE, revision=2)

    def test_an_item_without_a_revision_may_be_overwritten(self, circuits: DynamoDbCircuits, table: "Table") -> None:
        table.put_item(Item={"id": f"circuit#{AUTHORITY}"})
        stored = circuits.get(AUTHORITY)
        assert stored == BARE
        assert circuits.save(stored).revision == 1
