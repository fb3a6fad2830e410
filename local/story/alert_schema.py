"""Validates alerts against their published schema, in tests and on the local stack."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

SCHEMA: Final = Path(__file__).parents[2] / "docs" / "alert.schema.json"


def validate(alert: Mapping[str, Any]) -> None:
    """Validate an alert.

    Raises:
        jsonschema.ValidationError: The alert does not conform to the schema.
    """
    _validator().validate(alert)


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
