"""The tables of the template, as the arguments of CreateTable: the contracts run on what is really deployed."""

from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class _CloudFormationLoader(yaml.SafeLoader):
    """Reads intrinsic functions such as ``!Ref`` as what they are written on."""


def _untagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            return loader.construct_mapping(node, deep=True)
    raise AssertionError(node)


_CloudFormationLoader.add_multi_constructor("!", _untagged)


def table_properties(logical_id: str) -> dict[str, Any]:
    """Return the keys and the indexes of a table, by its name in the template."""
    # A subclass of the safe loader: it makes nothing but plain values.
    template = yaml.load(TEMPLATE.read_text("utf-8"), Loader=_CloudFormationLoader)  # noqa: S506
    properties = template["Resources"][logical_id]["Properties"]
    taken = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
    return {"BillingMode": "PAY_PER_REQUEST"} | {key: properties[key] for key in taken if key in properties}
