"""Validates credential events against their published schema, in tests and on the local stack."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

SCHEMA: Final = Path(__file__).parents[2] / "docs" / "events.schema.json"


def validate(event: Mapping[str, Any]) -> None:
    """Validate an event as the target of a rule gets it.

    Raises:
        jsonschema.ValidationError: The event does not conform to the schema.
    """
    _validator().validate(event)


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
