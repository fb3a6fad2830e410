"""Amazon DynamoDB as the memory of circuits."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from token_refresher.aws_errors import translated
from token_refresher.circuit import Circuit
from token_refresher.clock import optional_from_rfc3339, optional_to_rfc3339
from token_refresher.revisions import put_over, revision_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_KEPT: Final = timedelta(days=1)
"""How long after its last failure a circuit is kept: it counts for an hour, and may be of interest on the day after."""


class DynamoDbCircuits:
    """Items ``circuit#{authority}`` of a table that is keyed by ``id``, with ``ttl`` as its time to live."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def get(self, authority: str) -> Circuit | None:
        """See `Circuits.get`."""
        with translated("dynamodb"):
            item = self._table.get_item(Key={"id": _id(authority)}, ConsistentRead=True).get("Item")
        return None if item is None else from_item(authority, item)

    def save(self, circuit: Circuit) -> Circuit:
        """See `Circuits.save`."""
        written = replace(circuit, revision=circuit.revision + 1)
        put_over(self._table, circuit.revision, to_item(written), lambda: self.get(circuit.authority) == written)
        return written


def _id(authority: str) -> str:
    return f"circuit#{authority}"


def to_item(circuit: Circuit) -> dict[str, Any]:
    """Return a circuit as a DynamoDB item; what is unknown is left out."""
    item: dict[str, Any] = {
        "id": _id(circuit.authority),
        "failing": list(circuit.failing),
        "last_failure_at": optional_to_rfc3339(circuit.last_failure_at),
        "opened_at": optional_to_rfc3339(circuit.opened_at),
        "window_began_at": optional_to_rfc3339(circuit.window_began_at),
        "probes": list(circuit.probes),
        "others": list(circuit.others),
        "revision": circuit.revision,
        "ttl": _ttl(circuit.last_failure_at),
    }
    return {key: value for key, value in item.items() if value is not None}


def _ttl(last_failure_at: datetime | None) -> int | None:
    return int((last_failure_at + _KEPT).timestamp()) if last_failure_at else None


def from_item(authority: str, item: Mapping[str, Any]) -> Circuit:
    """Return the circuit that an item holds; of one that somebody edited no more than the revision, so it is closed."""
    known = Circuit(authority, revision=revision_of(item))
    try:
        return replace(
            known,
            failing=_names(item["failing"]),
            last_failure_at=optional_from_rfc3339(item.get("last_failure_at")),
            opened_at=optional_from_rfc3339(item.get("opened_at")),
            window_began_at=optional_from_rfc3339(item.get("window_began_at")),
            probes=_names(item["probes"]),
            others=_names(item["others"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return known


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("names come in a list")
    return tuple(str(name) for name in value)
