"""The published schemas of alerts and of credential events: tests and the local stack validate against them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

_DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Schema:
    """A JSON Schema in a file."""

    path: Path

    def validate(self, message: Mapping[str, Any]) -> None:
        """Validate a message.

        Raises:
            jsonschema.ValidationError: The message does not conform to the schema.
        """
        self._validator.validate(message)

    @cached_property
    def _validator(self) -> Draft202012Validator:
        schema = json.loads(self.path.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


ALERT_SCHEMA: Final = Schema(_DOCS / "alert.schema.json")
EVENT_SCHEMA: Final = Schema(_DOCS / "events.schema.json")
"""An event as the target of a rule gets it."""
