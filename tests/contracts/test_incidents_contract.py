"""The incidents in memory and those on DynamoDB keep the same contract."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.contracts.conditional_writes import ConditionalWrites
from tests.contracts.incidents_contract import BARE, FULL, ID, IncidentsContract
from tests.fakes.manual_clock import START
from tests.fakes.memory_incidents import MemoryIncidents
from token_refresher.aws.incidents_table import DynamoDbIncidents
from token_refresher.base.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class TestMemoryIncidents(IncidentsContract):
    @pytest.fixture
    def incidents(self) -> MemoryIncidents:
        return MemoryIncidents()


class TestDynamoDbIncidents(IncidentsContract, ConditionalWrites):
    first, key, change = BARE, ID, {"notifications": 7}

    @pytest.fixture
    def table(self, create_table: Callable[[str], "Table"]) -> "Table":
        return create_table("IncidentsTable")

    @pytest.fixture
    def incidents(self, table: "Table") -> DynamoDbIncidents:
        return DynamoDbIncidents(table)

    @pytest.fixture
    def place(self, incidents: DynamoDbIncidents) -> DynamoDbIncidents:
        return incidents

    def test_dynamodb_removes_an_unchanged_incident_after_more_than_a_year(
        self, incidents: DynamoDbIncidents, table: "Table"
    ) -> None:
        incidents.save(BARE)
        assert float(str(table.scan()["Items"][0]["ttl"])) > START.timestamp() + 365 * 86_400

    def test_a_table_that_does_not_answer_is_unavailable(
        self, incidents: DynamoDbIncidents, table: "Table", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unanswered(**arguments: Any) -> object:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

        monkeypatch.setattr(table, "put_item", unanswered)
        with pytest.raises(ServiceUnavailableError, match="ReadTimeoutError"):
            incidents.save(FULL)

    def test_the_id_of_an_item_has_the_prefix_of_incidents(self, incidents: DynamoDbIncidents, table: "Table") -> None:
        incidents.save(FULL)
        assert table.scan()["Items"][0]["id"] == f"incident#{ID}"

    def test_an_unreadable_incident_counts_as_over(self, incidents: DynamoDbIncidents, table: "Table") -> None:
        incidents.save(incidents.save(BARE).joined_by("search-ads", START))
        table.update_item(
            Key={"id": f"incident#{ID}"},
            UpdateExpression="SET affected = :broken",
            ExpressionAttributeValues={":broken": 7},
        )
        broken = incidents.get(ID)
        assert broken is not None
        assert (broken.is_over, broken.revision) == (True, 2)
        assert incidents.save(broken.next(BARE.event, START)).since == START
