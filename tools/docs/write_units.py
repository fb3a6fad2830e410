"""The size of an item of DynamoDB, and the write units of a change, by the rules of DynamoDB.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

_UNIT: Final = 1024


def item_size(item: Mapping[str, Any]) -> int:
    """Return the size of an item in bytes: the names of its attributes and their values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: object) -> int:
    match value:
        case None | bool():
            return 1
        case str():
            return len(value.encode())
        case int():
            return 1 + ceil(len(str(abs(value)).rstrip("0")) / 2)
        case Mapping():
            return 3 + sum(1 + len(str(name).encode()) + _size(one) for name, one in value.items())
        case list() | tuple():
            return 3 + sum(1 + _size(one) for one in value)
        case _:
            raise TypeError(type(value))


def written(table: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Return the write units of replacing one item by another, in the table and in its indexes.

    Args:
        table: The properties of the table in the template.
        before: The item that was there.
        after: The item that replaces it.
    """
    indexes = table.get("GlobalSecondaryIndexes", ())
    return _units(before, after) + sum(_of_index(index, table, before, after) for index in indexes)


def _units(*items: Mapping[str, Any]) -> int:
    return max(ceil(item_size(item) / _UNIT) for item in items)


def _of_index(
    index: Mapping[str, Any], table: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> int:
    keys = {key["AttributeName"] for key in index["KeySchema"]}
    projected = keys | {key["AttributeName"] for key in table["KeySchema"]}
    projected |= set(index["Projection"].get("NonKeyAttributes", ()))
    is_whole = index["Projection"]["ProjectionType"] == "ALL"

    def entry(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the item in the index, if it has the keys of the index."""
        kept = {name: value for name, value in item.items() if is_whole or name in projected}
        return kept if keys <= item.keys() else None

    old, new = entry(before), entry(after)
    if old == new:
        return 0
    if old and new and all(old[key] == new[key] for key in keys):
        return _units(old, new)
    return sum(_units(item) for item in (old, new) if item)
