"""The consents in memory and those on DynamoDB keep the same contract."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.contracts.consents_contract import RESULT, ConsentsContract
from tests.fakes.manual_clock import START
from tests.fakes.memory_consents import MemoryConsents
from token_refresher.consents import LIFETIME, RESULT_LIFETIME, StartedConsent
from token_refresher.dynamodb_consents import DynamoDbConsents

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class TestMemoryConsents(ConsentsContract):
    @pytest.fixture
    def consents(self) -> MemoryConsents:
        return MemoryConsents()


class TestDynamoDbConsents(ConsentsContract):
    @pytest.fixture
    def table(self, create_table: Callable[[str], "Table"]) -> "Table":
        return create_table("ConsentsTable")

    @pytest.fixture
    def consents(self, table: "Table") -> DynamoDbConsents:
        return DynamoDbConsents(table)

    def test_a_consent_is_removed_by_dynamodb_when_it_is_too_late(
        self, consents: DynamoDbConsents, started: StartedConsent, table: "Table"
    ) -> None:
        assert table.scan()["Items"][0]["ttl"] == int((START + LIFETIME).timestamp())

    def test_a_result_is_removed_by_dynamodb_after_the_hour(
        self, consents: DynamoDbConsents, started: StartedConsent, table: "Table"
    ) -> None:
        consents.take(started.state_digest, started.cookie_digest, START)
        consents.remember(started, RESULT, START)
        assert table.scan()["Items"][0]["ttl"] == int((START + RESULT_LIFETIME).timestamp())

    def test_a_state_is_never_started_twice(self, consents: DynamoDbConsents, started: StartedConsent) -> None:
        with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
            consents.start(started)

    def test_an_error_of_the_table_stays_what_it_is(
        self, consents: DynamoDbConsents, started: StartedConsent, table: "Table"
    ) -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            consents.take(started.state_digest, started.cookie_digest, START)
