"""The contract of every adapter with conditional writes to DynamoDB."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from token_refresher.base.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class ConditionalWrites:
    """Inherited by the test class of each adapter, which has the fixtures ``table`` and ``place``, and the records.

    Attributes:
        first: A record to be stored.
        key: What it is found by.
        change: What the next record differs in.
    """

    first: Any
    key: str
    change: dict[str, Any]

    def test_a_refusal_of_dynamodb_reaches_the_caller_as_it_is(self, place: Any, table: "Table") -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            place.save(self.first)

    def test_a_write_whose_answer_is_lost_and_that_botocore_repeats_succeeds(
        self, place: Any, table: "Table", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The repeated write of botocore meets its own first try, so its condition fails."""
        stored, put_item = place.save(self.first), table.put_item

        def lose_the_answer_and_repeat(**arguments: Any) -> object:
            put_item(**arguments)
            return put_item(**arguments)

        monkeypatch.setattr(table, "put_item", lose_the_answer_and_repeat)
        changed = replace(stored, **self.change)
        assert place.save(changed) == replace(changed, revision=stored.revision + 1)

    def test_a_write_whose_answer_is_lost_for_good_can_be_made_again(
        self, place: Any, table: "Table", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored, put_item = place.save(self.first), table.put_item
        changed = replace(stored, **self.change)

        def unanswered(**arguments: Any) -> object:
            put_item(**arguments)
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

        with monkeypatch.context() as patch:
            patch.setattr(table, "put_item", unanswered)
            with pytest.raises(ServiceUnavailableError, match="ReadTimeoutError"):
                place.save(changed)
        assert place.save(changed) == place.get(self.key)

    @pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
    @pytest.mark.parametrize(("operation", "method"), [("GetItem", "get_item"), ("PutItem", "put_item")])
    def test_a_throttled_table_is_unavailable(
        self, place: Any, table: "Table", code: str, operation: str, method: str
    ) -> None:
        with Stubber(table.meta.client) as stub:
            stub.add_client_error(method, code)
            with pytest.raises(ServiceUnavailableError) as caught:
                place.get(self.key) if operation == "GetItem" else place.save(self.first)
        assert (caught.value.call, caught.value.code, caught.value.passing) == (f"dynamodb.{operation}", code, True)
