"""The parameters of the built template: what they mean, which values they may have, and whether these fit together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from token_refresher.settings import Settings

_ELSEWHERE = "https://resource.example.com"
"""Stands for what only a deployment can know, such as the address of a queue."""


@dataclass(frozen=True)
class Parameters:
    """The parameters of a template.

    Attributes:
        declared: Each as the template has it.
        environment: The environment of the functions, as the template has it.
    """

    declared: Mapping[str, Mapping[str, Any]]
    environment: Mapping[str, Any]

    @classmethod
    def of(cls, template: Path) -> Self:
        """Read the template that ``sam build`` wrote; it has no short forms of functions."""
        document = yaml.safe_load(template.read_text("utf-8"))
        return cls(document["Parameters"], document["Globals"]["Function"]["Environment"]["Variables"])

    def default(self, name: str) -> str:
        """Return what a parameter is where nobody says anything else."""
        return str(self.declared[name]["Default"])

    def description(self, name: str) -> str:
        """Return what a parameter means."""
        return str(self.declared[name]["Description"])

    def complaint(self, name: str, value: str) -> str:
        """Return what is wrong with a value, in the words of the template, or nothing."""
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
        """Check the numbers as every function does when it starts.

        Args:
            chosen: The parameters that are not left at their defaults.

        Raises:
            ConfigurationError: Holds the arithmetic.
        """

        def value(variable: Any) -> str:
            name = str(variable.get("Ref")) if isinstance(variable, dict) else ""
            if name in self.declared:
                return chosen.get(name, self.default(name))
            return "/a/path" if isinstance(variable, dict) and "Fn::Sub" in variable else _ELSEWHERE

        Settings.from_environment({name: value(variable) for name, variable in self.environment.items()})

    def all_of(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """Return every parameter, so that one that is no longer chosen goes back to its default."""
        return {name: chosen.get(name, self.default(name)) for name in self.declared}
