"""The parameters of the built template: their descriptions, their groups, and checks of their values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import yaml

from token_refresher.entrypoints.settings import Settings
from tools.deploy.capacity import Capacity

_ELSEWHERE = "https://resource.example.com"
"""Stands for values that only a deployment has, such as the URL of a queue."""

_INTERFACE = "AWS::CloudFormation::Interface"


@dataclass(frozen=True)
class Group:
    """Parameters that belong together, as the CloudFormation console shows them.

    Attributes:
        label: The heading of the group.
        names: The names of its parameters.
    """

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Parameters:
    """The parameters of a template.

    Attributes:
        declared: The declaration of each parameter in the template.
        environment: The environment of the functions in the template.
        groups: The groups of the parameters. The first one has those that every installation decides.
    """

    declared: Mapping[str, Mapping[str, Any]]
    environment: Mapping[str, Any]
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, template: Path) -> Self:
        """Read the template that ``sam build`` wrote, in which no function has its short form (``!Ref``)."""
        document = yaml.safe_load(template.read_text("utf-8"))
        groups = tuple(
            Group(group["Label"]["default"], tuple(group["Parameters"]))
            for group in document["Metadata"][_INTERFACE]["ParameterGroups"]
        )
        return cls(document["Parameters"], document["Globals"]["Function"]["Environment"]["Variables"], groups)

    def default(self, name: str) -> str:
        """Return the default of a parameter."""
        return str(self.declared[name]["Default"])

    def description(self, name: str) -> str:
        """Return the description of a parameter."""
        return str(self.declared[name]["Description"])

    def complaint(self, name: str, value: str) -> str:
        """Return what is wrong with a value, in the words of the template, or an empty text."""
        declared = self.declared.get(name)
        if declared is None:
            return f"the template has no parameter {name}"
        if declared["Type"] == "Number":
            low, high = declared.get("MinValue", 0), declared.get("MaxValue", float("inf"))
            if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
                return f"{name} must be a number from {low} to {high}"
        allowed = [str(one) for one in declared.get("AllowedValues", [])]
        if allowed and value not in allowed:
            return f"{name} must be one of {', '.join(allowed)}"
        pattern = declared.get("AllowedPattern")
        if pattern and not re.fullmatch(pattern, value):
            return f"{name} {declared['ConstraintDescription']}"
        return ""

    def check_timing(self, chosen: Mapping[str, str]) -> None:
        """Check that the numbers fit together, as every function does when it starts, and to the quota of AWS.

        Args:
            chosen: The parameters that differ from their defaults.

        Raises:
            ConfigurationError: They do not; the message has the arithmetic.
        """

        def value(variable: Any) -> str:
            name = str(variable.get("Ref")) if isinstance(variable, dict) else ""
            if name in self.declared:
                return chosen.get(name, self.default(name))
            return "/a/path" if isinstance(variable, dict) and "Fn::Sub" in variable else _ELSEWHERE

        settings = Settings.from_environment({name: value(variable) for name, variable in self.environment.items()})
        concurrency, milliseconds, fleet = (
            int(chosen.get(name, self.default(name)))
            for name in ("RefreshConcurrency", "ShortestRefreshMilliseconds", "FleetSize")
        )
        Capacity(concurrency, timedelta(milliseconds=milliseconds), fleet).check(settings.timing)

    def all_of(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Return a value for every parameter, so that one that is no longer chosen goes back to its default."""
        return {name: chosen.get(name, self.default(name)) for name in self.declared}
