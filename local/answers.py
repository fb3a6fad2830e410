"""What somebody answered to ``make deploy``: a file beside ``samconfig.toml`` that git ignores."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_HEAD = """\
# What you answered to "make deploy", which repeats it. To change or to add a parameter (docs/deploy.md), write it here
# and run that again; one that is not here has its default.
version = 0.1
"""


class UnreadableAnswersError(Exception):
    """The file is not one that `Answers.write` writes, or that somebody has edited with care."""


@dataclass(frozen=True)
class Answers:
    """What is deployed, and where.

    Attributes:
        stack: The name of the stack.
        region: The Region.
        parameters: The parameters that are not left at their defaults.
    """

    stack: str
    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Read the answers; ``None`` where there are none yet.

        Raises:
            UnreadableAnswersError: Says what is wrong.
        """
        if not file.exists():
            return None
        try:
            given = tomllib.loads(file.read_text("utf-8"))["default"]["deploy"]["parameters"]
            pairs = [str(override).partition("=") for override in given.get("parameter_overrides", [])]
            return cls(given["stack_name"], given["region"], {name: value for name, _, value in pairs})
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableAnswersError(
                f"{file} cannot be read ({error}). Mend it, or remove it to be asked again."
            ) from None

    def write(self, file: Path) -> None:
        """Write the answers, in the form of ``samconfig.toml``."""
        overrides = "".join(f"  {_text(f'{name}={value}')},\n" for name, value in self.parameters.items())
        lines = [
            _HEAD,
            "[default.deploy.parameters]",
            f"stack_name = {_text(self.stack)}",
            f"region = {_text(self.region)}",
            f"parameter_overrides = [\n{overrides}]",
        ]
        file.write_text("\n".join(lines) + "\n", "utf-8")


def _text(value: str) -> str:
    """Write a TOML text; for what a parameter may hold JSON writes the same."""
    return json.dumps(value, ensure_ascii=False)
