"""The circuits in memory and those on DynamoDB keep the same contract."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from tests.contracts.circuits_contract import AUTHORITY, BARE, FULL, CircuitsContract
from tests.fakes.manual_clock import START
from tests.fakes.memory_circuits import MemoryCircuits
from token_refresher.circuit import Circuit
from token_refresher.dynamodb_circuits import DynamoDbCircuits
from token_refresher.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class TestMemoryCircuits(CircuitsContract):
    @pytest.fixture
    def circuits(self) -> MemoryCircuits:
        return MemoryCircuits()


class TestDynamoDbCircuits(CircuitsContract):
    @pytest.fixture
    def table(self, create_table: Callable[[str], "Table"]) -> "Table":
        return create_table("IncidentsTable")

    @pytest.fixture
    def circuits(self, table: "Table") -> DynamoDbCircuits:
        return DynamoDbCircuits(table)

    def test_an_item_is_told_from_the_others_of_its_table(self, circuits: DynamoDbCircuits, table: "Table") -> None:
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

    def test_an_error_of_the_table_stays_what_it_is(self, circuits: DynamoDbCircuits, table: "Table") -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            circuits.save(BARE)

    def test_a_write_that_took_effect_and_went_unanswered_is_repeated_by_the_client(
        self, circuits: DynamoDbCircuits, table: "Table", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What botocore does, with the condition that the first try has met already."""
        stored, put_item = circuits.save(FULL), table.put_item

        def unanswered_and_repeated(**arguments: Any) -> object:
            put_item(**arguments)
            return put_item(**arguments)

        monkeypatch.setattr(table, "put_item", unanswered_and_repeated)
        assert circuits.save(stored.worked()) == replace(stored.worked(), revision=stored.revision + 1)

    def test_a_write_that_took_effect_and_went_unanswered_for_good_can_be_made_again(
        self, circuits: DynamoDbCircuits, table: "Table", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored, put_item = circuits.save(FULL), table.put_item

        def unanswered(**arguments: Any) -> object:
            put_item(**arguments)
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

        with monkeypatch.context() as patch:
            patch.setattr(table, "put_item", unanswered)
            with pytest.raises(ServiceUnavailableError, match="ReadTimeoutError"):
                circuits.save(stored.worked())
        assert circuits.save(stored.worked()) == circuits.get(AUTHORITY)

    @pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
    def test_a_table_that_asks_for_patience_is_unavailable(
        self, circuits: DynamoDbCircuits, table: "Table", code: str
    ) -> None:
        with Stubber(table.meta.client) as stub:
            stub.add_client_error("get_item", code)
            with pytest.raises(ServiceUnavailableError) as caught:
                circuits.get(AUTHORITY)
        assert (caught.value.call, caught.value.code) == ("dynamodb.GetItem", code)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("failing", 5, id="names that are none"),
            pytest.param("opened_at", "yesterday", id="a time that is none"),
            pytest.param("window_began_at", "2026-01-31T09:00:00", id="a time without an offset"),
            pytest.param("last_failure_at", 12, id="a time that is a number"),
            pytest.param("probes", "many", id="a text in place of names"),
        ],
    )
    def test_an_item_that_somebody_broke_is_closed_and_keeps_its_revision(
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

    def test_an_item_without_a_revision_is_as_good_as_none(self, circuits: DynamoDbCircuits, table: "Table") -> None:
        table.put_item(Item={"id": f"circuit#{AUTHORITY}"})
        stored = circuits.get(AUTHORITY)
        assert stored == BARE
        assert circuits.save(stored).revision == 1
