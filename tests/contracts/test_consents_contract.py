"""The consents in memory and those on DynamoDB keep the same contract."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.contracts.consents_contract import RESULT, ConsentsContract
from tests.fakes.manual_clock import START
from tests.fakes.memory_consents import MemoryConsents
from token_refresher.consents import LIFETIME, RESULT_LIFETIME, StartedConsent
from token_refresher.dynamodb_consents import DynamoDbConsents
from token_refresher.errors import ServiceUnavailableError

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
            consents.start(replace(started, nonce="of another sign-in"))

    def test_a_start_whose_answer_was_lost_can_be_repeated(
        self, consents: DynamoDbConsents, started: StartedConsent
    ) -> None:
        consents.start(started)
        assert consents.take(started.state_digest, started.cookie_digest, START) == started

    @pytest.mark.parametrize(
        ("method", "use"),
        [
            pytest.param("put_item", lambda place, one: place.start(one), id="start"),
            pytest.param("put_item", lambda place, one: place.remember(one, RESULT, START), id="remember"),
            pytest.param("delete_item", lambda place, one: place.take("x", "y", START), id="take"),
            pytest.param("get_item", lambda place, one: place.result("x", "y", START), id="result"),
        ],
    )
    def test_a_table_that_does_not_answer_is_unavailable(
        self,
        consents: DynamoDbConsents,
        started: StartedConsent,
        table: "Table",
        monkeypatch: pytest.MonkeyPatch,
        method: str,
        use: Callable[[DynamoDbConsents, StartedConsent], object],
    ) -> None:
        def unanswered(**arguments: Any) -> object:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

        monkeypatch.setattr(table, method, unanswered)
        with pytest.raises(ServiceUnavailableError, match="ReadTimeoutError"):
            use(consents, started)

    def test_an_error_of_the_table_stays_what_it_is(
        self, consents: DynamoDbConsents, started: StartedConsent, table: "Table"
    ) -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            consents.take(started.state_digest, started.cookie_digest, START)
