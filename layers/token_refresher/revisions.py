"""Writes to DynamoDB that take effect only if nobody has written since: compare-and-swap on a revision."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from token_refresher.aws_errors import translated
from token_refresher.errors import StaleObservationError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def put_over(table: "Table", revision: int, item: Mapping[str, Any], is_stored: Callable[[], bool]) -> None:
    """Put an item in place of the one with a revision; 0 stands for none.

    Args:
        table: Where to.
        revision: Of what the item was made from.
        item: With its own revision.
        is_stored: Returns whether what is stored now is what was to be written. A write that took effect and went
            unanswered is repeated by the client, and meets itself.

    Raises:
        StaleObservationError: Somebody has written since.
        ServiceUnavailableError: DynamoDB did not do it, or could not say so.
    """
    # A row without a revision is of an older version of this software, or none of ours, and is as good as none.
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
    """Return the revision of an item, also of one that nothing else can be read of; 0 where it has none."""
    revision = item.get("revision")
    return int(revision) if isinstance(revision, Decimal) else 0
