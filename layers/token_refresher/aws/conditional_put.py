"""Compare-and-swap in DynamoDB: a write takes effect only if the item still has the revision that was read."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from token_refresher.aws.errors import translated
from token_refresher.base.errors import StaleObservationError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def conditional_put(table: "Table", revision: int, item: Mapping[str, Any], is_stored: Callable[[], bool]) -> None:
    """Replace the item that has a revision; revision 0 means that there is no item yet.

    Args:
        table: The table.
        revision: The revision that was read.
        item: The new item, with its new revision.
        is_stored: Returns whether the table holds the new item now. If the answer to a write is lost, botocore repeats
            the write, and the condition fails on the item that the first try stored.

    Raises:
        StaleObservationError: Another process has written the item since it was read.
        ServiceUnavailableError: DynamoDB did not write the item, or the answer was lost.
    """
    # An item without a revision comes from an older version of this software or from a person: it may be overwritten.
    unseen = Attr("revision").not_exists()
    condition: ConditionBase = Attr("revision").eq(revision) if revision else unseen
    try:
        with translated("dynamodb"):
            table.put_item(Item=dict(item), ConditionExpression=condition)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        if not is_stored():
            raise StaleObservationError from error


def revision_of(item: Mapping[str, Any]) -> int:
    """Return the revision of an item, or 0 if it has none; needs no other attribute of the item."""
    revision = item.get("revision")
    return int(revision) if isinstance(revision, Decimal) else 0
