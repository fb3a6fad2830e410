"""The operator's answers to ``make deploy``, in a file beside ``samconfig.toml`` that git ignores."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_HEAD = """\
# Your answers to "make deploy", which deploys with them again. To change or to add a parameter (docs/deploy.md), edit
# this file and run "make deploy" again. A parameter that is not here has its default.
version = 0.1
"""


class UnreadableAnswersError(Exception):
    """The file is no TOML, or lacks what `Answers.write` writes."""


@dataclass(frozen=True)
class Answers:
    """The stack to deploy, and its parameters.

    Attributes:
        stack: The name of the stack.
        region: The Region.
        parameters: The parameters that differ from their defaults.
    """

    stack: str
    region: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return the answers in a file, or ``None`` if there is no file.

        Raises:
            UnreadableAnswersError: The file cannot be read; the message says why.
        """
        if not file.exists():
            return None
        try:
            given = tomllib.loads(file.read_text("utf-8"))["default"]["deploy"]["parameters"]
            pairs = [str(override).partition("=") for override in given.get("parameter_overrides", [])]
            return cls(given["stack_name"], given["region"], {name: value for name, _, value in pairs})
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableAnswersError(
                f"{file} cannot be read ({error}). Correct it, or remove it to be asked again."
            ) from None

    def write(self, file: Path) -> None:
        """Write the answers to a file, in the form of ``samconfig.toml``."""
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
    """Return a TOML string; for the characters that a parameter may have, a JSON string is the same."""
    return json.dumps(value, ensure_ascii=False)
