"""Amazon DynamoDB as the store of circuits."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from token_refresher.aws.conditional_put import conditional_put, revision_of
from token_refresher.aws.errors import translated
from token_refresher.base.clock import optional_from_rfc3339, optional_to_rfc3339
from token_refresher.refresh.circuit import Circuit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_KEPT: Final = timedelta(days=1)
"""How long a circuit is kept after its last failure. It has an effect for an hour; an operator may read it next day."""


class DynamoDbCircuits:
    """The items ``circuit#{authority}`` of the table ``incidents``, keyed by ``id``, with ``ttl`` as time to live."""

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
        conditional_put(self._table, circuit.revision, to_item(written), lambda: self.get(circuit.authority) == written)
        return written


def _id(authority: str) -> str:
    return f"circuit#{authority}"


def to_item(circuit: Circuit) -> dict[str, Any]:
    """Return a circuit as a DynamoDB item, without the attributes that are ``None``."""
    item: dict[str, Any] = {
        "id": _id(circuit.authority),
        "failing": list(circuit.failing),
        "last_failure_at": optional_to_rfc3339(circuit.last_failure_at),
        "silent_since": optional_to_rfc3339(circuit.silent_since),
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
    """Return the circuit in an item; an item that cannot be read gives a closed circuit with the item's revision."""
    known = Circuit(authority, revision=revision_of(item))
    try:
        return replace(
            known,
            failing=_names(item["failing"]),
            last_failure_at=optional_from_rfc3339(item.get("last_failure_at")),
            silent_since=optional_from_rfc3339(item.get("silent_since")),
            opened_at=optional_from_rfc3339(item.get("opened_at")),
            window_began_at=optional_from_rfc3339(item.get("window_began_at")),
            probes=_names(item["probes"]),
            others=_names(item["others"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return known


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("names must be a list")
    return tuple(str(name) for name in value)
