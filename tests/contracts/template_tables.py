"""The tables of the template as arguments of CreateTable, so that the contracts run on the deployed tables."""

from functools import cache
from typing import Any

from tests.packaging.cloudformation import template


@cache
def table_properties(logical_id: str) -> dict[str, Any]:
    """Return the keys and the indexes of a table, by its name in the template."""
    properties = template()["Resources"][logical_id]["Properties"]
    taken = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
    return {"BillingMode": "PAY_PER_REQUEST"} | {key: properties[key] for key in taken if key in properties}
