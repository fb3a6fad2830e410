"""A DynamoDB table on a boto3 client, with Python values; boto3's resource would add 34 ms to a cold start."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.transform import TransformationInjector, copy_dynamodb_params

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table


class _Table:
    """The operations of `boto3.resource("dynamodb").Table` that the adapters use."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self.meta = SimpleNamespace(client=client)
        self.name = name

    def get_item(self, **arguments: Any) -> Any:
        return self._client.get_item(TableName=self.name, **arguments)

    def put_item(self, **arguments: Any) -> Any:
        return self._client.put_item(TableName=self.name, **arguments)

    def delete_item(self, **arguments: Any) -> Any:
        return self._client.delete_item(TableName=self.name, **arguments)

    def query(self, **arguments: Any) -> Any:
        return self._client.query(TableName=self.name, **arguments)

    def scan(self, **arguments: Any) -> Any:
        return self._client.scan(TableName=self.name, **arguments)


def with_python_values(client: "DynamoDBClient") -> "DynamoDBClient":
    """Make a client translate values and conditions as boto3's resource does, and return the client.

    Source: ``boto3.dynamodb.transform.DynamoDBHighLevelResource``, which registers the same handlers.
    """
    events, injector = client.meta.events, TransformationInjector()
    events.register("provide-client-params.dynamodb", copy_dynamodb_params, unique_id="copy")
    events.register("before-parameter-build.dynamodb", injector.inject_condition_expressions, unique_id="conditions")
    events.register("before-parameter-build.dynamodb", injector.inject_attribute_value_input, unique_id="values")
    events.register("after-call.dynamodb", injector.inject_attribute_value_output, unique_id="answer")
    return client


def dynamodb_table(client: "DynamoDBClient", name: str) -> "Table":
    """Return a table on a client that `with_python_values` has returned."""
    return cast("Table", _Table(client, name))
