"""What every adapter does whose writes to DynamoDB are conditional on a revision."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from token_refresher.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class ConditionalWrites:
    """Inherited by one test class an adapter; it brings the fixtures ``table`` and ``place``, and the records.

    Attributes:
        first: A record to be stored.
        key: What it is found by.
        change: What the next record differs in.
    """

    first: Any
    key: str
    change: dict[str, Any]

    def test_an_error_of_the_table_stays_what_it_is(self, place: Any, table: "Table") -> None:
        table.delete()
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            place.save(self.first)

    def test_a_write_that_took_effect_and_went_unanswered_is_repeated_by_the_client(
        self, place: Any, table: "Table", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What botocore does, with the condition that the first try has met already."""
        stored, put_item = place.save(self.first), table.put_item

        def unanswered_and_repeated(**arguments: Any) -> object:
            put_item(**arguments)
            return put_item(**arguments)

        monkeypatch.setattr(table, "put_item", unanswered_and_repeated)
        changed = replace(stored, **self.change)
        assert place.save(changed) == replace(changed, revision=stored.revision + 1)

    def test_a_write_that_took_effect_and_went_unanswered_for_good_can_be_made_again(
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
    def test_a_table_that_asks_for_patience_is_unavailable(
        self, place: Any, table: "Table", code: str, operation: str, method: str
    ) -> None:
        with Stubber(table.meta.client) as stub:
            stub.add_client_error(method, code)
            with pytest.raises(ServiceUnavailableError) as caught:
                place.get(self.key) if operation == "GetItem" else place.save(self.first)
        assert (caught.value.call, caught.value.code, caught.value.passing) == (f"dynamodb.{operation}", code, True)
