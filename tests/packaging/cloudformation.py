"""Reads template.yaml, with CloudFormation's tags."""

import re
from typing import Any

import yaml

from local.stack.toolchain import ROOT


class _Loader(yaml.SafeLoader):
    """Reads the short form ``!Ref X`` as ``{"Ref": "X"}``, and all other short forms in the same way."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _:
            raise TypeError(node)
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)


def template() -> dict[str, Any]:
    """Return the template as a document."""
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader=_Loader)  # noqa: S506 - A SafeLoader.
    return loaded


def filled_in(text: str) -> str:
    """Return the text of an ``!Sub`` with the defaults of parameters, and with the names of all other references.

    Raises:
        KeyError: The text names what the template does not have.
    """
    document = template()

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in document["Parameters"]:
            return str(document["Parameters"][name]["Default"])
        if not name.startswith("AWS::"):
            document["Resources"][name.partition(".")[0]]
        return name

    return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", value, text)


def default_environment() -> dict[str, str]:
    """Return the environment of the functions if every parameter has its default."""
    document = template()
    parameters, variables = document["Parameters"], document["Globals"]["Function"]["Environment"]["Variables"]

    def value(variable: Any) -> str:
        if isinstance(variable, dict) and variable.get("Ref") in parameters:
            return str(parameters[variable["Ref"]]["Default"])
        if isinstance(variable, dict) and str(variable.get("Fn::Sub", "")).startswith("/"):
            return str(variable["Fn::Sub"]).replace("${AWS::StackName}", "my-stack")
        return "https://resource.example.com"

    return {name: value(variable) for name, variable in variables.items()}
