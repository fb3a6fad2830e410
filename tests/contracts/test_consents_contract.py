"""The consents in memory and those on DynamoDB keep the same contract."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.contracts.consents_contract import RESULT, ConsentsContract
from tests.fakes.manual_clock import START
from tests.fakes.memory_consents import MemoryConsents
from token_refresher.aws.consents_table import DynamoDbConsents
from token_refresher.base.errors import ServiceUnavailableError
from token_refresher.consent.pending import LIFETIME, RESULT_LIFETIME, PendingConsent

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

    def test_dynamodb_removes_a_consent_after_its_expiry(
        self, consents: DynamoDbConsents, started: PendingConsent, table: "Table"
    ) -> None:
        assert table.scan()["Items"][0]["ttl"] == int((START + LIFETIME).timestamp())

    def test_dynamodb_removes_a_result_after_an_hour(
        self, consents: DynamoDbConsents, started: PendingConsent, table: "Table"
    ) -> None:
        consents.take(started.state_digest, started.cookie_digest, START)
        consents.remember(started, RESULT, START)
        assert table.scan()["Items"][0]["ttl"] == int((START + RESULT_LIFETIME).timestamp())

    def test_a_second_consent_with_the_same_state_is_refused(
        self, consents: DynamoDbConsents, started: PendingConsent
    ) -> None:
        with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
            consents.start(replace(started, nonce="of another sign-in"))

    def test_a_start_whose_answer_was_lost_can_be_repeated(
        self, consents: DynamoDbConsents, started: PendingConsent
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
        started: PendingConsent,
        table: "Table",
        monkeypatch: pytest.MonkeyPatch,
        method: str,
        use: Callable[[DynamoDbConsents, PendingConsent], object],
    ) -> None:
        def unanswered(**arguments: Any) -> object:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

        monkeypatch.setattr(table, method, unanswered)
        with pytest.raises(ServiceUnavailableError, match="ReadTimeoutError"):
            use(consents, started)

    def test_a_refusal_of_dynamodb_reaches_the_caller_as_it_is(
        self, consents: DynamoDbConsents, started: PendingConsent, table: "Table"
    ) -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            consents.take(started.state_digest, started.cookie_digest, START)
