"""The OpenAPI document of the routes, and requests that are generated from it."""

from typing import Any, Final

import schemathesis
import yaml
from schemathesis import Case, Config
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.stack.toolchain import ROOT

PATH: Final = ROOT / "docs" / "api.yaml"

_CONFORMANCE: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""The checks that every response must pass."""

METHODS: Final = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}


def document() -> dict[str, Any]:
    """Return the document."""
    loaded: dict[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
    return loaded


def operations() -> dict[str, dict[str, Any]]:
    """Return the operations by their method and path, such as ``GET /health``."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def schema() -> Any:
    """Return the document as a schema of schemathesis, without the configuration of this machine."""
    return schemathesis.openapi.from_dict(document(), config=Config())


def validate(case: Case[Any], response: Any, *, may_be_down: bool = False) -> None:
    """Fail if a response does not conform to the document, or is a server error although nothing may be down."""
    case.validate_response(response, checks=_CONFORMANCE if may_be_down else [not_a_server_error, *_CONFORMANCE])
