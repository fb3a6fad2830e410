"""The published schema of alerts: whatever is sent to the topic, in tests and on this machine, is held against it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

SCHEMA: Final = Path(__file__).parents[1] / "docs" / "alert.schema.json"


def validate(alert: Mapping[str, Any]) -> None:
    """Hold an alert against the schema.

    Raises:
        jsonschema.ValidationError: It is not as it was promised.
    """
    _validator().validate(alert)


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
